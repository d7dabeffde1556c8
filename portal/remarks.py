"""What was said about the problems of a report: the unit explains a query, an office waives a check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.grouping import Problem
from ingest.waivers import Waiver, lets_stand

EXPLAINED, WAIVED = "explained", "waived"


@dataclass(frozen=True)
class Remark:
    """Words about ``count`` findings of a problem: by which unit (code, or name of an office), when (UTC), and what.

    ``is_too_late`` when an office waived what has been rejected before: the file has to be sent again.
    """

    kind: str
    count: int
    said_by: str
    at: datetime
    text: str
    is_too_late: bool = False


def _explained(problem: Problem, latest: Mapping[str, Mapping[str, Any]]) -> list[Remark]:
    """Explanations of a query, the same words of one unit once."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for issue in problem.issues:
        word = latest.get(issue.finding_key or "")
        if word is not None:
            found.setdefault((word["explained_by"], word["text"]), []).append(word["explained_at"])
    return [Remark(EXPLAINED, len(given), by, max(given), text) for (by, text), given in found.items()]


def _waived(problem: Problem, rows: Iterable[Mapping[str, Any]]) -> list[Remark]:
    row = next((row for row in rows if row["issue_code"] == problem.code), None)
    if row is None:
        return []
    # What the checks knew to be waived they told as a note.
    is_too_late = problem.severity == "error"
    return [Remark(WAIVED, problem.count, row["office_name"], row["recorded_at"], row["reason"], is_too_late)]


def remarks_on(
    problems: Iterable[Problem],
    explanations: Iterable[Mapping[str, Any]],
    waivers: Iterable[Mapping[str, Any]],
    *,
    unit_code: str | None,
    period: str | None,
    decided_at: datetime | None,
) -> dict[int, list[Remark]]:
    """What was said about each problem, by its rank, of ``explanations`` and ``waivers`` of the ledger."""
    latest = {row["finding_key"]: row for row in explanations}
    about = [row for row in waivers if Waiver.of(row).covers(unit_code, period) and lets_stand(row, decided_at)]
    return {
        problem.rank: _waived(problem, about) + (_explained(problem, latest) if problem.severity == "query" else [])
        for problem in problems
    }
