"""A located sheet to typed records: which rows are data, what each cell says, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ingest.body import FurtherTable, TotalRow, read_body
from ingest.cells import Cell
from ingest.findings import Findings
from ingest.forms import Field
from ingest.issues import make_issue
from ingest.locate import Column, LocatedSheet
from ingest.parsed import Context
from ingest.settings import words
from ingest.text import address
from ingest.values import Parser, parser_for


@dataclass
class Record:
    """One line of a list sheet, or a whole key-value sheet. ``row`` counts from 1; ``wrong`` fields have an issue."""

    row: int
    values: dict[str, Any]
    wrong: set[str] = field(default_factory=set)


@dataclass
class SheetRecords:
    """All records of one sheet, with the sheet they stand in."""

    located: LocatedSheet
    records: list[Record] = field(default_factory=list)
    totals: list[TotalRow] = field(default_factory=list)
    further_tables: list[FurtherTable] = field(default_factory=list)

    def place(self, record: Record, name: str) -> tuple[Column, int]:
        """Column and row (from 0) of a field of a record."""
        column = self.located.columns[name]
        return column, record.row - 1 if self.located.sheet.is_list else column.row


def money_factor(column: Column) -> int:
    """What one unit of the column's stated money unit is worth in yuan."""
    units: dict[str, int] = words()["money_units"]
    return units[column.money_unit] if column.money_unit else 1


def _cell_at(located: LocatedSheet, row: int, column: int) -> Cell:
    rows = located.grid.rows
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def _missing_hint(field_: Field) -> str:
    return "（“是”或“否”）" if field_.type == "boolean" else ""


def _read_cell(
    findings: Findings, located: LocatedSheet, column: Column, parser: Parser, row: int, cell: Cell, context: Context
) -> tuple[Any, bool]:
    """(value, whether an error was found) of one cell."""
    trouble = located.grid.trouble.get((row, column.column)) if located.grid.trouble else None
    if trouble is not None:
        findings.add(trouble.code, located, column, row, trouble.raw)
        return None, True
    if cell == "":
        value, issue, expected = None, None, ""
    else:
        value, issue, expected = parser(cell, context)
    if issue is not None:
        findings.add(issue, located, column, row, cell, expected)
        return value, value is None
    if value is None and column.field.is_required:
        findings.add("value_missing", located, column, row, cell or None, _missing_hint(column.field))
        return None, True
    return value, False


def _note_money_unit(findings: Findings, located: LocatedSheet, column: Column) -> None:
    if money_factor(column) != 1:
        code, unit = "value_repaired", column.money_unit
        findings.add(code, located, column, column.row, column.header, f"以{unit}为单位", at_header=True)


def _read_list(findings: Findings, located: LocatedSheet, context: Context) -> SheetRecords:
    readers = [(column, parser_for(column.field, money_factor(column))) for column in located.columns.values()]
    for column, _ in readers:
        if column.field.type == "money":
            _note_money_unit(findings, located, column)
    body = read_body(findings, located)
    result = SheetRecords(located, totals=body.totals, further_tables=body.further_tables)
    for number, row in body.rows:
        record = Record(number + 1, {})
        for column, parser in readers:
            value, is_wrong = _read_cell(findings, located, column, parser, number, row[column.column], context)
            record.values[column.field.name] = value
            if is_wrong:
                record.wrong.add(column.field.name)
        result.records.append(record)
    return result


def _read_key_value(findings: Findings, located: LocatedSheet, context: Context, skip: frozenset[str]) -> SheetRecords:
    if not located.columns:
        return SheetRecords(located)
    record = Record((located.header_row or 0) + 1, {})
    for name, column in located.columns.items():
        if name in skip:
            continue
        _note_money_unit(findings, located, column)
        parser = parser_for(column.field, money_factor(column))
        cell = _cell_at(located, column.row, column.column)
        value, is_wrong = _read_cell(findings, located, column, parser, column.row, cell, context)
        record.values[name] = value
        if is_wrong:
            record.wrong.add(name)
    return SheetRecords(located, [record])


def _check_columns(findings: Findings, located: LocatedSheet) -> None:
    """Missing required columns are errors, unknown ones are noted."""
    name = located.grid.name
    place = {"sheet": name, "entity": located.sheet.entity}
    if not located.columns:
        findings.add_plain(make_issue("header_missing", sheet=name, entity=located.sheet.entity))
        return
    for field_ in located.sheet.fields:
        if field_.is_required and field_.name not in located.columns:
            row = None if located.header_row is None else located.header_row + 1
            findings.add_plain(
                make_issue(
                    "column_missing",
                    header=field_.header_zh,
                    expected=field_.header_zh,
                    field=field_.name,
                    row=row,
                    **place,
                )
            )
    for row, column, text in located.unknown:
        findings.add_plain(
            make_issue("column_unknown", cell=address(row, column), header=text, raw=text[:80], row=row + 1, **place)
        )


def read_sheet(
    findings: Findings, located: LocatedSheet, context: Context, skip: frozenset[str] = frozenset()
) -> SheetRecords:
    """Typed records of one sheet; issues go to ``findings``. Fields in ``skip`` were read before (unit and period)."""
    _check_columns(findings, located)
    if located.sheet.is_list:
        return _read_list(findings, located, context) if located.columns else SheetRecords(located)
    return _read_key_value(findings, located, context, skip)
