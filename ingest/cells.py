"""Bytes to cells: every sheet as a grid with true addresses, hidden sheets and hidden errors noticed."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

import python_calamine

from ingest.guard import GuardedFile, GuardError
from ingest.settings import limits
from ingest.sheetxml import Trouble, find_trouble

#: What the reader gives for a cell; the empty string is an empty cell.
Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta


@dataclass(frozen=True)
class Grid:
    """One sheet: ``rows[0][0]`` is A1. ``trouble`` holds cells that only look empty, by (row, column)."""

    name: str
    is_visible: bool
    rows: list[list[Cell]]
    trouble: dict[tuple[int, int], Trouble] = field(default_factory=dict)
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether no cell of the sheet holds anything."""
        return not self.trouble and all(cell == "" for row in self.rows for cell in row)


class ReaderPanicError(Exception):
    """The reader broke down in a way that is no ordinary Python exception."""


def _read_grids(file: GuardedFile, trouble: dict[str, dict[tuple[int, int], Trouble]]) -> list[Grid]:
    limit = limits()["guard"]
    grids: list[Grid] = []
    with python_calamine.load_workbook(io.BytesIO(file.data)) as workbook:
        for meta in workbook.sheets_metadata:
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            height, width = sheet.total_height, sheet.total_width
            if height > limit["max_rows"] or width > limit["max_columns"] or height * width > limit["max_area_cells"]:
                extent = f"“{meta.name}”有 {height} 行、{width} 列"
                raise GuardError("workbook_hostile", expected=extent)
            rows = sheet.to_python(skip_empty_area=False)
            is_visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
            merged = tuple(sheet.merged_cell_ranges or ())
            grids.append(Grid(meta.name, is_visible, rows, trouble.get(meta.name, {}), merged))
    return grids


def read_grids(file: GuardedFile) -> list[Grid]:
    """All sheets of a guarded workbook in order. Raises GuardError or ReaderPanicError."""
    try:
        return _read_grids(file, find_trouble(file))
    except python_calamine.PasswordError as error:
        raise GuardError("workbook_encrypted", kind=file.kind.name_zh) from error
    except python_calamine.CalamineError as error:
        raise GuardError("workbook_damaged", expected=str(error)[:80]) from error
    except GuardError:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the reader is a BaseException
        is_reader = isinstance(error, (ValueError, OSError, OverflowError))
        if not is_reader and type(error).__name__ != "PanicException":
            raise
        raise ReaderPanicError(str(error)) from error
