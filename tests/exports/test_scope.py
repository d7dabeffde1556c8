"""A scope sees the units that report to it, with the history that they carry on, and nobody else's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from exports.folder import ExportRefusedError
from exports.scoped import FileFormat, export_scope
from ingest.home import Home
from tests.support.published import publish_small

ALL = {"2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home").prepare()
    publish_small(home)
    return home


def rows(folder: Path, mart: str) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"select * from '{folder / mart}.parquet'").fetchall()


def seen(home: Home, folder: Path, scope: str, periods: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """The periods of each unit in the export of a scope."""
    export_scope(home, scope, folder, file_format=FileFormat.PARQUET, periods=periods)
    found: dict[str, set[str]] = {}
    for unit, _, period, *_ in rows(folder, "mart_submission_status"):
        found.setdefault(unit, set()).add(period)
    return found


def test_a_city_sees_who_reports_to_it_and_not_who_only_has_its_digits(home: Home, tmp_path: Path) -> None:
    found = seen(home, tmp_path / "out", "4401")
    assert {"4401", "440101", "440101001", "440101009"} <= set(found)
    assert {"440106", "440106001", "44", "4402", "440201001"} & set(found) == set()


def test_a_district_outside_of_its_city_is_seen_by_the_province(home: Home, tmp_path: Path) -> None:
    assert seen(home, tmp_path / "a", "440106") == {"440106": ALL, "440106001": ALL}
    assert {"440106001", "440101001", "440201003"} <= set(seen(home, tmp_path / "b", "44"))


def test_a_street_that_moved_is_seen_before_by_the_one_and_wholly_by_the_other(home: Home, tmp_path: Path) -> None:
    assert seen(home, tmp_path / "a", "4401")["440101005"] == {"2025-Q1", "2025-Q2"}
    assert seen(home, tmp_path / "b", "4402")["440101005"] == ALL


def test_what_has_no_day_is_seen_only_by_those_above_today(home: Home, tmp_path: Path) -> None:
    seen(home, tmp_path / "a", "4401")
    seen(home, tmp_path / "b", "4402")
    assert "440101005" not in {row[0] for row in rows(tmp_path / "a", "mart_claim")}
    assert "440101005" in {row[0] for row in rows(tmp_path / "b", "mart_claim")}


def test_the_reports_under_a_code_before_go_with_the_street_and_stay_with_the_office_of_then(
    home: Home, tmp_path: Path
) -> None:
    assert seen(home, tmp_path / "a", "4402")["440199001"] == ALL
    assert seen(home, tmp_path / "b", "440201002")["440199001"] == ALL
    assert seen(home, tmp_path / "c", "4401")["440199001"] == ALL


def test_a_split_carries_nothing_on(home: Home, tmp_path: Path) -> None:
    assert "440101009" not in seen(home, tmp_path / "a", "4402")


def test_a_street_sees_itself_alone(home: Home, tmp_path: Path) -> None:
    assert seen(home, tmp_path / "a", "440101001") == {"440101001": ALL}
    assert rows(tmp_path / "a", "mart_completeness") == []
    assert rows(tmp_path / "a", "mart_stage_score") == [("440101001", "S1", 90000)]


def test_waivers_are_seen_by_those_for_whom_they_hold(home: Home, tmp_path: Path) -> None:
    seen(home, tmp_path / "a", "440101001")
    assert {row[0] for row in rows(tmp_path / "a", "mart_waiver")} == {"44", "440101001"}
    seen(home, tmp_path / "b", "4402")
    assert {row[0] for row in rows(tmp_path / "b", "mart_waiver")} == {"44", "4402"}


def test_a_change_is_seen_from_both_of_its_ends(home: Home, tmp_path: Path) -> None:
    for number, (scope, count) in enumerate({"440201002": 1, "4401": 1, "440101001": 0}.items()):
        seen(home, tmp_path / str(number), scope)
        assert len(rows(tmp_path / str(number), "mart_unit_lineage")) == count


def test_a_period_keeps_what_is_about_it(home: Home, tmp_path: Path) -> None:
    found = seen(home, tmp_path / "a", "4402", ("2025-Q3", "2025-Q4"))
    assert set.union(*found.values()) == {"2025-Q3", "2025-Q4"}
    assert rows(tmp_path / "a", "mart_claim") == []
    assert rows(tmp_path / "a", "mart_stage_score") != []


def test_the_country_has_every_row(home: Home, tmp_path: Path) -> None:
    manifest = export_scope(home, "all", tmp_path / "a", file_format=FileFormat.PARQUET)
    with duckdb.connect(str(home.published), read_only=True) as connection:
        for entry in manifest["files"]:
            [(count,)] = connection.execute(f"select count(*) from marts.{entry['mart']}").fetchall()
            assert entry["rows"] == count == len(rows(tmp_path / "a", entry["mart"]))


@pytest.mark.parametrize(("scope", "periods"), [("99", ()), ("4401", ("2025-Q9",)), ("4401' or true", ())])
def test_an_unknown_unit_or_period_is_refused_and_nothing_is_left(
    home: Home, tmp_path: Path, scope: str, periods: tuple[str, ...]
) -> None:
    with pytest.raises(ExportRefusedError, match="is no"):
        export_scope(home, scope, tmp_path / "out" / "a", file_format=FileFormat.CSV, periods=periods)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_mart_that_names_no_unit_is_refused_and_the_folder_of_before_stays(home: Home, tmp_path: Path) -> None:
    target = tmp_path / "out" / "a"
    before = export_scope(home, "4401", target, file_format=FileFormat.PARQUET)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("create table marts.mart_new as select 1 as number")
    with pytest.raises(ExportRefusedError, match="mart_new names no unit"):
        export_scope(home, "4401", target, file_format=FileFormat.PARQUET, replace_target=True)
    assert json.loads((target / "manifest.json").read_text(encoding="utf-8")) == before
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]
