"""What committees and streets tell of the same money, the same meetings and the same links, held against each other."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.support.reports import ABOVE, AT, BELOW, CITY, DISTRICT, EMPTY, SILENT, STREETS, leader, link, payment
from tests.support.warehouse import SmallWarehouse

CORRECTED, MOVED = STREETS[5], STREETS[6]
OTHER_DISTRICT = "440104"
REPORTING = (AT, BELOW, ABOVE, EMPTY, CORRECTED, MOVED)
FEBRUARY = date(2025, 2, 10)


def allocation(street: str, amount: str) -> dict[str, Any]:
    """Money that a committee says it paid."""
    told = {"fiscal_year": 2025, "fund_kind": "基本工作经费", "paid_on": FEBRUARY}
    return {"street_code": street, "amount": Decimal(amount), **told}


def visit(street: str, person: str, held_on: date = FEBRUARY) -> dict[str, Any]:
    """A leader at a joint meeting, as the committee tells it."""
    return {"street_code": street, "person_key": person, "visit_kind": "联席会议", "held_on": held_on}


def meeting(leaders: int, held_on: date = FEBRUARY) -> dict[str, Any]:
    """A joint meeting as the street tells it."""
    counts = {"unit_due_count": 3, "unit_present_count": 3, "youth_org_present_count": 0}
    return {
        "meeting_kind": "联席会议",
        "held_on": held_on,
        **counts,
        "leader_due_count": 2,
        "leader_present_count": leaders,
    }


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """Half a year of a district, of a neighbour, and of streets that tell it otherwise."""
    small = SmallWarehouse(tmp_path_factory.mktemp("crosschecks"))
    for unit_code in (*REPORTING, SILENT, DISTRICT, CITY, OTHER_DISTRICT):
        small.enrol(unit_code)
    streets: dict[str, dict[str, list[dict[str, Any]]]] = {
        AT: {"funding": [payment("20000")], "meeting": [meeting(1), meeting(1)]},
        BELOW: {"funding": [payment("15000")], "meeting": [meeting(1, date(2025, 2, 11))]},
        ABOVE: {"funding": [payment("25000")], "meeting": [meeting(1)]},
        EMPTY: {},
        CORRECTED: {"funding": [payment("20000")], "meeting": [meeting(2)]},
        MOVED: {},
    }
    for unit_code, rows in streets.items():
        small.submit(f"{unit_code}-1", unit_code, "2025-Q1", rows)
        later = {MOVED: {"funding": [payment("12000"), payment("8000")], "meeting": [meeting(1)]}}.get(unit_code, {})
        small.submit(f"{unit_code}-2", unit_code, "2025-Q2", later, submitted_at=datetime(2025, 7, 1))
    paid = [allocation(street, "20000") for street in (AT, BELOW, ABOVE, EMPTY, SILENT, MOVED)]
    visits = [
        visit(AT, "a"),
        visit(AT, "a"),
        visit(BELOW, "a"),
        visit(CORRECTED, "a"),
        visit(MOVED, "b"),
        visit(SILENT, "b"),
    ]
    links = [link("街道", AT, "a"), link("街道", AT, "b"), link("街道", BELOW, "b", end_on=FEBRUARY)]
    above = {"leader": [leader("a"), leader("b")], "leader_link": links, "field_visit": visits}
    first = {**above, "allocation": [*paid, allocation(CORRECTED, "99999")]}
    small.submit("d0", DISTRICT, "2025-Q1", first, form="committee")
    second = {**above, "allocation": [*paid, allocation(CORRECTED, "20000")]}
    small.submit("d1", DISTRICT, "2025-Q1", second, form="committee", submitted_at=datetime(2025, 4, 5))
    small.submit("d2", DISTRICT, "2025-Q2", {}, form="committee", submitted_at=datetime(2025, 7, 1))
    guests = {"leader": [leader("g")], "leader_link": [link("街道", ABOVE, "g")], "field_visit": [visit(ABOVE, "g")]}
    small.submit("o1", OTHER_DISTRICT, "2025-Q1", guests, form="committee")
    small.submit(
        "c1", CITY, "2025-Q1", {"leader": [leader("c")], "field_visit": [visit(CORRECTED, "c")]}, form="committee"
    )
    small.known_at = datetime(2025, 7, 2)
    small.build(select="+mart_funding_reconciliation +mart_leader_attendance +mart_street_coverage", with_tests=False)
    return small


def test_money_is_compared_over_the_reports_of_a_year_and_only_what_stands_counts(told: SmallWarehouse) -> None:
    states = told.rows("select unit_code, state, allocated_cny, received_cny from marts.mart_funding_reconciliation")
    whole, nothing = Decimal(20000), Decimal(0)
    assert {unit_code: tuple(rest) for unit_code, *rest in states} == {
        AT: ("agrees", whole, whole),
        BELOW: ("differs", whole, Decimal(15000)),
        ABOVE: ("differs", whole, Decimal(25000)),
        # Both of its reports are nil, which contradicts nobody.
        EMPTY: ("one_side_nil", whole, nothing),
        # The district's first report said 99999 and does not stand any more.
        CORRECTED: ("agrees", whole, whole),
        # Paid in one quarter, received in two parts in the next.
        MOVED: ("agrees", whole, whole),
        SILENT: ("one_side_not_reported", whole, nothing),
    }


def test_leaders_above_and_meetings_below_meet_on_the_day_and_guests_do_not_count(told: SmallWarehouse) -> None:
    rows = told.rows(
        "select unit_code, held_on, visiting_leader_count, leader_present_count, state"
        " from marts.mart_leader_attendance"
    )
    assert {(unit_code, held_on): tuple(rest) for unit_code, held_on, *rest in rows} == {
        # Both tell it twice.
        (AT, FEBRUARY): (1, 1, "matched"),
        (BELOW, FEBRUARY): (1, 0, "visit_without_meeting"),
        (BELOW, date(2025, 2, 11)): (0, 1, "meeting_without_visit"),
        # A leader of the neighbouring district came.
        (ABOVE, FEBRUARY): (0, 1, "meeting_without_visit"),
        # One of the district and one of the city.
        (CORRECTED, FEBRUARY): (2, 2, "matched"),
        # Told with the report of the next quarter.
        (MOVED, FEBRUARY): (1, 1, "matched"),
        (SILENT, FEBRUARY): (1, 0, "one_side_not_reported"),
    }


def test_only_a_link_of_a_leader_of_its_own_district_covers_a_street(told: SmallWarehouse) -> None:
    rows = told.rows(
        "select unit_code, linked_leader_count, state from marts.mart_street_coverage"
        f" where period = '2025-Q1' and unit_code in ('{AT}', '{BELOW}', '{ABOVE}') order by unit_code"
    )
    assert rows == [(AT, 2, "covered"), (BELOW, 0, "uncovered"), (ABOVE, 0, "uncovered")]
    everyone = told.rows(
        "select unit_code, count(*) from marts.mart_street_coverage where period = '2025-Q1'"
        f" and district_committee_code = '{DISTRICT}' group by unit_code"
    )
    assert sorted(everyone) == [(street, 1) for street in STREETS]
