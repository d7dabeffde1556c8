"""The catalogue of findings, and one finding: where it is, what was found, what is allowed, what to do."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

CATALOGUE_FILE = Path(__file__).parent / "issues.csv"
SEVERITIES = ("error", "query", "note")


@dataclass(frozen=True)
class IssueKind:
    """One line of ``issues.csv``. Texts hold {sheet} {header} {raw} {expected} {kind}."""

    code: str
    severity: str
    message_zh: str
    remedy_zh: str


@dataclass(frozen=True)
class Issue:
    """One finding. ``row`` counts from 1; ``raw`` is what the cell held, masked when it names a person."""

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

    def to_json(self) -> dict[str, str | None]:
        """The part of the finding that is shown outside."""
        whole = asdict(self)
        return {key: whole[key] for key in ("sheet", "cell", "header", "raw", "code", "severity", "message", "remedy")}


@cache
def catalogue() -> dict[str, IssueKind]:
    """All kinds of findings by code."""
    with CATALOGUE_FILE.open(encoding="utf-8", newline="") as handle:
        kinds = [IssueKind(**row) for row in csv.DictReader(handle)]
    return {kind.code: kind for kind in kinds}


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
