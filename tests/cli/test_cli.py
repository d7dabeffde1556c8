"""The command line: what it prints, where it prints it, and the exit code that a script can rely on."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from ingest.forms import load_forms
from ingest.home import Home
from samples import generate
from warehouse.night import parse, plan

FINE, REPORT_HAS_ERRORS, CANNOT_BE_TAKEN, OUR_FAILURE = 0, 1, 2, 3
UNIT, PERIOD = "440103001", "2026-Q3"
CHECK_KEYS = {"state", "form", "unit_code", "period", "reason", "problems", "issues", "rows"}
ISSUE_KEYS = {"sheet", "cell", "header", "raw", "code", "finding_key", "severity", "message", "remedy"}

Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:  # noqa: ARG001 - the home must be set first
    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean report of one street of Liwan, as the sample writes it; its folder is the street's code."""
    root = tmp_path_factory.mktemp("filled")
    generate(root, "440103", ["2025-Q4"], error_share=0, workers=1)
    with (root / "sample" / "truth_submissions.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["form"] == "street" and row["state"] == "on_time"]
    return root / "inbox" / rows[0]["unit_code"] / rows[0]["file"]


def spoil(source: Path, target: Path, sheet: str, cell: str, value: object) -> Path:
    book = openpyxl.load_workbook(source)
    book[sheet][cell] = value
    book.save(target)
    return target


def decide(home: Path) -> None:
    """What the night does before it builds."""
    at = datetime(2026, 1, 10, 17, 30)
    for batch_id in plan(Home(home)):
        parse(Home(home), batch_id, at)


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.mark.parametrize("form", sorted(load_forms()))
def test_a_template_is_written_for_every_form(run: Run, tmp_path: Path, form: str) -> None:
    unit = {"street": UNIT, "committee": "440103", "feedback": "4401"}[form]
    period = "GD-2025-01" if form == "feedback" else PERIOD
    target = tmp_path / "t.xlsx"
    assert run("template", form, "--unit", unit, "--period", period, "-o", target).exit_code == FINE
    sheets = openpyxl.load_workbook(target).sheetnames
    assert {sheet.name_zh for sheet in load_forms()[form].sheets} <= set(sheets)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("street", "--unit", "999999999", "--period", PERIOD), "there is no unit 999999999"),
        (("street", "--unit", "4401", "--period", PERIOD), "the form street is for: street"),
        (("street", "--unit", UNIT, "--period", "2026年"), "is not a period"),
        (("feedback", "--unit", "4401", "--period", "X"), "there is no notice X; known: GD-2025-01"),
    ],
)
def test_a_template_for_the_wrong_unit_or_period_is_refused(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    result = run("template", *arguments, "-o", tmp_path / "t.xlsx")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert complaint in result.stderr
    assert not (tmp_path / "t.xlsx").exists()


def test_a_template_overwrites_a_file_only_when_told_to(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "t.xlsx"
    target.write_bytes(b"mine")
    arguments = ("template", "street", "--unit", UNIT, "--period", PERIOD, "-o", target)
    assert run(*arguments).exit_code == CANNOT_BE_TAKEN
    assert target.read_bytes() == b"mine"
    assert run(*arguments, "--force").exit_code == FINE


def test_a_template_is_prefilled_from_the_last_accepted_report_or_says_that_there_is_none(
    run: Run, filled: Path, tmp_path: Path, home: Path
) -> None:
    unit, target = filled.parent.name, tmp_path / "t.xlsx"
    arguments = ("template", "street", "--unit", unit, "--period", "2026-Q1", "--prefill", "--force", "-o", target)
    assert "没有可预填的内容" in run(*arguments).stdout
    assert run("submit", filled, "--unit", unit).exit_code == FINE
    decide(home)
    result = parsed(run(*arguments, "--json"))
    assert (result["prefilled_from"], result["period"]) == ("2025-Q4", "2026-Q1")
    assert 0 < result["prefilled_count"] < result["asked_count"]
    assert run("check", target, "--unit", unit).exit_code == FINE
    assert "已预填" in run(*arguments).stdout


def test_a_clean_report_is_accepted(run: Run, filled: Path) -> None:
    result = run("check", filled, "--json")
    report = parsed(result)
    assert result.exit_code == FINE
    assert set(report) == CHECK_KEYS
    assert (report["state"], report["reason"], report["issues"]) == ("accepted", None, [])
    assert (report["form"], report["unit_code"], report["period"]) == ("street", filled.parent.name, "2025-Q4")
    assert report["rows"]["cover"] == 1
    assert report["rows"]["person"] > 5


def test_a_wrong_cell_is_named_and_the_report_sent_back(run: Run, filled: Path, tmp_path: Path) -> None:
    spoilt = spoil(filled, tmp_path / "spoilt.xlsx", "基本情况", "B3", "很多")
    result = run("check", spoilt, "--json")
    report = parsed(result)
    [issue] = report["issues"]
    assert result.exit_code == REPORT_HAS_ERRORS
    assert (report["state"], report["reason"]) == ("rejected", "has_errors")
    assert set(issue) == ISSUE_KEYS
    assert (issue["sheet"], issue["cell"], issue["raw"]) == ("基本情况", "B3", "很多")
    assert (issue["code"], issue["severity"]) == ("count_invalid", "error")


def test_findings_are_told_in_chinese_with_cell_and_remedy(run: Run, filled: Path, tmp_path: Path) -> None:
    spoilt = spoil(filled, tmp_path / "spoilt.xlsx", "基本情况", "B3", "很多")
    result = run("check", spoilt)
    assert "退回修改" in result.stdout
    assert "［错误］ 基本情况!B3" in result.stdout


@pytest.mark.parametrize(("content", "reason"), [(b"", "file_empty"), (b"<html></html>", "not_a_workbook")])
def test_what_is_no_workbook_cannot_be_taken(run: Run, tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    result = run("check", path, "--json")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert parsed(result)["reason"] == reason


def test_a_missing_file_cannot_be_taken(run: Run, tmp_path: Path) -> None:
    result = run("check", tmp_path / "gone.xlsx")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert "cannot be read" in result.stderr


def test_a_report_of_another_unit_is_not_taken_from_a_sender(run: Run, filled: Path) -> None:
    result = run("check", filled, "--unit", "440104001", "--json")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert parsed(result)["reason"] == "unit_mismatch"


def test_checking_leaves_no_trace(run: Run, filled: Path, home: Path) -> None:
    run("check", filled)
    assert not home.exists()


def test_handing_in_gives_a_receipt_and_the_same_file_the_same_receipt(run: Run, filled: Path) -> None:
    first, second = (parsed(run("submit", filled, "--unit", filled.parent.name, "--json")) for _ in range(2))
    assert first["receipt"]["is_new"] and not second["receipt"]["is_new"]
    assert first["receipt"]["submission_id"] == second["receipt"]["submission_id"]
    assert first["report"]["state"] == "accepted"


def test_a_bad_report_is_kept_all_the_same(run: Run, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"<html></html>")
    assert run("submit", path, "--unit", UNIT).exit_code == CANNOT_BE_TAKEN
    assert [stored.read_bytes() for stored in home.glob("raw/*/*")] == [b"<html></html>"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "select 1"),
        ("shell",),
        ("status",),
        ("explain", "--unit", UNIT, "--period", PERIOD),
        ("export", "--scope", "44", "--to", "exported"),
        ("opendata", "--period", PERIOD, "--to", "released"),
    ],
)
def test_asking_before_anything_is_published_says_what_to_do(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == OUR_FAILURE
    assert "jiedao nightly" in result.stderr


def test_an_instant_that_is_none_is_refused_before_anything_runs(run: Run, home: Path) -> None:
    result = run("nightly", "--known-at", "yesterday")
    assert result.exit_code == CANNOT_BE_TAKEN
    assert not (home / "ledger.db").exists()


def test_a_sample_is_refused_in_a_home_that_has_an_enrolment_of_its_own(run: Run, home: Path) -> None:
    (home / "programme").mkdir(parents=True)
    (home / "programme" / "enrolment.csv").write_text("scope_code\n", encoding="utf-8")
    assert run("sample", "--scope", UNIT, "--periods", "2025-Q4").exit_code == CANNOT_BE_TAKEN


def test_a_formula_error_in_a_cell_is_found_though_the_reader_shows_nothing(
    run: Run, filled: Path, tmp_path: Path
) -> None:
    spoilt = spoil(filled, tmp_path / "spoilt.xlsx", "基本情况", "B4", "=1+")
    issues = parsed(run("check", spoilt, "--json"))["issues"]
    assert [(issue["cell"], issue["code"]) for issue in issues] == [("B4", "formula_without_value")]


def test_dates_typed_as_text_or_as_dates_are_the_same(run: Run, filled: Path, tmp_path: Path) -> None:
    for value in (date(2026, 1, 5), "2026年1月5日", "2026.1.5"):
        spoilt = spoil(filled, tmp_path / "dated.xlsx", "封面", "B6", value)
        assert run("check", spoilt).exit_code == FINE, value


def test_a_receipt_is_shown_and_verified_without_the_home_that_signed_it(
    run: Run, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = parsed(run("submit", filled, "--unit", filled.parent.name, "--json"))
    public, receipt = tmp_path / "public.pem", tmp_path / "receipt.json"
    public.write_text(run("receipt", "key").stdout, encoding="utf-8")
    assert run("receipt", "show", submitted["receipt"]["submission_id"], "-o", receipt).exit_code == FINE
    assert json.loads(receipt.read_text(encoding="utf-8")) == submitted["signed_receipt"]
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path / "elsewhere"))
    verified = run("receipt", "verify", receipt, "--workbook", filled, "--key", public)
    assert verified.exit_code == FINE
    assert "回执有效" in verified.stdout
    own = run("receipt", "verify", receipt)
    assert own.exit_code == FINE
    assert "回执自带的公钥" in own.stdout
    assert not (tmp_path / "elsewhere").exists()
    stranger = tmp_path / "stranger.pem"
    stranger.write_text(parsed(run("receipt", "key", "--json"))["public_key"], encoding="utf-8")
    refused = run("receipt", "verify", receipt, "--key", stranger, "--json")
    assert (refused.exit_code, parsed(refused)["failure"]) == (REPORT_HAS_ERRORS, "other_key")
    other = run("receipt", "verify", receipt, "--workbook", public, "--key", public)
    assert other.exit_code == REPORT_HAS_ERRORS
    assert "说的不是这个文件" in other.stdout
    assert run("receipt", "verify", tmp_path / "none.json").exit_code == CANNOT_BE_TAKEN
    assert run("receipt", "verify", receipt, "--key", receipt).exit_code == CANNOT_BE_TAKEN
    assert run("receipt", "show", "0").exit_code == CANNOT_BE_TAKEN


def test_check_writes_the_marked_workbook_beside_and_never_over_the_file(
    run: Run, filled: Path, tmp_path: Path
) -> None:
    spoilt = spoil(filled, tmp_path / "spoilt.xlsx", "基本情况", "B3", "很多")
    target = tmp_path / "marked.xlsx"
    result = run("check", spoilt, "--marked", target)
    assert result.exit_code == REPORT_HAS_ERRORS
    assert "已在原件上标注" in result.stdout
    book = openpyxl.load_workbook(target)
    assert book.sheetnames[0] == "填报问题"
    assert book["基本情况"]["B3"].comment is not None
    assert run("check", spoilt, "--marked", spoilt).exit_code == CANNOT_BE_TAKEN
    page = tmp_path / "page.xlsx"
    page.write_text("<html></html>", encoding="utf-8")
    assert run("check", page, "--marked", target).exit_code == CANNOT_BE_TAKEN
    assert openpyxl.load_workbook(target).sheetnames == ["填报问题"]


def test_a_report_is_reviewed_withdrawn_and_locked_out_on_the_command_line(run: Run, filled: Path, home: Path) -> None:
    unit = filled.parent.name
    sent = parsed(run("submit", filled, "--unit", unit, "--json"))["receipt"]["submission_id"]
    assert run("review", "accept", sent, "--by", "440103").exit_code == CANNOT_BE_TAKEN  # not decided yet
    decide(home)
    assert run("review", "accept", sent, "--by", unit).exit_code == CANNOT_BE_TAKEN
    assert run("review", "return", sent, "--by", "440103", "--reason", "缺印章").exit_code == FINE
    [row] = parsed(run("review", "list", "--unit", "440103", "--period", "2025-Q4", "--json"))
    assert (row["submission_id"], row["review_kind"], row["review_reason"]) == (sent, "returned", "缺印章")
    assert "缺印章" in run("review", "list").stdout
    closing = ("lock", "close", "2025-Q4", "--by", "4401", "--reason", "汇总")
    assert parsed(run(*closing, "--json"))["kind"] == "closed"
    again = run("submit", filled, "--unit", unit)
    assert "已经锁定" in again.stdout
    assert run("withdraw", sent, "--by", unit, "--reason", "x").exit_code == CANNOT_BE_TAKEN
    excepting = ("lock", "except", "2025-Q4", "--unit", unit, "--by", "4401", "--reason", "台风", "--until")
    assert run(*excepting, "soon").exit_code == CANNOT_BE_TAKEN
    assert run(*excepting, "2030-01-01").exit_code == FINE
    assert [event["kind"] for event in parsed(run("lock", "list", "--json"))] == ["closed", "exception"]
    assert run("withdraw", sent, "--by", unit, "--reason", "报错了").exit_code == FINE
    assert run("lock", "close", "2029-Q4", "--by", "4401", "--reason", "x").exit_code == CANNOT_BE_TAKEN
