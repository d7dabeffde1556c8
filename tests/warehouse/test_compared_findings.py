"""What shows only beside other streets: figures far above those of the class, and things that two streets list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from ingest.land import land_rows
from tests.support.reports import DISTRICT, STREETS
from tests.support.warehouse import SmallWarehouse

SHADOW, PERIOD, FEW = "2025-Q1", "2025-Q2", "2025-Q3"
#: Eight of one class of which one has a digit too many, ten of a class of large streets, four of a class too small to
#: be compared in.
HIGH, LOW, *FIRST = STREETS[:8]
LARGE, REST = STREETS[8:18], STREETS[18:]
ODD = REST[0]
PERSON = "f" * 32
SELECT = "+mart_issue +mart_shadow_issue int_claim__claimed"
STATES = f"select finding_state from marts.mart_issue where issue_code = 'value_outlying' and unit_code = '{HIGH}'"
PLACES = {
    "profile": ("基本情况", "youth_count", "青年总数", None, "B4"),
    "unit": ("辖区单位", "unit_name", "单位名称", "A", None),
    "person": ("工作力量", "person_name", "姓名", "A", None),
    "venue": ("青年阵地", "visit_count", "本期服务人次", "M", None),
}


def profile(youth_count: int) -> dict[str, list[dict[str, Any]]]:
    return {"profile": [{"youth_count": youth_count, "league_member_count": 500}]}


def send(small: SmallWarehouse, unit_code: str, rows: dict[str, Any], period: str = PERIOD, number: int = 1) -> None:
    name = f"{unit_code}-{period}-{number}"
    small.submit(name, unit_code, period, rows, submitted_at=datetime(2025, 7, number))
    key = {"submission_id": name, "unit_code": unit_code, "form": "street"}
    names = ("sheet", "field", "header", "column_letter", "cell")
    places = [{**key, "entity": entity, **dict(zip(names, at, strict=True))} for entity, at in PLACES.items()]
    land_rows(small.lake_dir, "field_map", period, name, places)


def youth_of(unit_code: str) -> int:
    number = STREETS.index(unit_code)
    if unit_code in LARGE:
        return 120_000 + 2_000 * number
    return {HIGH: 120_000, LOW: 900}.get(unit_code, 10_000 + 300 * number)


def claiming(unit_code: str) -> dict[str, Any]:
    return {
        **profile(youth_of(unit_code)),
        "unit": [
            {"unit_name": "其他公司", "uscc": None, "is_member": False},
            {"unit_name": "甲公司", "uscc": "911100000000000001", "is_member": True},
        ],
        "person": [{"person_key": PERSON, "person_kind": "青年社工", "start_on": date(2024, 1, 1)}],
    }


def asked(small: SmallWarehouse, code: str, *, period: str = PERIOD, mart: str = "mart_issue") -> list[tuple[Any, ...]]:
    columns = "unit_code, sheet, cell, raw_value, severity"
    sql = f"select {columns} from marts.{mart} where issue_code = '{code}' and period = '{period}' order by all"
    return small.rows(sql)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    small = SmallWarehouse(tmp_path_factory.mktemp("compared"))
    small.enrol(DISTRICT, has_subtree=True)
    classes = {**dict.fromkeys(STREETS, "一类"), **dict.fromkeys(LARGE, "二类"), **dict.fromkeys(REST, "三类")}
    listed = [{"street_code": code, "street_class": name} for code, name in classes.items()]
    for period in (SHADOW, PERIOD):
        small.submit(f"classes-{period}", DISTRICT, period, {"street_class": listed}, form="committee")
    for code in STREETS:
        send(small, code, profile(youth_of(code)))
        send(small, code, profile(youth_of(code)), SHADOW)
    for code in (HIGH, *FIRST):
        send(small, code, profile(youth_of(code)), FEW)
    for code in FIRST[:2]:
        send(small, code, claiming(code), number=2)
    small.build(select=SELECT)
    return small


def test_a_figure_far_above_those_of_its_class_is_asked_about_in_its_cell(small: SmallWarehouse) -> None:
    assert asked(small, "value_outlying") == [(HIGH, "基本情况", "B4", "120000", "query")]
    [[message]] = small.rows(
        "select message from marts.mart_issue where check_level = 'outlier' and period = '2025-Q2'"
    )
    assert message == "“青年总数(14-35岁)”填的是 120000，而本期其他 7 个街道的中位数是 11350，相差悬殊。"


def test_too_few_streets_are_compared_with_nobody(small: SmallWarehouse) -> None:
    assert asked(small, "value_outlying", period=FEW) == []


def test_a_check_in_shadow_is_recorded_apart(small: SmallWarehouse) -> None:
    assert asked(small, "value_outlying", period=SHADOW) == []
    assert [row[0] for row in asked(small, "value_outlying", period=SHADOW, mart="mart_shadow_issue")] == [HIGH]
    assert asked(small, "value_outlying", mart="mart_shadow_issue") == []


def test_what_two_streets_list_is_asked_of_both_and_no_person_is_named(small: SmallWarehouse) -> None:
    both = FIRST[:2]
    assert asked(small, "listed_elsewhere") == [(code, "辖区单位", "A4", "甲公司", "query") for code in both]
    assert asked(small, "person_listed_elsewhere") == [(code, "工作力量", "A3", None, "query") for code in both]
    told = {
        row[0]: row[1]
        for row in small.rows("select unit_code, message from marts.mart_issue where raw_value = '甲公司'")
    }
    [name] = small.rows(f"select unit_name from core.dim_unit_current where unit_code = '{both[1]}'")[0]
    assert told[both[0]] == f"“单位名称”登记的“甲公司”，本期另有 1 个街道也登记了（如{name}）。"
    assert PERSON not in str(small.rows("select * from marts.mart_issue"))


def test_of_a_person_no_street_is_named(small: SmallWarehouse) -> None:
    told = small.rows("select message, remedy from marts.mart_issue where issue_code = 'person_listed_elsewhere'")
    names = small.rows("select unit_name from core.dim_unit_current where district_code = '440103'")
    assert len(names) == 23
    assert not [name for (name,) in names for text in told if name in str(text)]


@pytest.fixture(scope="module")
def answered(small: SmallWarehouse) -> SmallWarehouse:
    """The same after an explanation, a decision and new reports, of which one class has too few to be compared in."""
    [[key]] = small.rows(f"{STATES} and period = '{PERIOD}'".replace("finding_state", "finding_key"))
    small.explanations.append(
        {"explanation_id": "e", "finding_key": key, "submission_id": f"{HIGH}-{PERIOD}-1", "unit_code": HIGH,
         "period": PERIOD, "form": "street", "issue_code": "value_outlying", "explained_at": datetime(2025, 7, 2),
         "way": "cli"}
    )  # fmt: skip
    [[claim]] = small.rows("select claim_id from crosschecks.int_claim__claimed where thing_kind = 'member_unit'")
    decision = {"record_id": "r", "kind": "claim", "subject_key": claim, "stage_code": "S1", "unit_code": FIRST[0]}
    words = {"outcome": "belongs_to", "decided_at": datetime(2025, 8, 1), "decided_by": DISTRICT, "reason": "注册地"}
    small.decision_records.append({**decision, **words})
    send(small, HIGH, profile(youth_of(HIGH)), number=5)
    send(small, FIRST[-1], profile(9_000), number=5)
    for code in (*LARGE, *REST):
        visits = 50_000 if code == ODD else 400 + STREETS.index(code)
        send(small, code, {**profile(youth_of(code)), "venue": [{"venue_name": "甲", "visit_count": visits}]}, number=5)
    small.build(select=SELECT, changed_periods=[PERIOD])
    return small


def test_an_explanation_stays_while_the_value_stays(answered: SmallWarehouse) -> None:
    assert answered.rows(f"{STATES} and period = '{PERIOD}'") == [("explained",)]


def test_a_class_that_is_too_small_is_compared_with_all_streets(answered: SmallWarehouse) -> None:
    found = [row for row in asked(answered, "value_outlying") if row[1] == "青年阵地"]
    assert found == [(ODD, "青年阵地", "M3", "50000", "query")]


def test_who_is_given_a_thing_is_asked_no_more_and_the_other_still_is(answered: SmallWarehouse) -> None:
    assert [row[0] for row in asked(answered, "listed_elsewhere")] == [FIRST[1]]


def test_another_value_is_asked_about_anew_and_what_is_mended_no_more(answered: SmallWarehouse) -> None:
    send(answered, HIGH, profile(130_000), number=6)
    send(answered, ODD, profile(youth_of(ODD)), number=6)
    answered.build(select=SELECT, changed_periods=[PERIOD])
    assert answered.rows(f"{STATES} and period = '{PERIOD}'") == [("open",)]
    assert [row[0] for row in asked(answered, "value_outlying")] == [HIGH]
