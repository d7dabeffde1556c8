"""The brand projects of a street: national ones that land there, and its own around the themes of the document."""

from __future__ import annotations

import random

from samples.calendar import Period
from samples.street_context import PeriodRows, Row, Street, day_before, day_within
from samples.words import shape

#: Share of streets that have all national brands, and all themes, sooner or later; the others have some of them.
COMPLETE = 0.5
#: Share of the projects that begin during the sample.
LATER = 0.25


def _chosen(rng: random.Random, values: list[str]) -> list[str]:
    """All of ``values``, or fewer."""
    return list(values) if rng.random() < COMPLETE else rng.sample(values, rng.randint(0, len(values) - 1))


def _project(street: Street, rng: random.Random, kind: str, name: str, first: Period) -> Row:
    is_old = first.index == 0
    begins = day_before(rng, first.starts_on, 10, 700) if is_old else day_within(rng, first.starts_on, first.day(0.9))
    return {
        "project_name": f"{street.stem}{name}行动",
        "project_kind": kind,
        "national_brand": None,
        "theme": None,
        "party_count": rng.randint(1, 5),
        "partner_org_name": None,
        "with_hr_department": None,
        "operation_mode": "项目化",
        "contract_amount": None,
        "social_funds": None,
        "started_on": begins,
        "status": shape()["classes"]["project_active"][0],
    }


def brand_rows(street: Street) -> PeriodRows:
    """Lines of 服务项目 for the brands, per period; each is on the list from the period in which it begins."""
    rng = street.chance("brands")
    classes = shape()["classes"]
    wanted = [("全国品牌", "national_brand", value) for value in _chosen(rng, classes["landed_brand"])]
    wanted += [(classes["regional_brand"][0], "theme", value) for value in _chosen(rng, classes["focus_theme"])]
    sheets = street.blank()
    for kind, field, value in wanted:
        first = rng.choice(street.periods) if rng.random() < LATER else street.periods[0]
        project = _project(street, rng, kind, value, first) | {field: value}
        for period in street.periods[first.index :]:
            figures = {"session_count": rng.randint(0, 6), "participant_count": rng.randint(0, 200)}
            sheets[period.index].append({**project, **figures, "satisfaction_pct": None})
    return sheets
