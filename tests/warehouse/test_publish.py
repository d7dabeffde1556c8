"""Publishing is one step: a reader sees the old warehouse or the new one, and a stale build is refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.home import Home
from warehouse.ask import NothingPublishedError, QueryFailedError, ask
from warehouse.freeze import FrozenBuild
from warehouse.publish import PublishRefusedError, publish

NOW = datetime(2026, 1, 21, 17, 30)

TABLES = """
create schema core; create schema rulebook;
create table core.fct_submission as select 's1' as submission_id, '2025-Q4' as period;
create table core.dim_period as
    select '2025-Q4' as period, date '2025-12-31' as ends_on, timestamp '2026-01-20' as deadline_at;
create table rulebook.notices as select '2025-Q4' as period, timestamp '2026-01-20' as deadline_at;
create table rulebook.stages (last_period varchar, closes_on date);
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


def make_build(home: Home, build_id: str, base_build_id: str | None, figure: int) -> FrozenBuild:
    folder = home.builds / build_id
    folder.mkdir()
    build = FrozenBuild(build_id, folder, NOW, base_build_id, True, (), "models", "rules", "roster")
    with duckdb.connect(str(build.database)) as connection:
        connection.execute(TABLES)
        connection.execute("create table main.figure as select $1 as value", [figure])
    return build


def figure_of(home: Home) -> int:
    return int(ask(home, "select value from main.figure").rows[0][0])


def test_a_build_takes_the_place_of_the_one_before(home: Home) -> None:
    publish(home, make_build(home, "b1", None, 1), published_at=NOW)
    publish(home, make_build(home, "b2", "b1", 2), published_at=NOW)
    assert figure_of(home) == 2
    assert [path.name for path in home.published.parent.iterdir() if "wal" in path.name] == []
    assert ask(home, "select build_id from meta.build").rows == [("b2",)]


def test_a_reader_that_has_the_old_file_open_goes_on_undisturbed(home: Home) -> None:
    publish(home, make_build(home, "b1", None, 1), published_at=NOW)
    descriptor = home.published.open("rb")
    before = home.published.stat().st_ino
    publish(home, make_build(home, "b2", "b1", 2), published_at=NOW)
    assert home.published.stat().st_ino != before
    assert descriptor.read(16)
    descriptor.close()


def test_a_build_made_from_another_base_is_refused_and_leaves_what_is_published(home: Home) -> None:
    publish(home, make_build(home, "b1", None, 1), published_at=NOW)
    stale = make_build(home, "b2", None, 2)
    with pytest.raises(PublishRefusedError, match="run the nightly again"):
        publish(home, stale, published_at=NOW)
    assert figure_of(home) == 1


def test_publishing_once_more_after_a_crash_behind_the_swap_only_writes_the_manifest(home: Home) -> None:
    build = make_build(home, "b1", None, 1)
    publish(home, build, published_at=NOW)
    home.published_manifest.unlink()
    assert publish(home, build, published_at=NOW)["build_id"] == "b1"
    assert home.published_manifest.exists()


def test_readers_cannot_write_nor_reach_other_files(home: Home) -> None:
    publish(home, make_build(home, "b1", None, 1), published_at=NOW)
    for sql in (
        "create table main.x (a int)",
        "select * from read_csv('/etc/hostname')",
        "set enable_external_access=true",
    ):
        with pytest.raises(QueryFailedError):
            ask(home, sql)


def test_asking_before_the_first_publish_says_what_to_do(home: Home) -> None:
    with pytest.raises(NothingPublishedError, match="jiedao nightly"):
        ask(home, "select 1")
