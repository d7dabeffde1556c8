"""``jiedao query`` and what it writes: readable, harmless, read-only, within limits; and ``jiedao export``."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli import answers
from cli.main import app
from ingest.home import Home
from ingest.ledger import Ledger
from tests.support.published import publish_small

FINE, CANNOT_BE_TAKEN = 0, 2
Run = Callable[..., Result]
ENDLESS = "select count(*) from range(1000000000000) t(a) where hash(a) % 7 = 1"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path / "home"))
    publish_small(Home(tmp_path / "home").prepare())

    def invoke(*arguments: str | Path, given: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=given)

    return invoke


def test_a_table_has_the_rows_and_their_number(run: Run) -> None:
    result = run("query", "select 1 as a, null as b, '街道' as c")
    assert result.exit_code == FINE
    assert [line.split() for line in result.stdout.splitlines()] == [["a", "b", "c"], ["1", "街道"], ["(1", "rows)"]]


def test_a_long_table_is_cut_with_a_word_about_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "TABLE_ROWS", 3)
    *_, last, end = (line.strip() for line in run("query", "from range(4)").stdout.splitlines())
    assert (last, end) == ("2", "(the first 3 rows; --format csv gives all)")
    assert run("query", "from range(3)").stdout.splitlines()[-1] == "(3 rows)"


def test_csv_gives_every_row_and_no_formula(run: Run) -> None:
    result = run(
        "query",
        "select i, '=1+1' as evil, -5 as n, [i] as l, true as b, null as e from range(2500) t(i)",
        "--format",
        "csv",
    )
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 2500
    assert rows[2] == {"i": "2", "evil": "'=1+1", "n": "-5", "l": "[2]", "b": "true", "e": ""}


@pytest.mark.parametrize("asked", [("--json",), ("--format", "json")])
def test_json_gives_every_row_with_types(run: Run, asked: tuple[str, ...]) -> None:
    found = json.loads(
        run("query", "select i, 1.5::decimal(4, 2) as d, date '2025-01-01' as day from range(3) t(i)", *asked).stdout
    )
    assert found == [{"i": number, "d": 1.5, "day": "2025-01-01"} for number in range(3)]
    assert json.loads(run("query", "select 1 where false", *asked).stdout) == []


@pytest.mark.parametrize(("form", "row"), [("table", 500), ("csv", 4000), ("json", 4000)])
def test_an_answer_goes_to_a_file_whole_or_not_at_all(run: Run, tmp_path: Path, form: str, row: int) -> None:
    target = tmp_path / "answer.txt"
    assert run("query", "select 42 as x", "--format", form, "-o", target).exit_code == FINE
    before = target.read_text(encoding="utf-8")
    assert "42" in before
    # A table reads no further than it shows.
    failing = f"select case when i = {row} then error('broken') else i end from range(5000) t(i)"
    assert run("query", failing, "--format", form, "--output", target).exit_code == CANNOT_BE_TAKEN
    assert target.read_text(encoding="utf-8") == before
    assert {path.name for path in tmp_path.iterdir()} == {"home", "answer.txt"}
    assert run("query", "select 1", "-o", tmp_path / "no" / "a").exit_code == CANNOT_BE_TAKEN


def test_what_is_taken_away_is_in_the_audit_log(run: Run, tmp_path: Path) -> None:
    run("query", "select 1")
    run("query", "select  2 as\ntaken", "--output", tmp_path / "a")
    ledger = Ledger(Home(tmp_path / "home").ledger_url)
    [event] = ledger.audit_events()
    ledger.close()
    assert (event["event"], event["subject"]) == ("export_query", "select 2 as taken")
    assert event["user_name"].startswith("os:")


def test_the_question_may_come_from_a_file_or_standard_input(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "question.sql"
    path.write_text("-- 问题\nselect 7 as x", encoding="utf-8")
    assert json.loads(run("query", "--file", path, "--json").stdout) == [{"x": 7}]
    assert json.loads(run("query", "--file", "-", "--json", given="select 8 as x").stdout) == [{"x": 8}]
    for arguments in ((), ("select 1", "--file", path), ("--file", tmp_path / "none.sql"), ("  ",)):
        result = run("query", *arguments)
        assert result.exit_code == CANNOT_BE_TAKEN
        assert "SQL" in result.stderr or "cannot be read" in result.stderr


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("marts.mart_stage_scores", "marts.mart_stage_score"),
        ("mart_stage_score", "marts.mart_stage_score"),
        ("claims", "marts.mart_claim"),
        ("submission", "marts.mart_submission_status"),
    ],
)
def test_a_wrong_table_is_answered_with_those_that_come_near(run: Run, wrong: str, hint: str) -> None:
    result = run("query", f"select * from {wrong}")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert f"there is no table {wrong.split('.')[-1]}; did you mean" in result.stderr
    assert hint in result.stderr


def test_a_wrong_column_is_answered_with_those_that_come_near(run: Run) -> None:
    result = run("query", "select unit_kode from marts.mart_stage_score")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert '"unit_code"' in result.stderr


@pytest.mark.parametrize(
    "sql",
    [
        "create table marts.mine as select 1",
        "delete from marts.mart_stage_score",
        "copy (select 1) to 'stolen.csv'",
        "select * from read_text('pyproject.toml')",
        "select * from read_csv('requirements/base.in')",
        "attach 'other.duckdb'",
        "install httpfs",
        "set enable_external_access = true",
        "set memory_limit = '99GB'",
        "set lock_configuration = false",
        "export database 'stolen'",
    ],
)
def test_nothing_is_changed_and_nothing_outside_is_reached(run: Run, tmp_path: Path, sql: str) -> None:
    before = (tmp_path / "home" / "published" / "warehouse.duckdb").read_bytes()
    assert run("query", sql).exit_code == CANNOT_BE_TAKEN
    assert (tmp_path / "home" / "published" / "warehouse.duckdb").read_bytes() == before
    assert not Path("stolen.csv").exists()


@pytest.mark.parametrize("name", ["sql", "connection", "duckdb"])
def test_a_name_in_sql_is_not_looked_up_among_our_own_variables(run: Run, name: str) -> None:
    assert f"there is no table {name}" in run("query", f"select * from {name}").stderr


def test_a_question_that_takes_too_long_is_stopped(run: Run) -> None:
    result = run("query", ENDLESS, "--timeout", "1")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert "stopped after 1 seconds" in result.stderr


def test_a_question_that_takes_too_much_memory_fails_with_a_word_about_it(run: Run) -> None:
    greedy = "select length(string_agg(repeat('x', 1000), '')) from range(1000000)"
    result = run("query", greedy, "--memory", "50MB")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert "Memory" in result.stderr
    assert "no size such as 1GB" in run("query", "select 1", "--memory", "much").stderr


def test_an_export_is_told_and_refused_in_words(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "out"
    result = run("export", "--scope", "4401", "--format", "csv", "--period", "2025-Q1, 2025-Q2", "--to", target)
    assert result.exit_code == FINE
    assert "单位4401（4401）: 6 units, 6 files" in result.stdout
    assert "6 of 6: mart_waiver" in result.stderr
    assert json.loads((target / "manifest.json").read_text(encoding="utf-8"))["periods"] == ["2025-Q1", "2025-Q2"]
    again = run("export", "--scope", "4401", "--to", target)
    assert (again.exit_code, "--force" in again.stderr) == (CANNOT_BE_TAKEN, True)
    assert run("export", "--scope", "4401", "--to", target, "--force", "--storage-version", "v1.2.0").exit_code == FINE
    assert "99 is no unit" in run("export", "--scope", "99", "--to", tmp_path / "other").stderr
