"""The incentive measures among the documents of a committee."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.street_context import PeriodRows, Row, day_within
from samples.words import shape

if TYPE_CHECKING:
    from samples.committee import Committee


def with_incentive_measure(committee: Committee, sheets: PeriodRows) -> PeriodRows:
    """The lines of 制度文件, where the example committee issues its incentive measures in mid-sample only."""
    periods = committee.periods
    if not committee.is_example or len(periods) < 2:
        return sheets
    kind = shape()["classes"]["incentive_measure"][0]
    rng = committee.chance("incentive_measure")
    first = periods[len(periods) // 2]
    measure: Row = {
        "document_kind": kind,
        "title": f"{committee.unit.name}区域化大团建{kind}",
        "issued_on": day_within(rng, first.starts_on, first.day(0.9)),
        "stage_code": None,
    }
    found = []
    for period, rows in zip(periods, sheets, strict=True):
        others = [row for row in rows if row["document_kind"] != kind]
        found.append([*others, measure] if period.index >= first.index else others)
    return found
