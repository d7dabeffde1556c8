"""Core of the warehouse over a small lake: which rows count, and what a night does to yesterday's tables."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import BuildFailedError, SmallWarehouse

STREET = "440103001"
OTHER_STREET = "440103002"
DISTRICT = "440103"
SCHEMAS = ("rulebook", "core")
CORE = "+path:models/core"
#: What most tests look at; a build of it takes a second.
ACTIVITIES = "+fct_activity"


def _activity(name: str, held_on: date = date(2025, 2, 1)) -> dict[str, Any]:
    return {
        "activity_name": name,
        "activity_kind": "志愿服务",
        "held_on": held_on,
        "host_unit_name": "示例学校",
        "provider_kind": "团组织",
        "unit_count": 1,
        "participant_count": 20,
    }


def _unit(name: str, uscc: str | None = None) -> dict[str, Any]:
    return {
        "unit_name": name,
        "uscc": uscc,
        "unit_kind": "学校",
        "industry": "教育",
        "affiliation_level": "区",
        "is_local": True,
        "is_member": True,
    }


@pytest.fixture
def warehouse(tmp_path: Path) -> SmallWarehouse:
    """Two streets and their district, enrolled from the first quarter; nothing submitted yet."""
    small = SmallWarehouse(tmp_path)
    for unit_code in (STREET, OTHER_STREET, DISTRICT):
        small.enrol(unit_code)
    return small


def _activities(warehouse: SmallWarehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows("select unit_code, period, activity_name from core.fct_activity order by all")


def test_a_resubmission_replaces_all_rows_and_a_rejected_one_replaces_none(warehouse: SmallWarehouse) -> None:
    warehouse.submit("s1", STREET, "2025-Q1", {"activity": [_activity("义诊"), _activity("讲座")]})
    warehouse.submit("s2", OTHER_STREET, "2025-Q1", {"activity": [_activity("球赛")]})
    warehouse.build(select=ACTIVITIES)
    assert _activities(warehouse) == [
        (STREET, "2025-Q1", "义诊"),
        (STREET, "2025-Q1", "讲座"),
        (OTHER_STREET, "2025-Q1", "球赛"),
    ]

    warehouse.submit("s3", STREET, "2025-Q1", {"activity": [_activity("画展")]}, submitted_at=datetime(2025, 4, 10))
    warehouse.submit(
        "s4", OTHER_STREET, "2025-Q1", state="rejected", reason="has_errors", submitted_at=datetime(2025, 4, 10)
    )
    warehouse.build(select=ACTIVITIES, changed_periods=["2025-Q1"])

    assert _activities(warehouse) == [(STREET, "2025-Q1", "画展"), (OTHER_STREET, "2025-Q1", "球赛")]
    standing = warehouse.rows("select submission_id, is_standing from core.fct_submission order by 1")
    assert standing == [("s1", False), ("s2", True), ("s3", True), ("s4", False)]


def test_nights_of_news_and_a_full_refresh_give_the_same_tables(tmp_path: Path) -> None:
    def home(name: str) -> SmallWarehouse:
        small = SmallWarehouse(tmp_path / name)
        small.enrol(DISTRICT, has_subtree=True)
        return small

    def first_night(small: SmallWarehouse) -> None:
        small.submit("s1", STREET, "2025-Q1", {"activity": [_activity("义诊")], "unit": [_unit("示例学校")]})
        small.submit(
            "s2", STREET, "2025-Q2", {"unit": [_unit("示例学校"), _unit("示例公司")]}, submitted_at=datetime(2025, 7, 1)
        )
        small.submit("c1", DISTRICT, "2025-Q1", {"document": [_document()]}, form="committee")
        small.submit("f1", "4401", "GD-2025-01", {"feedback": [{"is_signed": True}]}, form="feedback")
        small.submit("x1", None, None, state="rejected", reason="form_unknown")

    def second_night(small: SmallWarehouse) -> None:
        small.submit("s3", STREET, "2025-Q1", {"unit": [_unit("改名学校")]}, submitted_at=datetime(2025, 4, 30))
        small.submit("x2", None, None, state="rejected", reason="form_unknown")

    nightly, refreshed = home("nightly"), home("refreshed")
    first_night(nightly)
    nightly.build(select=CORE)
    second_night(nightly)
    nightly.build(select=CORE, changed_periods=["2025-Q1"])
    first_night(refreshed)
    second_night(refreshed)
    refreshed.build(select=CORE, full_refresh=True)

    by_night, at_once = nightly.tables(*SCHEMAS), refreshed.tables(*SCHEMAS)
    assert by_night.keys() == at_once.keys()
    assert {name for name, rows in at_once.items() if rows != by_night[name]} == set()
    filled = (
        "core.fct_member_unit",
        "core.fct_document",
        "core.fct_feedback",
        "core.dim_member_unit",
        "core.dim_roster",
    )
    assert all(at_once[name] for name in filled)


def _document() -> dict[str, Any]:
    return {"document_kind": "配套政策", "title": "示例办法", "issued_on": date(2025, 1, 2)}


def test_a_changed_period_without_rows_is_emptied_and_the_others_are_left_alone(warehouse: SmallWarehouse) -> None:
    warehouse.submit("s1", STREET, "2025-Q1", {"activity": [_activity("义诊")]})
    warehouse.submit("s2", STREET, "2025-Q2", {"activity": [_activity("讲座", date(2025, 5, 1))]})
    warehouse.build(select=ACTIVITIES)

    warehouse.forget("s1")
    warehouse.build(select=ACTIVITIES, changed_periods=["2025-Q1"])

    assert _activities(warehouse) == [(STREET, "2025-Q2", "讲座")]
    assert warehouse.rows("select submission_id from core.fct_submission") == [("s2",)]


def test_a_night_reads_only_the_changed_periods_of_the_lake(warehouse: SmallWarehouse) -> None:
    warehouse.submit("s1", STREET, "2025-Q1", {"activity": [_activity("义诊")]})
    warehouse.submit("s2", STREET, "2025-Q2", {"activity": [_activity("讲座", date(2025, 5, 1))]})
    warehouse.build(select=ACTIVITIES)
    for damaged in warehouse.lake_dir.glob("street_activity/period=2025-Q1/*.parquet"):
        damaged.write_bytes(b"no longer a Parquet file")

    warehouse.build(select=ACTIVITIES, changed_periods=["2025-Q2"])

    assert len(_activities(warehouse)) == 2
    assert warehouse.rows("select distinct period from staging.stg_street__activity") == [("2025-Q2",)]


def test_a_period_left_out_of_the_changed_ones_fails_the_gate(warehouse: SmallWarehouse) -> None:
    warehouse.submit("s1", STREET, "2025-Q1", {"activity": [_activity("义诊")]})
    with pytest.raises(BuildFailedError, match="fct_submission_has_every_submission"):
        warehouse.build(select=ACTIVITIES, changed_periods=["2025-Q2"])


def test_a_code_outside_its_list_fails_the_gate(warehouse: SmallWarehouse) -> None:
    warehouse.submit("s1", STREET, "2025-Q1", {"activity": [{**_activity("义诊"), "activity_kind": "未列类别"}]})
    with pytest.raises(BuildFailedError, match="fct_activity_takes_codes_from_their_lists"):
        warehouse.build(select="+fct_activity +stg_reference__code_list")


def test_the_roster_tells_who_was_on_time_late_nil_rejected_missing_or_not_due(warehouse: SmallWarehouse) -> None:
    warehouse.known_at = datetime(2025, 7, 10)
    warehouse.submit("s1", STREET, "2025-Q1", {"activity": [_activity("义诊")]})
    warehouse.submit(
        "s2", OTHER_STREET, "2025-Q1", {"activity": [_activity("义诊")]}, submitted_at=datetime(2025, 5, 1)
    )
    warehouse.submit("s3", STREET, "2025-Q2", state="rejected", reason="has_errors", submitted_at=datetime(2025, 7, 2))
    warehouse.submit("s4", OTHER_STREET, "2025-Q2", {}, submitted_at=datetime(2025, 7, 2))
    warehouse.build(select="+dim_roster")

    states = warehouse.rows("select period, unit_code, state, submission_id from core.dim_roster order by all")

    assert states == [
        ("2025-Q1", DISTRICT, "missing", None),
        ("2025-Q1", STREET, "on_time", "s1"),
        ("2025-Q1", OTHER_STREET, "late", "s2"),
        ("2025-Q2", DISTRICT, "not_due", None),
        ("2025-Q2", STREET, "rejected", "s3"),
        ("2025-Q2", OTHER_STREET, "nil", "s4"),
    ]


def test_views_of_the_core_can_be_read_from_the_published_file(warehouse: SmallWarehouse, tmp_path: Path) -> None:
    warehouse.build(select="+dim_unit_current", with_tests=False)
    warehouse.database = warehouse.database.rename(tmp_path / "published.duckdb")
    with warehouse.connect() as connection:
        units = connection.table("core.dim_unit_current").filter("unit_level = 'province'")
        assert ("广东省",) in units.project("unit_name").fetchall()


def test_streets_of_the_real_hierarchy_hang_where_they_report(warehouse: SmallWarehouse) -> None:
    warehouse.build(select="+bridge_unit_ancestor +dim_unit_current")

    def ancestors(tree: str, unit_code: str) -> list[str]:
        with warehouse.connect() as connection:
            found = connection.execute(
                "select ancestor_code from core.bridge_unit_ancestor where tree = ? and unit_code = ? order by depth",
                [tree, unit_code],
            ).fetchall()
        return [code for (code,) in found]

    assert ancestors("administrative", "440606003") == ["440606003", "440606", "4406", "44"]
    assert ancestors("reporting", "440606003") == ["440606003", "440606", "44"]
    assert ancestors("reporting", "440307009") == ["440307009", "4403X1", "4403", "44"]
    assert ancestors("administrative", "441900003") == ["441900003", "4419", "44"]
    assert ancestors("administrative", "110101001") == ["110101001", "110101", "11"]
    assert ancestors("administrative", "419001001") == ["419001001", "419001", "41"]
    assert warehouse.rows("select count(*) from core.dim_unit_current where unit_level = 'street'") == [(9066,)]
