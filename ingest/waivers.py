"""Waivers: an office lets reports of its units pass with a finding, in public, with its name and a reason.

A finding that is waived is told as a note and blocks nothing. A waiver that is revoked ends with that: what was decided
under it stays as it was decided. Only checks whose ``can_be_waived`` says so
(``issue_handling.csv``) can be: what stands there unread must be harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
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


def in_force(rows: Iterable[Mapping[str, Any]]) -> list[Waiver]:
    """Those of ``rows`` (of `Ledger.waivers`) that have not been revoked."""
    return [Waiver.of(row) for row in rows if row["revoked_at"] is None]


def lets_stand(row: Mapping[str, Any], decided_at: datetime | None) -> bool:
    """Whether the waiver ``row`` (of `Ledger.waivers`) is about a file decided at ``decided_at`` (None: not yet)."""
    if row["revoked_at"] is None:
        return True
    return decided_at is not None and row["recorded_at"] <= decided_at < row["revoked_at"]


def waive(issues: Iterable[Issue], waivers: Iterable[Waiver]) -> list[Issue]:
    """``issues`` with those that one of ``waivers`` is about told as notes."""
    by_code = {waiver.issue_code: waiver for waiver in waivers}
    return [_waived(issue, by_code[issue.code]) if issue.code in by_code else issue for issue in issues]


def _waived(issue: Issue, waiver: Waiver) -> Issue:
    remedy = str(checks()["waived_zh"]).format(office=waiver.office_name, reason=waiver.reason)
    return replace(issue, severity=NOTE, remedy=remedy)
