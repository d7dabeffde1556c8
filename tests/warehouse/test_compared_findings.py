"""What shows only beside other streets: figures far off those of the class, and things that two streets list."""

from __future__ import annotations

import csv
from datetime import date, datetime
from typing import Any

import pytest

from ingest.land import land_rows
from tests.support.reports import DISTRICT, STREETS
from tests.support.warehouse import SmallWarehouse
from warehouse.project import DBT_PROJECT_DIR, RULEBOOK_DIR

PERIOD, LATER = "2025-Q1", "2025-Q2"
HIGH, LOW, OTHER_CLASS = STREETS[0], STREETS[1], STREETS[12:]
PERSON = "f" * 32


def profile(youth_count: int) -> dict[str, list[dict[str, Any]]]:
    return {"profile": [{"youth_count": youth_count, "league_member_count": 500}]}


def place_fields(small: SmallWarehouse, submission_id: str, unit_code: str, period: str) -> None:
    key = {"submission_id": submission_id, "unit_code": unit_code, "form": "street"}
    at = {"profile": ("基本情况", "youth_count", "青年总数(14-35岁)", None, "B4"),
          "unit": ("辖区单位", "unit_name", "单位名称", "A", None),
          "person": ("工作力量", "person_name", "姓名", "A", None)}  # fmt: skip
    rows = [
        {
            **key,
            "entity": entity,
            "sheet": sheet,
            "field": field,
            "header": header,
            "column_letter": letter,
            "cell": cell,
        }
        for entity, (sheet, field, header, letter, cell) in at.items()
    ]
    land_rows(small.lake_dir, "field_map", period, submission_id, rows)


def send(small: SmallWarehouse, unit_code: str, rows: dict[str, Any], period: str = PERIOD, number: int = 1) -> None:
    name = f"{unit_code}-{period}-{number}"
    small.submit(name, unit_code, period, rows, submitted_at=datetime(2025, 4, number))
    place_fields(small, name, unit_code, period)


def outlying(small: SmallWarehouse, mart: str = "mart_issue") -> list[tuple[Any, ...]]:
    sql = f"select unit_code, sheet, cell, raw_value, severity from marts.{mart} where issue_code = 'value_outlying'"
    return sorted(small.rows(f"{sql} and period = '{PERIOD}'"))


SELECT = "+mart_issue +mart_shadow_issue"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """Twelve streets of one class, in which one has a digit too many and one a digit too few; ten of another class."""
    small = SmallWarehouse(tmp_path_factory.mktemp("compared"))
    small.enrol(DISTRICT, has_subtree=True)
    classes = [{"street_code": code, "street_class": "乙" if code in OTHER_CLASS else "甲"} for code in STREETS]
    small.submit("district", DISTRICT, PERIOD, {"street_class": classes}, form="committee")
    for number, code in enumerate(STREETS):
        count = {HIGH: 120_000, LOW: 900}.get(code, 100_000 if code in OTHER_CLASS else 10_000 + 300 * number)
        send(small, code, profile(count))
    send(small, STREETS[20], profile(2_000_000), LATER)
    both = {"unit": [{"unit_name": "甲公司", "uscc": "911100000000000001", "is_member": True}]}
    post = {"person": [{"person_key": PERSON, "person_kind": "青年社工", "start_on": date(2024, 1, 1)}]}
    for code in (STREETS[3], STREETS[4]):
        send(small, code, {**profile(11_000), **both, **post}, number=2)
    small.build(select=SELECT)
    return small


def test_a_figure_far_off_those_of_its_class_is_asked_about_in_its_cell(small: SmallWarehouse) -> None:
    place = ("基本情况", "B4")
    assert outlying(small) == [(HIGH, *place, "120000", "query"), (LOW, *place, "900", "query")]
    [message] = small.rows(
        "select message from marts.mart_issue where unit_code = '440103001' and check_level = 'outlier'"
    )
    assert "12个街道的中位数是" in message[0]


def test_too_few_peers_ask_nothing(small: SmallWarehouse) -> None:
    sql = f"select count(*) from marts.mart_issue where issue_code = 'value_outlying' and period = '{LATER}'"
    assert small.rows(sql) == [(0,)]


def test_what_two_streets_list_is_asked_of_both_and_no_person_is_named(small: SmallWarehouse) -> None:
    shown = "unit_code, sheet, cell, raw_value, finding_state"
    assert sorted(small.rows(f"select {shown} from marts.mart_issue where check_level = 'cross_street'")) == [
        (code, *rest, "open")
        for code in (STREETS[3], STREETS[4])
        for rest in (("工作力量", "A3", "（已隐去）"), ("辖区单位", "A3", "甲公司"))
    ]
    assert PERSON not in str(small.rows("select * from marts.mart_issue"))


def test_a_figure_that_was_mended_is_asked_about_no_more(small: SmallWarehouse) -> None:
    send(small, HIGH, profile(12_000), number=5)
    small.build(select=SELECT, changed_periods=[PERIOD])
    assert [row[0] for row in outlying(small)] == [LOW]


def test_the_figures_and_their_peers_are_data() -> None:
    model = (DBT_PROJECT_DIR / "models/crosschecks/int_finding__value_outlying.sql").read_text(encoding="utf-8")
    with (RULEBOOK_DIR / "outlier_fields.csv").open(encoding="utf-8", newline="") as handle:
        fields = list(csv.DictReader(handle))
    assert len(fields) > 10
    assert [row for row in fields if f"'{row['entity']}', '{row['field']}'," not in model] == []
