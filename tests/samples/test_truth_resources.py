"""The truth about venues and resources on small facts, and that the sample's money tells one story."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from samples.calendar import load_periods
from samples.hierarchy import Unit
from samples.topic import Case
from samples.truth import Outcome, Standing
from samples.truth_resources import outcomes, tilt_ratio
from tests.samples.conftest import LONG_AFTER, REGISTERS, YEAR, Sample

PERIODS = load_periods(YEAR, REGISTERS.rulebook_dir)
STREET = Unit("440103001", "沙面街道", "street", "440103", "440103")
CITY = Unit("4401", "广州市", "city", "44", "44")
Rows = dict[str, list[dict[str, Any]]]
HONOURS = {"is_local": True, "honour_kind": "青年文明号"}


def _report(**sheets: list[dict[str, Any]]) -> Rows:
    entities = ("venue", "unit", "pairing", "project", "document", "activity", "allocation", "street_class")
    profile = {"floating_member_known_count": 0, "floating_member_contacted_count": 0}
    return {**{entity: [] for entity in entities}, "profile": [profile], **sheets}


def _judged(unit: Unit, *reports: Rows | None, as_of: datetime = LONG_AFTER) -> dict[tuple[str, str], Outcome]:
    standing = Standing(unit, [*reports, *([None] * (4 - len(reports)))])
    case = Case(standing, PERIODS, as_of, (), True, (), lambda name, tail: name + tail)
    return {(one.period, one.rule_id): one for one in outcomes(case)}


def _first(rule: str, **sheets: list[dict[str, Any]]) -> str:
    return _judged(STREET, _report(**sheets))["2025-Q1", rule].outcome


def _venue(**changes: Any) -> dict[str, Any]:
    venue = {"venue_kind": "青年家园", "build_mode": "自建", "is_open_to_all": True, "status": "正常"}
    return {**venue, "opened_on": date(2025, 3, 31), **changes}


def _unit(name: str, **changes: Any) -> dict[str, Any]:
    flags = dict.fromkeys(("shares_venue", "extends_projects", "extends_expertise"), False)
    unit = {"unit_name": name, "is_member": True, "has_venue": True, "is_local": False, "honour_kind": "无"}
    return {**unit, **flags, **changes}


def test_all_four_resources_may_come_from_different_open_venues() -> None:
    first = _venue(integrated_resources=["社区服务中心", "志愿者站"])
    others = ["青年联谊会", "青年自组织"]
    assert _first("4c", venue=[first, _venue(integrated_resources=others)]) == "pass"
    assert _first("4c", venue=[first, _venue(integrated_resources=others, status="停用")]) == "fail"


def test_venues_must_be_open_to_all_youth_and_visited_by_the_three_groups() -> None:
    visits = {"migrant_visit_count": 1, "graduate_visit_count": 1}
    assert _first("4j", venue=[_venue(), _venue(is_open_to_all=False)]) == "fail"
    assert _first("4j", venue=[_venue(), _venue(is_open_to_all=False, opened_on=date(2025, 4, 1))]) == "pass"
    assert _first("4k", venue=[_venue(**visits), _venue(idle_youth_visit_count=1)]) == "pass"
    assert _first("4k", venue=[_venue(**visits)]) == "fail"
    assert _first("4j") == _first("4k") == "not_applicable"


def test_four_kinds_of_activity_are_asked_for() -> None:
    kinds = ["融入城市培训", "就业创业服务", "志愿服务", "交友联谊"]
    assert _first("4d", activity=[{"activity_kind": kind} for kind in kinds]) == "pass"
    assert _first("4d", activity=[{"activity_kind": kind} for kind in [*kinds[:3], "其他"]]) == "fail"


def test_members_share_and_extend_but_units_that_are_no_members_need_not() -> None:
    outsider = _unit("外", is_member=False)
    assert _first("4i", unit=[_unit("甲", shares_venue=True), _unit("乙", has_venue=False), outsider]) == "pass"
    assert _first("4i", unit=[_unit("甲", shares_venue=True), _unit("乙")]) == "fail"
    assert _first("5d", unit=[_unit("甲", extends_expertise=True), outsider]) == "pass"
    assert _first("5d", unit=[_unit("甲", extends_expertise=True), _unit("乙")]) == "fail"
    assert _first("4i", unit=[outsider]) == "not_applicable"
    assert _first("4i") == _first("5d") == _first("5e.paired") == "not_evaluated"


def test_honoured_units_in_the_street_pair_by_the_end_of_the_period() -> None:
    units = [_unit("甲", **HONOURS), _unit("乙", honour_kind="青年文明号")]
    pair = {"unit_name": "甲", "agreed_on": date(2025, 3, 31), "action_count": 0}
    assert _first("5e.paired", unit=units, pairing=[pair]) == "pass"
    assert _first("5e.paired", unit=units, pairing=[{**pair, "agreed_on": date(2025, 4, 1)}]) == "fail"
    assert _first("5e.live", unit=units, pairing=[pair]) == "not_decided"


def _classified(*kinds: str | None) -> list[dict[str, Any]]:
    listed = enumerate(kinds, start=1)
    return [{"street_code": str(number), "tilt_kind": [kind] if kind else None} for number, kind in listed]


def _paid(street: int, amount: str, year: int = 2025) -> dict[str, Any]:
    return {"street_code": str(street), "amount": Decimal(amount), "fiscal_year": year}


@pytest.mark.parametrize(
    ("kinds", "amounts", "ratio"),
    [
        (("青年密集", None), ("3", "2"), Decimal("1.5")),
        (("青年密集", "青年密集", None), ("3", "0", "2"), Decimal("0.75")),
        (("青年密集", None), ("0", "2"), Decimal(0)),
        (("青年密集", None), ("3", "0"), "not_applicable"),
        ((None, None), ("3", "2"), "not_applicable"),
    ],
)
def test_the_tilt_compares_the_means_of_all_streets(
    kinds: tuple[str | None, ...], amounts: tuple[str, ...], ratio: Decimal | str
) -> None:
    paid = [_paid(number, amount) for number, amount in enumerate(amounts, start=1)]
    assert tilt_ratio(_classified(*kinds), paid) == ratio


def test_the_tilt_adds_up_over_the_year_and_is_final_in_its_last_quarter() -> None:
    classes = _classified("青年密集", None)
    even = _report(street_class=classes, allocation=[_paid(1, "5"), _paid(2, "5"), _paid(1, "9", 2024)])
    more = _report(street_class=classes, allocation=[_paid(1, "1")])
    found = _judged(CITY, even, even, even, more)
    assert [found[period, "5a.city"].outcome for period in YEAR] == ["too_early"] * 3 + ["pass"]
    assert _judged(CITY, even, even, even, even)["2025-Q4", "5a.city"].outcome == "fail"
    assert _judged(CITY, even, None, even, even)["2025-Q4", "5a.city"].outcome == "not_evaluated"


def test_the_first_committee_of_each_level_tilts_early_and_forgets_it_late(sample: Sample) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for line in sample.truth("outcomes"):
        if line["clause_id"] == "5a":
            found[line["rule_id"]].add(line["outcome"])
    assert set(found) == {"5a.district", "5a.city", "5a.province"}
    assert all({"pass", "fail"} <= outcomes for outcomes in found.values())
