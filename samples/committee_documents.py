"""Documents of a province or city: the supporting policy, and what it sets for a stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from samples.street_context import PeriodRows, Row
from samples.words import shape

if TYPE_CHECKING:
    from samples.committee import Committee

STAGE_DOCUMENTS = ("stage_goal", "stage_priority", "stage_measure")


def _kind(name: str) -> str:
    kind: str = shape()["classes"][name][0]
    return kind


def _row(committee: Committee, kind: str, issued_on: date, stage_code: str | None) -> Row:
    title = f"{committee.unit.name}区域化大团建{kind}"
    return {"document_kind": kind, "title": title, "issued_on": issued_on, "stage_code": stage_code}


def _stage_rows(committee: Committee, first_days: Mapping[str, date]) -> list[Row]:
    """Goals, priorities and measures of every stage; a province sets the measures when the stage has begun."""
    rows = []
    for stage_code, first_day in first_days.items():
        for name in STAGE_DOCUMENTS:
            is_late = committee.unit.level == "province" and name == "stage_measure"
            rows.append(_row(committee, _kind(name), first_day - timedelta(days=0 if is_late else 20), stage_code))
    return rows


def with_programme(committee: Committee, sheets: PeriodRows) -> PeriodRows:
    """The sheets of an example province or city with a policy that comes in the second period, and its stage documents.

    Other committees keep what chance has given them.
    """
    if not committee.is_example or committee.unit.level not in ("province", "city"):
        return sheets
    kinds = {_kind(name) for name in ("policy_document", *STAGE_DOCUMENTS)}
    first_days: dict[str, date] = {}
    for period in committee.periods:
        if period.code in committee.stages:
            first_days.setdefault(committee.stages[period.code], period.starts_on)
    second = committee.periods[min(1, len(committee.periods) - 1)]
    policy = _row(committee, _kind("policy_document"), second.starts_on, None)
    return [
        [row for row in rows if row["document_kind"] not in kinds]
        + [row for row in _stage_rows(committee, first_days) if row["issued_on"] <= period.ends_on]
        + ([policy] if period.index >= second.index else [])
        for period, rows in zip(committee.periods, sheets, strict=True)
    ]
