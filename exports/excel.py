"""A mart as Excel workbooks, for people: Chinese headers, Shanghai time, texts that stay texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from exports.folder import ExportRefusedError
from warehouse.catalogue import Column
from warehouse.instants import to_local
from warehouse.tables import looks_like_formula

#: Rows below the header that a sheet of Excel takes, and characters that a cell takes.
SHEET_ROWS = 1_048_575
CELL_CHARACTERS = 32_767
_PIECE = 5_000
_TELL_EVERY = 100_000
_WIDTHS = (8, 40)


def write_workbooks(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    columns: Sequence[Column],
    folder: Path,
    *,
    made_at: datetime,
    tell: Callable[[str], None],
    sheet_rows: int = SHEET_ROWS,
) -> list[tuple[Path, int]]:
    """Write the rows of ``mart`` as ``<mart>.xlsx``, or numbered ones when Excel takes fewer rows; paths and rows.

    ``made_at`` (UTC) stands in the properties, so that the same build gives the same bytes. Raises ExportRefusedError
    for a text that is longer than a cell takes.
    """
    row = connection.execute(f"select count(*) from {mart}").fetchone()  # noqa: S608 — our own names
    total = int(row[0]) if row else 0
    parts = max(1, -(-total // sheet_rows))
    if parts > 1:
        tell(f"{mart} has {total:,} rows and a sheet of Excel takes {sheet_rows:,}: written as {parts} workbooks")
    cursor = connection.execute(f"select * from {mart} order by all")  # noqa: S608
    written = []
    for part in range(1, parts + 1):
        path = folder / (f"{mart}.xlsx" if parts == 1 else f"{mart}-{part}.xlsx")
        count = min(sheet_rows, total - (part - 1) * sheet_rows)
        _write_workbook(cursor, mart, columns, path, count=count, made_at=made_at, tell=tell)
        written.append((path, count))
    return written


def _write_workbook(
    cursor: duckdb.DuckDBPyConnection,
    mart: str,
    columns: Sequence[Column],
    path: Path,
    *,
    count: int,
    made_at: datetime,
    tell: Callable[[str], None],
) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": mart, "created": made_at})
        formats = {
            "header": book.add_format({"bold": True, "bottom": 1}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            # a cell with this mark stays a text when somebody edits it
            "quoted": book.add_format({"quote_prefix": True}),
        }
        sheet = book.add_worksheet("数据")
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, count, len(columns) - 1)
        for index, column in enumerate(columns):
            label = column.label_zh or column.name
            sheet.set_column(index, index, min(max(2 * len(label), _WIDTHS[0]), _WIDTHS[1]))
            sheet.write_string(0, index, label, formats["header"])
        number = 0
        while number < count:
            for row in cursor.fetchmany(min(_PIECE, count - number)):
                number += 1
                for index, value in enumerate(row):
                    _write_cell(sheet, number, index, value, formats, f"{mart}.{columns[index].name}")
                if number % _TELL_EVERY == 0:
                    tell(f"{mart}: {number:,} of {count:,} rows")
        _describe_columns(book.add_worksheet("列说明"), columns, formats)


def _write_cell(sheet: Worksheet, row: int, column: int, value: Any, formats: dict[str, Format], where: str) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, to_local(value).replace(tzinfo=None, microsecond=0), formats["instant"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats["day"])
    else:
        text = str(value)
        if len(text) > CELL_CHARACTERS:
            raise ExportRefusedError(
                f"a text in {where} has {len(text):,} characters and a cell of Excel takes {CELL_CHARACTERS:,}: "
                "take csv or parquet instead"
            )
        sheet.write_string(row, column, text, formats["quoted"] if looks_like_formula(text) else None)


def _describe_columns(sheet: Worksheet, columns: Sequence[Column], formats: dict[str, Format]) -> None:
    for index, title in enumerate(("列名", "字段", "类型", "说明（英文）")):
        sheet.write_string(0, index, title, formats["header"])
        sheet.set_column(index, index, _WIDTHS[1] if index else 24)
    for number, column in enumerate(columns, start=1):
        kind = f"{column.data_type}（北京时间）" if column.data_type.startswith("timestamp") else column.data_type
        for index, text in enumerate((column.label_zh, column.name, kind, column.description)):
            sheet.write_string(number, index, text)
