"""A located sheet to typed records: which rows are data, what each cell says, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.cells import Cell
from ingest.forms import Field
from ingest.issues import Issue, make_issue
from ingest.locate import Column, LocatedSheet
from ingest.parsed import Context, is_missing, show
from ingest.pseudonym import MASK
from ingest.settings import limits, word_pattern, words
from ingest.text import address, compact
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

    def cell(self, record: Record, name: str) -> str | None:
        """Address of a field of a record, None when the sheet has no such column."""
        column = self.located.columns.get(name)
        if column is None:
            return None
        return address(column.row if not self.located.sheet.is_list else record.row - 1, column.column)


class Findings:
    """Collects issues; masks private values and cuts long ones."""

    def __init__(self) -> None:
        """Start with none."""
        self.issues: list[Issue] = []
        self._per_sheet: Counter[str] = Counter()

    def add(
        self,
        code: str,
        located: LocatedSheet,
        column: Column | None = None,
        row: int | None = None,
        raw: Cell | None = None,
        expected: str = "",
        at_header: bool = False,
    ) -> None:
        """Add a finding on a field of a sheet. ``row`` counts from 0; without it the header's place is meant."""
        sheet = located.sheet
        self._per_sheet[sheet.entity] += 1
        if self._per_sheet[sheet.entity] > limits()["read"]["max_issues_per_sheet"]:
            return
        shown = None if raw is None or raw == "" else show(raw)[: limits()["read"]["max_raw_chars"]]
        if column is not None and column.field.is_private:
            shown = MASK if shown is not None else None
            # What a repaired value was read as is as private as what was written.
            expected = MASK if code == "value_repaired" else expected
        cell = None
        if column is not None and row is not None:
            cell = address(row, column.header_column if at_header else column.column)
        self.issues.append(
            make_issue(
                code,
                sheet=located.grid.name,
                cell=cell,
                header=column.field.header_zh if column else None,
                raw=shown,
                expected=expected,
                entity=sheet.entity,
                field=column.field.name if column else None,
                row=None if row is None else row + 1,
            )
        )

    def add_plain(self, issue: Issue) -> None:
        """Add a finding that concerns no field."""
        self.issues.append(issue)


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
        return value, issue != "value_repaired"
    if value is None and column.field.is_required:
        findings.add("value_missing", located, column, row, cell or None, _missing_hint(column.field))
        return None, True
    return value, False


def _note_money_unit(findings: Findings, located: LocatedSheet, column: Column) -> None:
    if money_factor(column) != 1:
        code, unit = "value_repaired", column.money_unit
        findings.add(code, located, column, column.row, column.header, f"以{unit}为单位", at_header=True)


def _drop(findings: Findings, located: LocatedSheet, first: int, last: int, column: int, keyword: str) -> None:
    """Note that rows ``first`` to ``last`` (from 0) hold no data; only the keyword is quoted, never the row."""
    rows = str(first + 1) if first == last else f"{first + 1}-{last + 1}"
    findings.add_plain(
        make_issue(
            "rows_dropped",
            sheet=located.grid.name,
            cell=address(first, column),
            raw=keyword,
            expected=rows,
            entity=located.sheet.entity,
            row=first + 1,
        )
    )


def _keyword(row: list[Cell], pattern: str, among: int) -> tuple[int, str] | None:
    """(column, keyword) when one of the first ``among`` filled cells matches a pattern of ``words.yml``."""
    for column, cell in enumerate(row):
        if cell == "":
            continue
        if isinstance(cell, str):
            match = word_pattern(pattern).match(compact(cell))
            if match:
                return column, match.group()
        among -= 1
        if not among:
            return None
    return None


def _is_nil(cells: list[Cell]) -> bool:
    """Whether every filled cell says nothing (无, /)."""
    return all(isinstance(cell, str) and is_missing(compact(cell)) for cell in cells if cell != "")


def _data_rows(findings: Findings, located: LocatedSheet) -> Iterator[tuple[int, list[Cell]]]:
    """Rows that hold data, with all their cells; subtotals, notes, repeated headers are dropped with a note."""
    columns = list(located.columns.values())
    at = [column.column for column in columns]
    enough = max(3, sum(column.field.is_required for column in columns) // 2)
    trouble_rows = {row for row, column in located.grid.trouble if column in at}
    footer: tuple[int, int, str] | None = None
    last_dropped = 0
    for number in range(located.first_row, len(located.grid.rows)):
        row = located.grid.rows[number]
        cells = [row[column] for column in at if row[column] != ""]
        if not cells and number not in trouble_rows:
            # Notes may stand in a column of their own; without a mapped cell there is nothing to lose.
            continue
        if footer is not None and len(cells) < enough:
            last_dropped = number
            continue
        subtotal = _keyword(row, "subtotal_row", 2)
        note = None if subtotal else _keyword(row, "footer_row", 1)
        if subtotal:
            _drop(findings, located, number, number, *subtotal)
        elif note and footer is None and len(cells) <= max(enough, 4):
            footer, last_dropped = (number, *note), number
        elif cells and _is_nil(cells):
            _drop(findings, located, number, number, at[0], show(cells[0]))
        elif len(cells) > 1 and all(
            row[column.column] == column.header for column in columns if row[column.column] != ""
        ):
            _drop(findings, located, number, number, at[0], "重复的表头")
        else:
            yield number, row
    if footer is not None:
        _drop(findings, located, footer[0], last_dropped, footer[1], footer[2])


def _read_list(findings: Findings, located: LocatedSheet, context: Context) -> SheetRecords:
    readers = [(column, parser_for(column.field, money_factor(column))) for column in located.columns.values()]
    for column, _ in readers:
        if column.field.type == "money":
            _note_money_unit(findings, located, column)
    result = SheetRecords(located)
    for number, row in _data_rows(findings, located):
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
        return _read_list(findings, located, context)
    return _read_key_value(findings, located, context, skip)
