"""What two streets list at the same time, however far apart they are: a claim, or two things that only look alike."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.reports import AT, BELOW, DISTRICT, EMPTY, STREETS, people, unit
from tests.support.warehouse import SmallWarehouse

THIRD = STREETS[5]
STREET_OF_ANOTHER_DISTRICT = "440104001"
STREET_OF_ANOTHER_PROVINCE = "110101001"
WITHOUT_DISTRICTS = ("441900003", "441900004")
CODES = {name: f"9111000000000000{number:02}" for number, name in enumerate("电水气暖书茶", start=1)}
PERIOD = "2025-Q1"


def member(name: str, code: str | None = None) -> dict[str, Any]:
    """A member unit with the credit code of a thing, or none."""
    return {**unit(name), "uscc": code and CODES[code]}


LISTED: dict[str, list[dict[str, Any]]] = {
    AT: [
        member("电力局", "电"),
        member("荔湾供水有限公司", "水"),
        member("甲(广州)贸易公司"),
        member("同名商店"),
        member("三家共用"),
        member("分家", "气"),
        member("归一街", "书"),
        member("有码同名", "暖"),
        member("不重复"),
    ],
    BELOW: [
        member("荔湾 供水", None),
        member("甲广州贸易有限公司"),
        member("三家共用股份有限公司"),
        member("分家", "气"),
        member("归一街", "书"),
        member("有码同名", "茶"),
    ],
    THIRD: [member("三家-共用"), member("归一街", "书")],
    EMPTY: [],
    STREET_OF_ANOTHER_DISTRICT: [member("供电", "电"), member("同名商店"), member("荔湾供水")],
    STREET_OF_ANOTHER_PROVINCE: [member("电", "电"), member("同名商店")],
    WITHOUT_DISTRICTS[0]: [member("镇街商会")],
    WITHOUT_DISTRICTS[1]: [member("镇街商会")],
}
#: Of every thing that is claimed: its streets and who decides.
CLAIMED = {
    "电": ({AT, STREET_OF_ANOTHER_DISTRICT, STREET_OF_ANOTHER_PROVINCE}, None),
    "水": ({AT, BELOW}, DISTRICT),
    f"{DISTRICT}|甲广州贸易": ({AT, BELOW}, DISTRICT),
    f"{DISTRICT}|三家共用": ({AT, BELOW, THIRD}, DISTRICT),
    "气": ({AT, BELOW}, DISTRICT),
    "书": ({AT, BELOW, THIRD}, DISTRICT),
    "4419|镇街商会": (set(WITHOUT_DISTRICTS), "4419"),
}


@pytest.fixture(scope="module")
def claimed(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """Eight streets of three districts and a city without districts, with two decisions about what they claim."""
    small = SmallWarehouse(tmp_path_factory.mktemp("claims"))
    one_person, one_org = people("专职团干部", 1), {"org_name": "青年志愿队", "uscc": None, "relation": "联系"}
    for unit_code, units in LISTED.items():
        small.enrol(unit_code)
        rows = {"unit": units, "person": one_person, "youth_org": [one_org]} if units else {}
        small.submit(unit_code, unit_code, PERIOD, rows)
    small.build(select="+mart_claim +mart_distinct_count", with_tests=False)
    for key, unit_code, outcome in (("气", AT, "separate"), ("书", BELOW, "belongs_to")):
        [(claim_id,)] = small.rows(f"select distinct claim_id from marts.mart_claim where uscc = '{CODES[key]}'")
        decision = {"record_id": key, "stage_code": "S1", "unit_code": unit_code, "subject_key": claim_id}
        about = {"kind": "claim", "outcome": outcome, "decided_at": datetime(2025, 8, 1)}
        small.decision_records.append({**decision, **about, "rule_id": None, "decided_by": "440103", "reason": "查实"})
    small.build(select="+mart_claim +mart_distinct_count +int_member_unit__claims")
    return small


def readable(thing_key: str) -> str:
    """A key of the warehouse with the letter in the place of a made-up credit code."""
    return next((name for name, code in CODES.items() if code == thing_key), thing_key)


def claims(small: SmallWarehouse, kind: str) -> dict[str, tuple[set[str], str | None]]:
    """Of every claim on a kind of thing: its streets and who decides."""
    found: dict[str, tuple[set[str], str | None]] = {}
    for key, unit_code, decider in small.rows(
        "select claims.thing_key, marts.mart_claim.unit_code, deciding_unit_code from marts.mart_claim"
        f" inner join crosschecks.int_claim__claimed as claims using (claim_id) where claims.thing_kind = '{kind}'"
    ):
        found.setdefault(readable(key), (set(), decider))[0].add(unit_code)
    return found


def test_units_are_claimed_by_code_anywhere_and_by_name_within_a_district(claimed: SmallWarehouse) -> None:
    assert claims(claimed, "member_unit") == CLAIMED


def test_people_and_organisations_without_a_code_are_claimed_within_a_district_only(claimed: SmallWarehouse) -> None:
    inside = {DISTRICT: ({AT, BELOW, THIRD}, DISTRICT), "4419": (set(WITHOUT_DISTRICTS), "4419")}
    assert claims(claimed, "person") == {f"{place}|p0": found for place, found in inside.items()}
    assert claims(claimed, "youth_org") == {f"{place}|青年志愿队": found for place, found in inside.items()}


def test_what_is_claimed_counts_once_at_every_level_and_separate_things_count_each(claimed: SmallWarehouse) -> None:
    found = {
        (scope, kind): (listed, distinct)
        for scope, kind, listed, distinct in claimed.rows(
            "select scope_code, thing_kind, listed_count, distinct_count from marts.mart_distinct_count"
        )
    }
    # Seventeen lines of three streets: power, trade, shared by three, given to one, one apart (twice), two of one name,
    # water, the shop and what nobody else lists.
    assert found[DISTRICT, "member_unit"] == (17, 11)
    # The other district adds a shop and a waterworks of its own, known by their names; power is counted already.
    assert found["4401", "member_unit"] == (20, 13)
    assert found["44", "member_unit"] == (22, 14)
    assert found["CN", "member_unit"] == (24, 15)
    assert {scope: found[scope, "person"] for scope in (DISTRICT, "4401", "44", "CN")} == {
        DISTRICT: (3, 1),
        "4401": (4, 2),
        "44": (6, 3),
        "CN": (7, 4),
    }


def test_a_street_is_charged_with_what_others_claim_until_it_is_decided(claimed: SmallWarehouse) -> None:
    charged: dict[str, set[str]] = defaultdict(set)
    for unit_code, key in claimed.rows(
        "select unit_code, claim_key from indicators.int_member_unit__claims where is_claimed_elsewhere"
    ):
        charged[readable(key)].add(unit_code)
    expected = {key: streets for key, (streets, _) in CLAIMED.items() if key != "气"}
    assert charged == {**expected, "书": {AT, THIRD}}


def test_who_moves_from_one_street_to_another_is_claimed_by_nobody(tmp_path: Path) -> None:
    small = SmallWarehouse(tmp_path)
    for unit_code, period in ((AT, "2025-Q1"), (BELOW, "2025-Q2")):
        small.enrol(unit_code)
        rows = {"unit": [member("电力局", "电")], "person": people("专职团干部", 1)}
        small.submit(unit_code, unit_code, period, rows)
    small.build(select="+mart_claim", with_tests=False)
    assert small.rows("select * from marts.mart_claim") == []
