"""Indicators at and around their thresholds, and what a night does to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.reports import (
    ABOVE,
    AT,
    BELOW,
    CITY,
    CITY_WITHOUT_DISTRICTS,
    DISTRICT,
    EMPTY,
    QUARTERS,
    SILENT,
    STREETS,
    at_thresholds,
    leader,
    link,
    one_above,
    one_below,
    payment,
)
from tests.support.warehouse import SmallWarehouse


def committees(small: SmallWarehouse) -> None:
    """A city at its limits, a city without districts, and a district that leaves a street to nobody."""
    streets = [link("街道", code) for code in STREETS[:3]]
    small.submit(
        "city",
        CITY,
        "2025-Q1",
        {
            "leader": [leader("a"), leader("b"), leader("gone", date(2025, 3, 30))],
            "leader_link": [
                *streets,
                link("区", DISTRICT),
                link("区", "440104"),
                link("区", "440105", end_on=date(2025, 3, 30)),
                link("街道", STREETS[9], "b"),
            ],
        },
        form="committee",
    )
    rows = {
        "leader": [leader("c")],
        "leader_link": [link("街道", code, "c") for code in ("441900003", "441900004", "441900005")],
    }
    small.submit("bare", CITY_WITHOUT_DISTRICTS, "2025-Q1", rows, form="committee")
    links = [link("街道", code, "d") for code in (*STREETS[:21], "441900003")]
    small.submit(
        "district", DISTRICT, "2025-Q1", {"leader": [leader("d"), leader("e")], "leader_link": links}, form="committee"
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """Liwan district and its city in the first quarter: streets at, below and above every threshold."""
    small = SmallWarehouse(tmp_path_factory.mktemp("indicators"))
    small.enrol(DISTRICT, has_subtree=True)
    small.enrol(CITY)
    small.enrol(CITY_WITHOUT_DISTRICTS)
    small.submit("at", AT, "2025-Q1", at_thresholds())
    small.submit("below", BELOW, "2025-Q1", one_below())
    small.submit("above", ABOVE, "2025-Q1", one_above())
    small.submit("empty", EMPTY, "2025-Q1", {})
    committees(small)
    small.build(changed_periods=QUARTERS)
    return small


def figures(small: SmallWarehouse, unit_code: str, period: str = "2025-Q1") -> dict[str, tuple[Any, str]]:
    """Value and status of every quota of a unit whose subject is the unit itself."""
    found = small.rows(
        f"""
        select rule_id, value, status from indicators.int_rules__to_judge
        where unit_code = '{unit_code}' and period = '{period}' and subject_key = unit_code
            and clause_id in (select clause_id from rulebook.clauses where force = 'quota')
        """
    )
    return {rule: (None if value is None else float(value), status) for rule, value, status in found}


def test_a_street_at_the_thresholds_counts_people_and_organisations_once(warehouse: SmallWarehouse) -> None:
    assert figures(warehouse, AT) == {
        "3a": (1, "measured"),
        "3b": (2, "measured"),
        "3c": (1, "measured"),
        "3d": (10, "measured"),
        "3e": (1, "measured"),
        "3.3": (9, "measured"),
        "1c": (100, "measured"),
        "1i": (None, "not_applicable"),
        "1j": (None, "not_applicable"),
    }


def test_who_has_left_or_not_begun_is_not_in_post(warehouse: SmallWarehouse) -> None:
    found = figures(warehouse, BELOW)
    assert {rule: value for rule, (value, status) in found.items() if status == "measured"} == {
        "3a": 0, "3b": 1, "3c": 0, "3d": 9, "3e": 0, "3.3": 8, "1c": 66.6667,
    }  # fmt: skip


def test_two_active_committees_are_two(warehouse: SmallWarehouse) -> None:
    assert figures(warehouse, ABOVE)["3a"] == (2, "measured")


def test_a_street_that_reported_nothing_has_zeros_and_no_share(warehouse: SmallWarehouse) -> None:
    assert figures(warehouse, EMPTY)["3d"] == (0, "measured")
    assert figures(warehouse, EMPTY)["1c"] == (None, "not_evaluated")


def test_a_street_without_a_report_is_not_evaluated_on_any_rule(warehouse: SmallWarehouse) -> None:
    assert {status for _, status in figures(warehouse, SILENT).values()} == {"not_evaluated"}
    assert len(figures(warehouse, SILENT)) == 9


def test_the_other_readings_are_measured_beside_the_ones_in_force(warehouse: SmallWarehouse) -> None:
    codes = ("fully_related_youth_org_count", "establishment_cadre_count", "exclusive_social_worker_count")
    found = warehouse.rows(
        f"""
        select unit_code, indicator_code, cast(value as integer) from indicators.int_indicators__values
        where period = '2025-Q1' and status = 'measured' and indicator_code in {codes} and unit_code in {(AT, ABOVE)}
        """
    )
    assert {(unit_code, code): value for unit_code, code, value in found} == {
        (AT, codes[0]): 0,
        (AT, codes[1]): 1,
        (AT, codes[2]): 1,
        (ABOVE, codes[0]): 1,
        (ABOVE, codes[1]): 1,
        (ABOVE, codes[2]): 1,
    }


def leaders(small: SmallWarehouse, unit_code: str) -> Sequence[tuple[Any, ...]]:
    """Rule, leader, value and status of the quotas about leaders of a committee."""
    return small.rows(
        f"""
        select rule_id, split_part(subject_key, '/', 2), cast(value as double), status
        from indicators.int_rules__to_judge
        where unit_code = '{unit_code}' and period = '2025-Q1' and subject_key <> unit_code and grain = 'leader'
            and clause_id in (select clause_id from rulebook.clauses where force = 'quota')
        order by all
        """
    )


def test_every_leader_in_post_is_a_subject_with_the_links_in_force(warehouse: SmallWarehouse) -> None:
    assert leaders(warehouse, CITY) == [
        ("R1d.districts", "a", 2, "measured"),
        ("R1d.districts", "b", 0, "measured"),
        ("R1d.streets", "a", 3, "measured"),
        ("R1d.streets", "b", 1, "measured"),
    ]


def test_districts_are_not_applicable_in_a_city_that_has_none(warehouse: SmallWarehouse) -> None:
    assert leaders(warehouse, CITY_WITHOUT_DISTRICTS) == [
        ("R1d.districts", "c", None, "not_applicable"),
        ("R1d.streets", "c", 3, "measured"),
    ]


def test_one_street_without_a_leader_keeps_a_district_below_all(warehouse: SmallWarehouse) -> None:
    assert figures(warehouse, DISTRICT)["R2b.district"] == (95.4545, "measured")
    assert leaders(warehouse, DISTRICT) == [("R2b.leader", "d", 22, "measured"), ("R2b.leader", "e", 0, "measured")]


def test_a_later_correction_gives_the_same_indicators_as_a_build_from_nothing(tmp_path: Path) -> None:
    def home(name: str) -> SmallWarehouse:
        small = SmallWarehouse(tmp_path / name)
        small.enrol(AT)
        small.enrol(BELOW)
        return small

    def activity(held_on: date) -> dict[str, Any]:
        return {
            "activity_name": "义诊",
            "activity_kind": "志愿服务",
            "held_on": held_on,
            "host_unit_name": "一",
            "term_no": "1",
        }

    def first_night(small: SmallWarehouse) -> None:
        small.submit("q1", AT, "2025-Q1", {"funding": [payment("9000")]})
        term = {"term_no": "1", "unit_name": "一", "start_on": date(2025, 3, 1), "end_on": date(2025, 5, 31)}
        small.submit("q2", AT, "2025-Q2", {"chair_term": [term]}, submitted_at=datetime(2025, 7, 1))
        small.submit("q3", AT, "2025-Q3", {}, submitted_at=datetime(2025, 10, 1))
        small.submit("q4", AT, "2025-Q4", {"funding": [payment("10000")]}, submitted_at=datetime(2026, 1, 1))

    def correction(small: SmallWarehouse) -> None:
        rows = {"funding": [payment("10000")], "activity": [activity(date(2025, 3, 1))]}
        small.submit("late", AT, "2025-Q1", rows, submitted_at=datetime(2026, 2, 1))

    night, anew = home("night"), home("anew")
    first_night(night)
    night.build(changed_periods=QUARTERS, with_tests=False)
    before = night.rows(
        "select value from indicators.int_rules__to_judge where rule_id = '5b' and period = '2025-Q4' and value > 0"
    )
    assert before == [(Decimal(19000),)]
    correction(night)
    night.build(changed_periods=[*QUARTERS, "2026-Q1"])
    first_night(anew)
    correction(anew)
    anew.build(changed_periods=QUARTERS)
    query = f"""
        select rule_id, period, value, status from indicators.int_rules__to_judge
        where unit_code = '{AT}' and (rule_id = '5b' and period = '2025-Q4' or rule_id = '1j' and period = '2025-Q2')
        order by all
    """
    assert night.rows(query) == [("1j", "2025-Q2", 1, "measured"), ("5b", "2025-Q4", 20000, "measured")]
    assert night.tables("indicators") == anew.tables("indicators")
