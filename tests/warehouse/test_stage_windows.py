"""A stage has a first and a last day: what comes later does not count, and before them nothing is final."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.output import ExitCode
from expectations.build import judge_in_place
from ingest.home import Home
from tests.support.programme import FIRST_NIGHT, STAGE, accept, programme, publish
from tests.support.reports import ABOVE, AT, BELOW, STREETS, at_thresholds
from warehouse.ask import ask
from warehouse.assess import assess
from warehouse.overrides import apply_override, parse_override
from warehouse.project import RULEBOOK_DIR
from warehouse.release import ReleaseError, create, finalise
from warehouse.rulebook import copy_rulebook
from warehouse.stages import CLOSED, NOT_OPEN, OPEN, StageNotOpenError, window_of, windows

#: The last minute of the stage and the first one after it, UTC: it closes with 10 February 2026 in Shanghai.
LAST_MINUTE = datetime(2026, 2, 10, 15, 58)
TOO_LATE = datetime(2026, 2, 10, 16)
LONG_AFTER = datetime(2026, 3, 1)
SILENT_UNTIL_THEN = STREETS[4]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Three streets that reported in April; then a correction in time, and a first report that came after the close."""
    home = programme(tmp_path_factory.mktemp("windows") / "home")
    publish(home, FIRST_NIGHT)
    accept(home, "in-time", BELOW, at_thresholds(), at=LAST_MINUTE)
    accept(home, "first-too-late", SILENT_UNTIL_THEN, at_thresholds(), at=TOO_LATE)
    publish(home, LONG_AFTER)
    return home


def test_a_report_of_the_last_minute_counts_and_a_later_one_only_where_the_stage_counts_it(
    published: Home, tmp_path: Path
) -> None:
    lenient = ask(published, "select unit_code, reported_count from marts.mart_stage_score where unit_level = 'street'")
    assert dict(lenient.rows) == {AT: 1, BELOW: 1, ABOVE: 1, SILENT_UNTIL_THEN: 1}
    folder = copy_rulebook(RULEBOOK_DIR, tmp_path / "draft")
    apply_override(folder, parse_override("stage.S1.late_policy=leave_out"), STAGE)
    strict = assess(
        published, STAGE, known_at=LONG_AFTER, judge=judge_in_place, rulebook=str(folder), out=tmp_path / "strict"
    )
    assert reported_by(strict.folder) == {AT: 1, BELOW: 1, ABOVE: 1, SILENT_UNTIL_THEN: 0}
    assert scores_by(strict.folder)[SILENT_UNTIL_THEN] == (None, "not_reported")
    assert scores_by(strict.folder)[BELOW] == scores_by(strict.folder)[AT]


def streets_of(folder: Path) -> list[dict[str, Any]]:
    rows = pq.read_table(folder / "mart_stage_score.parquet").to_pylist()
    return [row for row in rows if row["unit_level"] == "street"]


def reported_by(folder: Path) -> dict[str, int]:
    """Reports that count, by street."""
    return {row["unit_code"]: row["reported_count"] for row in streets_of(folder)}


def scores_by(folder: Path) -> dict[str, tuple[int | None, str | None]]:
    """Score and why there is no rank, by street."""
    return {row["unit_code"]: (row["score"], row["unranked_reason"]) for row in streets_of(folder)}


def test_results_are_not_provisional_once_the_stage_has_closed(published: Home) -> None:
    rows = ask(
        published, "select distinct closes_on, is_provisional from marts.mart_stage_score where stage_code = 'S1'"
    )
    assert rows.rows == [(date(2026, 2, 10), False)]


def test_the_night_after_the_close_makes_provisional_results_firm_without_any_news(tmp_path: Path) -> None:
    home = programme(tmp_path / "home")
    publish(home, datetime(2026, 2, 10, 12))
    provisional = "select distinct is_provisional from marts.mart_stage_score where stage_code = 'S1'"
    assert ask(home, provisional).rows == [(True,)]
    publish(home, datetime(2026, 2, 10, 17))
    assert ask(home, provisional).rows == [(False,)]


def test_a_stage_that_has_not_opened_is_neither_assessed_nor_released(published: Home) -> None:
    before = datetime(2025, 5, 1)
    with pytest.raises(StageNotOpenError, match="stage S3 opens on 2027-01-01"):
        assess(published, "S3", known_at=before, judge=judge_in_place)
    with pytest.raises(StageNotOpenError, match="stage S3 opens on 2027-01-01"):
        create(published, "S3", now=before, known_at=None, judge=judge_in_place)


def test_what_was_known_before_the_close_does_not_become_final(published: Home) -> None:
    manifest = create(published, STAGE, now=LONG_AFTER, known_at=FIRST_NIGHT, judge=judge_in_place)
    assert manifest["stage_state"] == OPEN
    with pytest.raises(ReleaseError, match=r"S1-v1 is provisional.* stage S1 closes with 2026-02-10"):
        finalise(published, STAGE, now=LONG_AFTER, judge=judge_in_place, force_reason="eilig")


def test_a_day_belongs_to_a_stage_as_long_as_it_lasts_in_shanghai() -> None:
    window = window_of(RULEBOOK_DIR, STAGE)
    opens_at = datetime(2024, 12, 31, 16)
    assert window.state_at(opens_at - timedelta(seconds=1)) == NOT_OPEN
    assert window.state_at(opens_at) == OPEN
    assert window.state_at(TOO_LATE - timedelta(seconds=1)) == OPEN
    assert window.state_at(TOO_LATE) == CLOSED


def test_the_stages_are_listed_with_their_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path))
    told = json.loads(CliRunner().invoke(app, ["stages", "--json"]).stdout)
    assert [(one["stage_code"], one["closes_on"]) for one in told] == [
        (window.stage_code, window.closes_on.isoformat()) for window in windows(RULEBOOK_DIR)
    ]
    assert {one["state"] for one in told} <= {NOT_OPEN, OPEN, CLOSED}


def test_a_stage_that_has_not_opened_is_refused_with_its_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path))
    result = CliRunner().invoke(app, ["assess", "--stage", "S5", "--known-at", "2026-01-01"])
    assert "stage S5 opens on 2029-01-01" in " ".join(result.output.split())
    assert result.exit_code == ExitCode.CANNOT_BE_TAKEN
