"""Which rows of a list sheet are data: merged cells are filled down, totals, notes and printed headers set apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.cells import Cell
from ingest.findings import Findings
from ingest.issues import make_issue
from ingest.locate import Column, LocatedSheet
from ingest.parsed import is_missing, show
from ingest.settings import word_pattern
from ingest.text import address, compact

#: Types whose value may stand for several rows: a merged number would be counted once for each of them.
_FILLED_DOWN = frozenset(("text", "date", "code", "code_list", "year", "boolean", "unit_ref", "term_ref", "leader_ref"))
#: Types whose values add up over the rows.
ADDITIVE = frozenset(("count", "money"))
_SUM_FORMULAS = ("=SUM(", "=SUBTOTAL(")
#: A sheet with fewer required columns than this may well have rows of a single cell.
_ENOUGH_REQUIRED = 3


@dataclass(frozen=True)
class FurtherTable:
    """A table that begins again below the first one: its header row (from 0) and the titles above it."""

    header_row: int
    titles: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class TotalRow:
    """A row of totals (from 0) with its cells. A subtotal may cover only the rows since the one before."""

    row: int
    cells: list[Cell]


@dataclass
class Body:
    """What stands below the header of a list sheet; rows count from 0."""

    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    totals: list[TotalRow] = field(default_factory=list)
    further_tables: list[FurtherTable] = field(default_factory=list)


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


def _fill_down(findings: Findings, located: LocatedSheet) -> list[list[Cell]]:
    """Rows of the grid with merged cells of the body filled down their column, and one note per column that had some.

    Only rows with a value of their own are filled: a merged block of notes is no list of records.
    """
    by_column = {column.column: column for column in located.columns.values() if column.field.type in _FILLED_DOWN}
    mapped = [column.column for column in located.columns.values()]
    rows = located.grid.rows
    filled: dict[int, list[int]] = {}
    for (first, left), (last, _) in located.grid.merged:
        if first < located.first_row or last <= first or left not in by_column or last >= len(rows):
            continue
        for row in range(first + 1, last + 1):
            if rows[row][left] == "" and any(rows[row][column] != "" for column in mapped if column != left):
                if rows is located.grid.rows:
                    rows = [list(cells) for cells in rows]
                rows[row][left] = rows[first][left]
                filled.setdefault(left, []).append(first)
    for left, tops in filled.items():
        findings.add("merged_filled", located, by_column[left], tops[0], rows[tops[0]][left], str(len(tops)))
    return rows


class _Reader:
    """Walks the rows below a header once and puts each where it belongs."""

    def __init__(self, findings: Findings, located: LocatedSheet) -> None:
        self.findings, self.located = findings, located
        self.columns = list(located.columns.values())
        self.at = [column.column for column in self.columns]
        required = sum(column.field.is_required for column in self.columns)
        self.enough = max(_ENOUGH_REQUIRED, required // 2)
        self.may_be_single = required < _ENOUGH_REQUIRED
        self.rows = _fill_down(findings, located)
        self.trouble_rows = {row for row, column in located.grid.trouble if column in self.at}
        self.body = Body()

    def cells(self, row: int) -> list[Cell]:
        return [self.rows[row][column] for column in self.at if self.rows[row][column] != ""]

    def read(self) -> Body:
        footer: tuple[int, int, str] | None = None
        last_dropped = 0
        for number in self._candidates():
            row, cells = self.rows[number], self.cells(number)
            if footer is not None and len(cells) < self.enough:
                last_dropped = number
                continue
            note = _keyword(row, "footer_row", 1)
            if self._is_total(number, row):
                continue
            if note and footer is None and len(cells) <= max(self.enough, 4):
                footer, last_dropped = (number, *note), number
            elif cells and _is_nil(cells):
                _drop(self.findings, self.located, number, number, self.at[0], show(cells[0]))
            elif self._is_header(row, cells):
                self._begin_table(number)
            else:
                self.body.rows.append((number, row))
        if footer is not None:
            _drop(self.findings, self.located, footer[0], last_dropped, footer[1], footer[2])
        self._drop_remarks()
        return self.body

    def _candidates(self) -> Iterator[int]:
        for number in range(self.located.first_row, len(self.rows)):
            # Notes may stand in a column of their own; without a mapped cell there is nothing to lose.
            if number in self.trouble_rows or self.cells(number):
                yield number

    def _is_total(self, number: int, row: list[Cell]) -> bool:
        """Set a row of totals apart: by its word, or because it holds nothing but the sums of its columns."""
        keyword = _keyword(row, "subtotal_row", 2)
        if keyword is None and self._holds_only_sums(number):
            keyword = (next(column for column in self.at if self._is_filled(number, column)), "没有名称的合计")
        if keyword is None:
            return False
        _drop(self.findings, self.located, number, number, *keyword)
        self.body.totals.append(TotalRow(number, row))
        return True

    def _is_filled(self, row: int, column: int) -> bool:
        return self.rows[row][column] != "" or (row, column) in self.located.grid.trouble

    def _holds_only_sums(self, number: int) -> bool:
        filled = [column for column in self.columns if self._is_filled(number, column.column)]
        if len(self.body.rows) < 2 or not all(column.field.type in ADDITIVE for column in filled):
            return False
        return all(self._is_sum(number, column.column) for column in filled)

    def _is_sum(self, number: int, column: int) -> bool:
        """Whether a cell is the sum of the numbers above it, or a sum formula that the reader could not read."""
        trouble = self.located.grid.trouble.get((number, column))
        if trouble is not None:
            return trouble.raw.upper().startswith(_SUM_FORMULAS)
        above = [row[column] for _, row in self.body.rows if isinstance(row[column], int | float)]
        return len(above) > 1 and self.rows[number][column] == sum(above)  # type: ignore[arg-type]

    def _is_header(self, row: list[Cell], cells: list[Cell]) -> bool:
        """Whether the header is printed once more in this row."""
        same = [column for column in self.columns if row[column.column] != ""]
        return len(cells) > 1 and all(_is_same_header(row[column.column], column) for column in same)

    def _begin_table(self, number: int) -> None:
        """A header that is printed again begins a table; rows of few cells right above it are its titles."""
        first = number
        while self.body.rows and len(self.cells(self.body.rows[-1][0])) < min(self.enough, 3):
            first = self.body.rows.pop()[0]
        above = self.body.rows[-1][0] + 1 if self.body.rows else self.located.first_row
        titles = tuple(
            (row, column, cell)
            for row in range(above, number)
            for column, cell in enumerate(self.rows[row])
            if isinstance(cell, str) and cell
        )
        self.body.further_tables.append(FurtherTable(number, titles))
        _drop(self.findings, self.located, first, number, self.at[0], "重复的表头")

    def _drop_remarks(self) -> None:
        """Rows of one cell at the end of a table are remarks, whatever they begin with."""
        rows = self.body.rows
        if self.may_be_single or not any(len(self.cells(number)) >= self.enough for number, _ in rows):
            return
        remarks: list[int] = []
        while len(self.cells(rows[-1][0])) == 1 and rows[-1][0] not in self.trouble_rows:
            remarks.append(rows.pop()[0])
        if remarks:
            _drop(self.findings, self.located, remarks[-1], remarks[0], self.at[0], "只填了一格")


def _is_same_header(cell: Cell, column: Column) -> bool:
    return isinstance(cell, str) and compact(cell).strip("*") == compact(column.header).strip("*")


def read_body(findings: Findings, located: LocatedSheet) -> Body:
    """The rows of a list sheet by what they are; what is set apart is noted in ``findings``."""
    return _Reader(findings, located).read()
