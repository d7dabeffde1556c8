"""What clerks wrote about findings: on the sheet 填报问题 of a workbook that came back, or told to an office.

An explanation is given for findings (`ingest.finding_keys`), so it holds while the value stays and lapses with it. The
text is the clerk's own and may name people: it stays in the ledger and enters no build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingest.cells import Cell, Grid
from ingest.parsed import show
from ingest.settings import marking_texts
from ingest.text import trim

if TYPE_CHECKING:  # the sandbox's child starts without a database
    from ingest.ledger import Decision

#: Ways in which an explanation comes.
WORKBOOK, TOLD = "workbook", "cli"
MAX_CHARS = 1000


@dataclass(frozen=True)
class Explanation:
    """What a clerk wrote about a problem: of which finding (code), where, the words, and the findings meant."""

    code: str
    sheet: str
    header: str
    cells: tuple[str, ...]
    text: str
    finding_keys: tuple[str, ...] = ()


def _columns(row: Sequence[Cell]) -> dict[str, int]:
    """Where the columns of the sheet of findings stand, when ``row`` is its header row; else nothing."""
    keys = {header: key for key, header, _ in marking_texts()["columns"]}
    named = {keys[cell]: n for n, cell in enumerate(row) if isinstance(cell, str) and cell in keys}
    return named if {"key", "explanation"} <= set(named) else {}


def findings_sheet_of(grids: Iterable[Grid]) -> Grid | None:
    """The sheet 填报问题 that an earlier marking wrote; a clerk's own sheet of that name is none."""
    name = marking_texts()["sheet"]
    named = (grid for grid in grids if trim(grid.name).startswith(name))
    return next((grid for grid in named if any(_columns(row) for row in grid.rows)), None)


def read_explanations(grids: Iterable[Grid]) -> list[Explanation]:
    """What the clerk wrote on the sheet 填报问题 of a workbook that came back; nothing without that sheet."""
    found: list[Explanation] = []
    own = findings_sheet_of(grids)
    at: dict[str, int] = {}
    for row in own.rows if own else ():
        named = _columns(row)
        if named or not at:
            at = named
            continue
        text, key = (trim(show(row[at[name]])) for name in ("explanation", "key"))
        parts = key.split("|")
        if text and len(parts) == 5:
            cells, findings = (tuple(filter(None, part.split(","))) for part in parts[3:])
            words = text.removeprefix("'")[:MAX_CHARS]
            found.append(Explanation(parts[0], parts[1], parts[2], cells, words, findings))
    return found


def explanation_event(
    decision: Decision, finding_key: str, issue_code: str, text: str, *, by: str, way: str, now: datetime
) -> dict[str, Any]:
    """A line of the ledger's `EXPLANATION`; the same words about the same finding are the same line."""
    identity = "|".join((decision.unit_code or "", finding_key, text))
    return {
        "explanation_id": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "finding_key": finding_key,
        "submission_id": decision.submission_id,
        "unit_code": decision.unit_code,
        "period": decision.period,
        "form": decision.form,
        "issue_code": issue_code,
        "explained_at": now,
        "explained_by": by,
        "way": way,
        "text": text,
    }


def explained_in(decision: Decision, explanations: Iterable[Explanation], now: datetime) -> list[dict[str, Any]]:
    """Lines of the ledger for what came with a file; none where the file does not say whose it is."""
    if not (decision.unit_code and decision.period and decision.form):
        return []
    return [
        explanation_event(decision, key, one.code, one.text, by=decision.unit_code, way=WORKBOOK, now=now)
        for one in explanations
        for key in one.finding_keys
    ]
