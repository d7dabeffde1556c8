"""The catalogue of findings, and one finding: where it is, what was found, what is allowed, what to do.

``issues.csv`` holds what a clerk is told, ``issue_handling.csv`` what is done with a finding:

- ``level``         what had to be compared: ``file`` and ``structure`` come before any value, then ``cell``, ``row``,
  ``cross_sheet``, ``cross_period``, ``cross_street`` and ``outlier``;
- ``can_be_waived`` whether an office may let a report pass with it;
- ``active_from``   the first period (``2026-Q1``) in whose reports the check counts: before it, it runs in shadow;
- ``grouped_zh``    what is said when the same is wrong in several cells ({sheet} {header} {count} {examples});
- ``found_by``      ``check``, at once, or ``night``: only beside the reports of other streets, by the nightly build.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

CATALOGUE_FILE = Path(__file__).parent / "issues.csv"
HANDLING_FILE = Path(__file__).parent / "issue_handling.csv"
SEVERITIES = ("error", "query", "note")
#: Who finds something: the check of the file, or the build of the night.
CHECK, NIGHT = "check", "night"
LEVELS = ("file", "structure", "cell", "row", "cross_sheet", "cross_period", "cross_street", "outlier")


@dataclass(frozen=True)
class IssueKind:
    """One line of each of the two files. Texts hold {sheet} {header} {raw} {expected} {kind}."""

    code: str
    severity: str
    title_zh: str
    message_zh: str
    remedy_zh: str
    level: str
    can_be_waived: bool
    active_from: str | None
    grouped_zh: str | None
    found_by: str

    def is_shadow(self, period: str | None) -> bool:
        """Whether the check only runs in shadow for reports of ``period``: recorded, not shown, blocking nothing."""
        return self.active_from is not None and period is not None and period < self.active_from


@dataclass(frozen=True)
class Issue:
    """One finding. ``row`` counts from 1; ``raw`` is what the cell held, masked when it names a person.

    ``row_key`` and ``finding_key`` say which finding it is, whatever file it stands in (`ingest.finding_keys`).
    """

    sheet: str | None
    cell: str | None
    header: str | None
    raw: str | None
    code: str
    severity: str
    message: str
    remedy: str
    entity: str | None = None
    field: str | None = None
    row: int | None = None
    row_key: str | None = None
    finding_key: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """The part of the finding that is shown outside."""
        whole = asdict(self)
        shown = ("sheet", "cell", "header", "raw", "code", "severity", "message", "remedy", "finding_key")
        return {key: whole[key] for key in shown}


def _read(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["code"]: row for row in csv.DictReader(handle)}


@cache
def catalogue() -> dict[str, IssueKind]:
    """All kinds of findings by code; raises KeyError when a code has no line in ``issue_handling.csv``."""
    handling = _read(HANDLING_FILE)
    return {
        code: IssueKind(
            **texts,
            level=handling[code]["level"],
            can_be_waived=handling[code]["can_be_waived"] == "true",
            active_from=handling[code]["active_from"] or None,
            grouped_zh=handling[code]["grouped_zh"] or None,
            found_by=handling[code]["found_by"],
        )
        for code, texts in _read(CATALOGUE_FILE).items()
    }


def make_issue(
    code: str,
    *,
    sheet: str | None = None,
    cell: str | None = None,
    header: str | None = None,
    raw: str | None = None,
    expected: str = "",
    kind: str = "",
    entity: str | None = None,
    field: str | None = None,
    row: int | None = None,
) -> Issue:
    """A finding of ``code`` with its texts filled in; raises KeyError on a code that is not in the catalogue."""
    entry = catalogue()[code]
    blanks = {"sheet": sheet or "", "header": header or "", "raw": raw or "", "expected": expected, "kind": kind}
    return Issue(
        sheet=sheet,
        cell=cell,
        header=header,
        raw=raw,
        code=code,
        severity=entry.severity,
        message=entry.message_zh.format_map(blanks),
        remedy=entry.remedy_zh.format_map(blanks),
        entity=entity,
        field=field,
        row=row,
    )
