"""Waivers: an office lets reports of its units pass with a finding, in public, with its name and a reason.

A finding that is waived is told as a note and blocks nothing. Only checks whose ``can_be_waived`` says so
(``issue_handling.csv``) can be: what stands there unread must be harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.issues import Issue
from ingest.settings import checks

#: What a waived finding is told as.
NOTE = "note"


@dataclass(frozen=True)
class Waiver:
    """Findings of one check in reports of ``scope_code`` and all below it are waived; ``to_period`` None: until further
    notice."""

    scope_code: str
    issue_code: str
    from_period: str
    to_period: str | None
    office_name: str
    reason: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Waiver:
        """A line of the ledger's `WAIVER`."""
        return cls(*(row[name] for name in cls.__dataclass_fields__))

    def covers(self, unit_code: str | None, period: str | None) -> bool:
        """Whether reports of the unit for the period are meant; a code begins with the code of the unit above it."""
        if unit_code is None or period is None or not unit_code.startswith(self.scope_code):
            return False
        return self.from_period <= period <= (self.to_period or period)


def waive(issues: Iterable[Issue], waivers: Iterable[Waiver]) -> list[Issue]:
    """``issues`` with those that one of ``waivers`` is about told as notes."""
    by_code = {waiver.issue_code: waiver for waiver in waivers}
    return [_waived(issue, by_code[issue.code]) if issue.code in by_code else issue for issue in issues]


def _waived(issue: Issue, waiver: Waiver) -> Issue:
    remedy = str(checks()["waived_zh"]).format(office=waiver.office_name, reason=waiver.reason)
    return replace(issue, severity=NOTE, remedy=remedy)
