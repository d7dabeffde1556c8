"""What a committee does for resources: its classification of the streets with their tilt, and how it allots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.street_context import PeriodRows, Row, day_before, day_within
from samples.words import shape

if TYPE_CHECKING:
    from samples.committee import Committee


def classified_streets(committee: Committee) -> list[str]:
    """The streets that a committee classifies: where a level stands between, those that it pays itself."""
    if committee.districts or committee.unit.level == "province":
        return sorted({payment.street_code for payment in committee.payments})
    return list(committee.streets)


def with_resource_mechanism(committee: Committee, sheets: PeriodRows) -> PeriodRows:
    """The lines of 制度文件, where the example committee issues its mechanism in the second quarter only."""
    if not committee.is_example:
        return sheets
    kind = shape()["classes"]["resource_mechanism_document"][0]
    rng = committee.chance("resource_mechanism")
    first = committee.periods[min(1, len(committee.periods) - 1)]
    is_new = len(committee.periods) > 1
    rule: Row = {
        "document_kind": kind,
        "title": f"{committee.unit.name}区域化大团建{kind}",
        "issued_on": day_within(rng, first.starts_on, first.day(0.9))
        if is_new
        else day_before(rng, first.starts_on, 5, 90),
        "stage_code": None,
    }
    found = []
    for period, rows in zip(committee.periods, sheets, strict=True):
        others = [row for row in rows if row["document_kind"] != kind]
        found.append([*others, rule] if period.index >= first.index else others)
    return found
