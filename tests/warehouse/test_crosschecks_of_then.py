"""Checks between reports: streets under another code, trees of then, cities without districts, nil reports."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.reports import AT, BELOW, CITY_WITHOUT_DISTRICTS, DISTRICT, leader, link, payment
from tests.support.warehouse import SmallWarehouse

#: 光明街道 left 宝安区 for 光明区 in 2018 and got another code, 民众镇 became 民众街道 in 2021.
BAOAN, GUANGMING_DISTRICT, GUANGMING_BEFORE, GUANGMING = "440306", "440311", "440306027", "440311001"
ZHONGSHAN, MINZHONG_TOWN, MINZHONG = "4420", "442000102", "442000007"
STREETS_OF_DONGGUAN = ("441900003", "441900004")
CHECKS = [
    "mart_funding_reconciliation",
    "mart_leader_attendance",
    "mart_street_coverage",
    "int_indicators__district_coverage",
]


def _paid(street: str, amount: str, year: int) -> dict[str, Any]:
    told = {"fiscal_year": year, "fund_kind": "基本工作经费", "paid_on": date(year, 2, 10)}
    return {"street_code": street, "amount": Decimal(amount), **told}


def _received(amount: str, year: int, level: str) -> dict[str, Any]:
    return {**payment(amount, year), "payer_level": level}


def _told(small: SmallWarehouse, unit_code: str, period: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    form = "street" if len(unit_code) == len(AT) else "committee"
    submitted_at = datetime(int(period[:4]), 3 * int(period[-1]), 28)
    small.submit(f"{unit_code}-{period}", unit_code, period, rows, form=form, submitted_at=submitted_at)


def _build(small: SmallWarehouse, first_period: str = "2025-Q1") -> None:
    """Build the checks by a calendar that begins with ``first_period``."""
    small.build(select="resource_type:seed", with_tests=False)
    with duckdb.connect(str(small.database)) as connection:
        connection.execute("update rulebook.reporting_calendar set first_period = $1", [first_period])
    small.build(select=" ".join(f"+{model},resource_type:model" for model in CHECKS), with_tests=False)


@pytest.fixture(scope="module")
def recoded(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """Committees and streets of 2018 and 2021, each naming the street by the code of the day."""
    small = SmallWarehouse(tmp_path_factory.mktemp("recoded"), known_at=datetime(2022, 3, 1))
    for unit_code in (BAOAN, GUANGMING_DISTRICT, GUANGMING_BEFORE, GUANGMING):
        small.enrol(unit_code, from_period="2018-Q1")
    for unit_code in (ZHONGSHAN, MINZHONG):
        small.enrol(unit_code, from_period="2021-Q3")
    _told(small, GUANGMING_BEFORE, "2018-Q1", {"funding": [_received("8000", 2018, "区")]})
    _told(small, BAOAN, "2018-Q1", {"allocation": [_paid(GUANGMING_BEFORE, "8000", 2018)]})
    _told(small, GUANGMING, "2018-Q4", {"funding": [_received("12000", 2018, "区")]})
    # The new district tells the whole of its share under the new code, the rest under the old one.
    shares = [_paid(GUANGMING, "7000", 2018), _paid(GUANGMING_BEFORE, "5000", 2018)]
    _told(small, GUANGMING_DISTRICT, "2018-Q4", {"allocation": shares})
    links = [{**link("街道", code), "start_on": date(2018, 1, 1)} for code in (GUANGMING_BEFORE, GUANGMING)]
    for unit_code, period in ((BAOAN, "2018-Q2"), (GUANGMING_DISTRICT, "2019-Q1")):
        _told(small, unit_code, period, {"leader": [leader("a")], "leader_link": links})
    _told(small, MINZHONG_TOWN, "2021-Q3", {"funding": [_received("3000", 2021, "市")]})
    _told(small, MINZHONG, "2021-Q4", {"funding": [_received("2000", 2021, "市")]})
    _told(small, ZHONGSHAN, "2021-Q4", {"allocation": [_paid(MINZHONG, "5000", 2021)]})
    _build(small, "2018-Q1")
    return small


def test_money_before_and_after_a_change_of_code_is_money_of_one_street(recoded: SmallWarehouse) -> None:
    rows = recoded.rows(
        "select unit_code, fiscal_year, allocated_cny, received_cny, state from marts.mart_funding_reconciliation"
        " order by unit_code"
    )
    assert rows == [
        (GUANGMING, 2018, Decimal(20000), Decimal(20000), "agrees"),
        (MINZHONG, 2021, Decimal(5000), Decimal(5000), "agrees"),
    ]


def test_what_the_old_code_left_out_stays_open_under_the_new_one(tmp_path: Path) -> None:
    small = SmallWarehouse(tmp_path, known_at=datetime(2019, 3, 1))
    for unit_code in (GUANGMING_DISTRICT, GUANGMING_BEFORE, GUANGMING):
        small.enrol(unit_code, from_period="2018-Q3")
    _told(small, GUANGMING, "2018-Q4", {"funding": [_received("12000", 2018, "区")]})
    _told(small, GUANGMING_DISTRICT, "2018-Q4", {"allocation": [_paid(GUANGMING, "20000", 2018)]})
    _build(small, "2018-Q3")
    # The third quarter was due under the old code and never came.
    query = "select unit_code, state, clear_by_unit_code from marts.mart_funding_reconciliation"
    assert small.rows(query) == [(GUANGMING, "one_side_not_reported", GUANGMING)]


def test_a_street_is_covered_by_the_district_to_which_it_reported_then(recoded: SmallWarehouse) -> None:
    covered = recoded.rows(
        "select period, district_committee_code, unit_code, state from marts.mart_street_coverage"
        f" where unit_code in ('{GUANGMING_BEFORE}', '{GUANGMING}') and period in ('2018-Q2', '2019-Q1')"
        " order by 1, 2, 3"
    )
    assert covered == [
        ("2018-Q2", BAOAN, GUANGMING_BEFORE, "covered"),
        ("2019-Q1", GUANGMING_DISTRICT, GUANGMING, "covered"),
    ]
    # All streets of that year and no other: those of the present district would be fewer.
    [(then, now)] = recoded.rows(
        "select count(distinct street_code), (select count(*) from core.dim_unit where is_current"
        f" and unit_level = 'street' and reporting_parent_code = '{BAOAN}')"
        f" from indicators.int_district__covered_streets where unit_code = '{BAOAN}' and period = '2018-Q2'"
    )
    assert then > now
    [(share,)] = recoded.rows(
        "select covered_street_pct from indicators.int_indicators__district_coverage"
        f" where unit_code = '{BAOAN}' and period = '2018-Q2'"
    )
    assert share == round(Decimal(100) / then, 4)


@pytest.fixture(scope="module")
def nil(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """A district and a city without districts: in one quarter one side reports nil, in another the other one."""
    small = SmallWarehouse(tmp_path_factory.mktemp("nil"), known_at=datetime(2025, 7, 2))
    city = CITY_WITHOUT_DISTRICTS
    for unit_code in (DISTRICT, AT, BELOW, city, *STREETS_OF_DONGGUAN):
        small.enrol(unit_code)
    visits = [
        {"street_code": code, "person_key": "a", "visit_kind": "联席会议", "held_on": date(2025, 2, 10)}
        for code in (AT, BELOW)
    ]
    counts = {"unit_due_count": 3, "unit_present_count": 3, "youth_org_present_count": 0, "leader_due_count": 1}
    meeting = {"meeting_kind": "联席会议", "held_on": date(2025, 5, 10), "leader_present_count": 1, **counts}
    above = {"leader": [leader("a")], "leader_link": [link("街道", AT)], "field_visit": visits}
    _told(small, DISTRICT, "2025-Q1", {**above, "allocation": [_paid(AT, "9000", 2025), _paid(BELOW, "9000", 2025)]})
    _told(small, AT, "2025-Q1", {})
    _told(small, BELOW, "2025-Q1", {"funding": [payment("1000")]})
    _told(small, DISTRICT, "2025-Q2", {})
    _told(small, AT, "2025-Q2", {"meeting": [meeting]})
    _told(small, BELOW, "2025-Q2", {"funding": [payment("20000", kind="项目经费")]})
    _told(small, city, "2025-Q1", {"leader": [leader("c")], "leader_link": [link("街道", STREETS_OF_DONGGUAN[0], "c")]})
    _told(small, city, "2025-Q2", {})
    _build(small)
    return small


def test_a_nil_report_is_no_difference_of_money_but_one_to_be_looked_at(nil: SmallWarehouse) -> None:
    rows = nil.rows(
        "select unit_code, fund_kind, state, clear_by_unit_code, length(remedy_zh) > 0"
        " from marts.mart_funding_reconciliation order by 1, 2"
    )
    assert rows == [
        (AT, "基本工作经费", "one_side_nil", AT, True),
        # No report of the street was nil, that it received less is a difference.
        (BELOW, "基本工作经费", "differs", DISTRICT, True),
        (BELOW, "项目经费", "one_side_nil", DISTRICT, True),
    ]


def test_a_nil_report_is_no_missing_leader(nil: SmallWarehouse) -> None:
    rows = nil.rows(
        "select unit_code, period, state, clear_by_unit_code from marts.mart_leader_attendance order by 1, 2"
    )
    assert rows == [
        (AT, "2025-Q1", "one_side_nil", AT),
        (AT, "2025-Q2", "one_side_nil", DISTRICT),
        (BELOW, "2025-Q1", "visit_without_meeting", BELOW),
    ]
    covered = nil.rows(
        "select unit_code, period, state from marts.mart_street_coverage"
        f" where unit_code in ('{AT}', '{BELOW}') order by 1, 2"
    )
    assert covered == [
        (AT, "2025-Q1", "covered"),
        (AT, "2025-Q2", "one_side_nil"),
        (BELOW, "2025-Q1", "uncovered"),
        (BELOW, "2025-Q2", "one_side_nil"),
    ]


def test_streets_of_a_city_without_districts_are_covered_by_leaders_of_the_city(nil: SmallWarehouse) -> None:
    rows = nil.rows(
        "select unit_code, period, state, clear_by_unit_code from marts.mart_street_coverage"
        f" where district_committee_code = '{CITY_WITHOUT_DISTRICTS}'"
        f" and unit_code in {STREETS_OF_DONGGUAN} order by 1, 2"
    )
    linked, other = STREETS_OF_DONGGUAN
    assert rows == [
        (linked, "2025-Q1", "covered", None),
        (linked, "2025-Q2", "one_side_nil", CITY_WITHOUT_DISTRICTS),
        (other, "2025-Q1", "uncovered", CITY_WITHOUT_DISTRICTS),
        (other, "2025-Q2", "one_side_nil", CITY_WITHOUT_DISTRICTS),
    ]
    listed = nil.rows(
        "select count(*), (select count(*) from core.dim_unit where is_current and unit_level = 'street'"
        f" and reporting_parent_code = '{CITY_WITHOUT_DISTRICTS}') from marts.mart_street_coverage"
        f" where district_committee_code = '{CITY_WITHOUT_DISTRICTS}' and period = '2025-Q1'"
    )
    assert listed[0][0] == listed[0][1] > len(STREETS_OF_DONGGUAN)
