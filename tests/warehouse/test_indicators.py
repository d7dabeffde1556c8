"""Indicators at and around their thresholds, and what a night does to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import SmallWarehouse

STREETS = [f"440103{number:03}" for number in range(1, 23)]
AT, BELOW, ABOVE, EMPTY, SILENT = STREETS[:5]
DISTRICT, CITY, CITY_WITHOUT_DISTRICTS = "440103", "4401", "4419"
QUARTERS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
Rows = dict[str, list[dict[str, Any]]]


def people(kind: str, count: int, *, is_off_establishment: bool = False, first: int = 0) -> list[dict[str, Any]]:
    """Posts of ``count`` different people."""
    return [
        {
            "person_key": f"p{number}",
            "person_kind": kind,
            "is_off_establishment_member": is_off_establishment,
            "start_on": date(2025, 3, 31),
            "end_on": None,
        }
        for number in range(first, first + count)
    ]


def organisation(name: str, relation: str = "联系", uscc: str | None = None) -> dict[str, Any]:
    """A youth social organisation."""
    return {"org_name": name, "uscc": uscc, "relation": relation}


def venue(opened_on: date = date(2025, 3, 31), status: str = "正常") -> dict[str, Any]:
    """A youth venue."""
    return {"venue_name": "青年之家", "status": status, "opened_on": opened_on}


def unit(name: str, *, is_member: bool = True, is_local: bool = True, kind: str = "学校") -> dict[str, Any]:
    """A unit in the area."""
    return {"unit_name": name, "unit_kind": kind, "is_local": is_local, "is_member": is_member}


def payment(amount: str, year: int = 2025, kind: str = "基本工作经费") -> dict[str, Any]:
    """Money that arrived."""
    return {"fiscal_year": year, "fund_kind": kind, "payer_level": "区", "amount": Decimal(amount)}


def active(count: int) -> list[dict[str, Any]]:
    """So many committees in operation, and one that has ended."""
    return [{"committee_name": f"{number}", "status": "在运行"} for number in range(count)] + [
        {"committee_name": "旧", "status": "已停止"}
    ]


def at_thresholds() -> Rows:
    """A street that meets every quota exactly; two people stand in two rows."""
    cadres = people("专职团干部", 1) + people("兼职团干部", 9, is_off_establishment=True, first=1)
    return {
        "committee": active(1),
        "youth_org": [organisation("甲"), organisation("乙", "培育"), organisation("甲")],
        "venue": [venue(), venue(opened_on=date(2025, 4, 1)), venue(status="停用")],
        "person": [*cadres, *people("兼职团干部", 2, is_off_establishment=True, first=1), *people("青年社工", 1, first=20)],
        "unit": [unit("一"), unit("二"), unit("外", is_local=False, is_member=False), unit("他", kind="其他", is_member=False)],
    }


def one_below() -> Rows:
    """A street that misses every quota by one; some would do but have left or have not begun."""
    gone = {**people("专职团干部", 1, is_off_establishment=True, first=30)[0], "end_on": date(2025, 3, 30)}
    coming = {**people("青年社工", 1, first=31)[0], "start_on": date(2025, 4, 1)}
    return {
        "committee": active(0),
        "youth_org": [organisation("甲", "联系并培育", "X"), organisation("改了名的甲", "联系并培育", "X")],
        "venue": [venue(opened_on=date(2025, 4, 1)), venue(status="筹建")],
        "person": [*people("专职团干部", 1), *people("兼职团干部", 8, is_off_establishment=True, first=1), gone, coming],
        "unit": [unit("一"), unit("二"), unit("三", is_member=False)],
    }


def one_above() -> Rows:
    """A street with more than it needs, which is wrong only for committees."""
    return {
        "committee": active(2),
        "youth_org": [organisation("甲"), organisation("乙"), organisation("丙", "联系并培育")],
        "venue": [venue(), venue()],
        "person": [
            *people("专职团干部", 1),
            *people("兼职团干部", 10, is_off_establishment=True, first=1),
            *people("专职志愿者", 2, first=20),
            *people("固定志愿者", 1, first=20),
        ],
        "unit": [unit("一")],
    }


def link(target_kind: str, target_code: str, leader: str = "a", end_on: date | None = None) -> dict[str, Any]:
    """A link of a committee's leader."""
    start_on = date(2025, 1, 1)
    return {"person_key": leader, "target_kind": target_kind, "target_code": target_code, "start_on": start_on, "end_on": end_on}


def leader(key: str, end_on: date | None = None) -> dict[str, Any]:
    """A leader of a committee."""
    return {"person_key": key, "post": "副书记", "start_on": date(2024, 1, 1), "end_on": end_on}


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
    rows = {"leader": [leader("c")], "leader_link": [link("街道", code, "c") for code in ("441900003", "441900004", "441900005")]}
    small.submit("bare", CITY_WITHOUT_DISTRICTS, "2025-Q1", rows, form="committee")
    links = [link("街道", code, "d") for code in (*STREETS[:21], "441900003")]
    small.submit("district", DISTRICT, "2025-Q1", {"leader": [leader("d"), leader("e")], "leader_link": links}, form="committee")


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
    """Value and status of every rule of a unit whose subject is the unit itself."""
    found = small.rows(
        f"""
        select rule_id, value, status from indicators.int_rules__to_judge
        where unit_code = '{unit_code}' and period = '{period}' and subject_key = unit_code
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
    """Rule, leader, value and status of the results about leaders of a committee."""
    return small.rows(
        f"""
        select rule_id, split_part(subject_key, '/', 2), cast(value as double), status
        from indicators.int_rules__to_judge
        where unit_code = '{unit_code}' and period = '2025-Q1' and subject_key <> unit_code and grain = 'leader'
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
        return {"activity_name": "义诊", "activity_kind": "志愿服务", "held_on": held_on, "host_unit_name": "一", "term_no": "1"}

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
    before = night.rows("select value from indicators.int_rules__to_judge where rule_id = '5b' and period = '2025-Q4' and value > 0")
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
