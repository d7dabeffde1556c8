"""What a report must be asked beside the last accepted one of its unit, worked out from the workbooks as planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ingest.forms import load_forms
from samples.mistakes import Finding
from samples.plan import NIL
from samples.street_context import Row, Workbook
from samples.submissions import REJECTED, Submission
from samples.words import shape


def _in_post(rows: Iterable[Row]) -> int:
    return sum(row["end_on"] is None for row in rows)


def _members(rows: Iterable[Row]) -> int:
    return sum(bool(row["is_member"]) for row in rows)


def _dropped(now: Workbook, then: Workbook) -> list[str]:
    """Entities with fewer people in post or fewer member units than the stated share."""
    bounds = shape()["history"]
    found = []
    for entity, count in (("person", _in_post), ("leader", _in_post), ("unit", _members)):
        if entity in now:
            before, after = count(then[entity]), count(now[entity])
            if before >= bounds["drop_from"] and (before - after) * 100 > before * bounds["drop_pct"]:
                found.append(entity)
    return found


def _gone(now: Sequence[Row], then: Sequence[Row], name: str, kind: str) -> tuple[str, str] | None:
    """(issue code, severity) when entries of the last report are missing; names alone tell them apart here."""
    bounds = shape()["history"]
    names = {row[name] for row in now}
    codes = {row["uscc"] for row in now if row.get("uscc")}
    gone = [row for row in then if row[name] not in names and row.get("uscc") not in codes]
    if not gone:
        return None
    kinds = {row[kind] for row in now}
    lost_kind = sum(row[kind] not in kinds for row in gone) >= bounds["kind_from"]
    is_many = len(gone) >= bounds["gone_from"] and len(gone) * 100 >= len(then) * bounds["gone_pct"]
    return ("rows_left_out", "query") if lost_kind or is_many else ("rows_gone", "note")


def _findings(form_code: str, now: Workbook, then: Workbook) -> list[Finding]:
    form = load_forms()[form_code]
    found = [Finding(form.sheet(one).name_zh, None, "count_dropped", "query") for one in _dropped(now, then)]
    registers: dict[str, Any] = shape()["history"]["registers"]
    for entity, (name, kind) in registers.items():
        if entity in now:
            gone = _gone(now[entity], then[entity], name, kind)
            if gone is not None:
                found.append(Finding(form.sheet(entity).name_zh, None, *gone))
    return found


def with_history(submissions: Sequence[Submission]) -> list[Submission]:
    """The same submissions of one unit and form with what the last accepted report before each of them shows.

    In the order in which they come; a refused report and a nil return are compared with nothing.
    """
    accepted: dict[str, Submission] = {}
    told: dict[str, Submission] = {}
    for one in sorted(submissions, key=lambda one: one.submitted_at):
        told[one.file] = one
        if one.state in (REJECTED, NIL):
            continue
        earlier = max((period for period in accepted if period < one.period), default=None)
        if earlier is not None:
            found = _findings(one.form.code, one.workbook, accepted[earlier].workbook)
            told[one.file] = replace(one, findings=(*one.findings, *found))
        accepted[one.period] = one
    return [told[one.file] for one in submissions]
