"""What checking one file comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.burden import SheetBurden
from ingest.explanations import Explanation
from ingest.grouping import group_findings
from ingest.issues import Issue, catalogue, make_issue
from ingest.waivers import Waiver, waive

ACCEPTED = "accepted"
REJECTED = "rejected"
HAS_ERRORS = "has_errors"


@dataclass(frozen=True)
class Marked:
    """A marked workbook; ``is_own_file`` tells the street's own file from a copy of its values."""

    data: bytes
    is_own_file: bool


@dataclass
class Report:
    """Decision on one file.

    ``reason`` is None when accepted, ``has_errors`` when cells are wrong, else the code of the finding for which the
    file cannot be taken. ``rows`` holds typed rows by lake table (keys: the table's columns without submission_id and
    unit_code), ``row_counts`` how many by entity, ``field_map`` where each field stood, ``burden`` what its sheets ask
    of the unit the next time, ``marked`` the marked
    workbook and ``records`` the private values among all others by entity, where a caller asked for them. ``shadow``
    are findings of checks that do not count yet: recorded, never shown to the sender. ``explanations`` came with it,
    ``waivers`` are those for its unit and period.
    """

    state: str
    reason: str | None
    form: str | None = None
    unit_code: str | None = None
    period: str | None = None
    issues: list[Issue] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    field_map: list[dict[str, str | None]] = field(default_factory=list)
    burden: tuple[SheetBurden, ...] = ()
    row_counts: dict[str, int] = field(default_factory=dict)
    shadow: list[Issue] = field(default_factory=list)
    explanations: list[Explanation] = field(default_factory=list)
    waivers: tuple[Waiver, ...] = ()
    marked: Marked | None = None
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 accepted, 1 the report has errors, 2 the file cannot be taken."""
        if self.state == ACCEPTED:
            return 0
        return 1 if self.reason == HAS_ERRORS else 2

    def count(self, severity: str) -> int:
        """Number of findings of one severity (error, query, note)."""
        return sum(issue.severity == severity for issue in self.issues)

    def to_json(self) -> dict[str, Any]:
        """The report as ``jiedao check --json`` prints it."""
        return {
            "state": self.state,
            "form": self.form,
            "unit_code": self.unit_code,
            "period": self.period,
            "reason": self.reason,
            "problems": [problem.to_json() for problem in group_findings(self.issues)],
            "issues": [issue.to_json() for issue in self.issues],
            "rows": dict(self.row_counts),
        }


def is_shadow(issue: Issue, period: str | None) -> bool:
    """Whether a finding in a report of ``period`` does not count yet."""
    return catalogue()[issue.code].is_shadow(period)


def settled(report: Report) -> Report:
    """``report`` with its findings as they count: those in shadow apart, those that were waived as notes."""
    shadow = [issue for issue in report.issues if is_shadow(issue, report.period)]
    shown = [issue for issue in report.issues if not is_shadow(issue, report.period)]
    return replace(report, issues=waive(shown, report.waivers), shadow=[*report.shadow, *shadow])


def decided(report: Report) -> Report:
    """``report``, settled, with state and reason by its findings, unless it cannot be taken at all."""
    report = settled(report)
    if report.reason not in (None, HAS_ERRORS):
        return report
    has_errors = report.count("error") > 0
    return replace(report, state=REJECTED if has_errors else ACCEPTED, reason=HAS_ERRORS if has_errors else None)


def rejected(code: str, details: Mapping[str, str] | None = None, **identity: str | None) -> Report:
    """A file that cannot be taken, with the one finding that says why; ``identity``: form, unit_code, period."""
    return Report(REJECTED, code, issues=[make_issue(code, **dict(details or {}))], **identity)  # type: ignore[arg-type]
