"""Collects the findings of one report: private values are masked, long ones cut, endless ones stopped."""

from __future__ import annotations

from collections import Counter

from ingest.cells import Cell
from ingest.issues import Issue, make_issue
from ingest.locate import Column, LocatedSheet
from ingest.parsed import show
from ingest.pseudonym import MASK
from ingest.settings import limits
from ingest.text import address

#: Findings that quote what a value was read as; it is as private as what was written.
_QUOTING = ("value_repaired", "value_estimated")


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
            expected = MASK if code in _QUOTING else expected
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
