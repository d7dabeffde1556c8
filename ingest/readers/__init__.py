"""Guarded bytes to sheets, one reader for each format; what comes out is the same for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ingest.cells import Cell, Grid, Scanned, Trouble
from ingest.guard import GuardedFile
from ingest.readers import xls, xlsb, xlsx
from ingest.readers.calamine import read_workbook
from ingest.readers.calendar import counts_from_1904
from ingest.readers.csv_tables import read_csv, read_tables
from ingest.readers.json_report import read_json
from ingest.readers.ods import read_ods
from ingest.settings import words

__all__ = ["read_grids"]


_BY_CALAMINE: dict[str, Callable[[GuardedFile], tuple[bytes, dict[str, Scanned]]]] = {
    "xlsx": xlsx.prepare,
    "xlsb": xlsb.prepare,
    "xls": xls.prepare,
}
_OWN: dict[str, Callable[[GuardedFile], list[Grid]]] = {
    "ods": read_ods,
    "csv": read_csv,
    "zip": read_tables,
    "json": read_json,
}


def _without_error_texts(grid: Grid) -> Grid:
    """The grid with texts such as ``#REF!`` taken for what they were: a formula without a result."""
    texts = words()["error_texts"]
    found = {
        (row, column): Trouble("formula_error", cell)
        for row, cells in enumerate(grid.rows)
        for column, cell in enumerate(cells)
        if isinstance(cell, str) and cell[:1] == "#" and cell.strip().upper() in texts
    }
    if not found:
        return grid
    rows: list[list[Cell]] = [
        ["" if (row, column) in found else cell for column, cell in enumerate(cells)]
        for row, cells in enumerate(grid.rows)
    ]
    return replace(grid, rows=rows, trouble={**found, **grid.trouble})


def read_grids(file: GuardedFile) -> list[Grid]:
    """All sheets of a guarded file in order. Raises GuardError or ReaderPanicError."""
    code = file.kind.code
    grids = _OWN[code](file) if code in _OWN else read_workbook(*_BY_CALAMINE[code](file))
    if counts_from_1904(file):
        grids = [replace(grid, counts_from_1904=True) for grid in grids]
    return [_without_error_texts(grid) for grid in grids]
