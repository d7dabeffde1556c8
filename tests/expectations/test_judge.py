"""Judging by Great Expectations: every outcome, every operator at its boundary, every failing subject named."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from expectations import JudgeError, judge
from tests.support.judging import AT_LEAST_2, DRAFT, EXACTLY_1, FROM_3_TO_5, Judge, Row, make_build

OUTCOMES = {"pass", "fail", "not_applicable", "too_early", "not_evaluated", "not_decided"}


#: status, value, rule, outcome
BY_STATUS = [
    ("measured", "2", "at_least_2", "pass"),
    ("provisional", "2", "at_least_2", "pass"),
    ("incomplete", "2", "at_least_2", "pass"),
    ("measured", "1", "at_least_2", "fail"),
    ("provisional", "1", "at_least_2", "too_early"),
    ("incomplete", "1", "at_least_2", "not_evaluated"),
    *[("not_applicable", value, "at_least_2", "not_applicable") for value in (None, "9", "0")],
    *[("not_evaluated", value, "at_least_2", "not_evaluated") for value in (None, "9", "0")],
    *[("not_due", value, "at_least_2", "too_early") for value in (None, "9", "0")],
]
NULLS = [
    (status, None, rule_id, "not_evaluated")
    for status in ("measured", "provisional", "incomplete")
    for rule_id in ("at_least_2", "at_most_3", "from.3_to_5", "exactly_1")
]
AT_THE_BOUNDS = [
    ("measured", value, rule_id, outcome)
    for rule_id, value, outcome in [
        ("at_least_2", "2", "pass"),
        ("at_least_2", "1.9999", "fail"),
        ("at_least_100", "100.0000", "pass"),
        ("at_least_100", "99.9999", "fail"),
        ("at_least_100", "99999999999999.9999", "pass"),
        ("at_most_3", "3", "pass"),
        ("at_most_3", "3.0001", "fail"),
        ("at_most_3", "-1", "pass"),
        ("from.3_to_5", "2.9999", "fail"),
        ("from.3_to_5", "3", "pass"),
        ("from.3_to_5", "5", "pass"),
        ("from.3_to_5", "5.0001", "fail"),
        ("exactly_1", "1", "pass"),
        ("exactly_1", "0.9999", "fail"),
        ("exactly_1", "1.0001", "fail"),
    ]
]
DRAFTS = [
    *[(status, "0", "draft", "not_decided") for status in ("measured", "provisional", "incomplete")],
    ("not_evaluated", None, "draft", "not_decided"),
    ("not_due", None, "draft", "not_decided"),
    ("not_applicable", None, "draft", "not_applicable"),
]
CASES = [*BY_STATUS, *NULLS, *AT_THE_BOUNDS, *DRAFTS]


@pytest.fixture(scope="module")
def case_outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Outcome of every case by the number of the case, which is also its unit; judged in one run."""
    folder = tmp_path_factory.mktemp("cases")
    rows = [Row(str(n), value, rule_id=rule, status=status) for n, (status, value, rule, _) in enumerate(CASES)]
    summary = judge(make_build(folder / "build.duckdb", rows), folder / "judged", gx_home=folder / "gx", periods=None)
    return {row["unit_code"]: row["outcome"] for row in pq.read_table(summary.outcome_file).to_pylist()}


def _outcome_of(case: tuple[str, str | None, str, str], outcomes: dict[str, str]) -> str:
    return outcomes[str(CASES.index(case))]


@pytest.mark.parametrize("case", BY_STATUS)
def test_the_status_says_what_a_met_and_an_unmet_rule_become(
    case_outcomes: dict[str, str], case: tuple[str, str, str, str]
) -> None:
    assert _outcome_of(case, case_outcomes) == case[-1]


@pytest.mark.parametrize("case", NULLS)
def test_a_null_never_passes(case_outcomes: dict[str, str], case: tuple[str, None, str, str]) -> None:
    assert _outcome_of(case, case_outcomes) == case[-1]


@pytest.mark.parametrize("case", AT_THE_BOUNDS)
def test_bounds_belong_to_the_range_and_are_exact_to_the_fourth_decimal(
    case_outcomes: dict[str, str], case: tuple[str, str, str, str]
) -> None:
    assert _outcome_of(case, case_outcomes) == case[-1]


@pytest.mark.parametrize("case", DRAFTS)
def test_a_draft_threshold_decides_nothing_but_leaves_not_applicable_alone(
    case_outcomes: dict[str, str], case: tuple[str, str | None, str, str]
) -> None:
    assert _outcome_of(case, case_outcomes) == case[-1]


def test_a_null_is_not_evaluated_although_all_others_have_values(judged: Judge) -> None:
    found = judged(Row("u1", "2"), Row("u2", None), Row("u3", "1"))
    assert [found.of(unit) for unit in ("u1", "u2", "u3")] == ["pass", "not_evaluated", "fail"]


def test_a_bound_with_decimals_is_met_by_the_same_decimals(judged: Judge) -> None:
    rule = replace(AT_LEAST_2, lower_bound="0.3000")
    found = judged(Row("u1", "0.3"), Row("u2", "0.2999"), rules=[rule])
    assert (found.of("u1"), found.of("u2")) == ("pass", "fail")


def test_a_draft_threshold_counts_in_a_stage_that_accepts_drafts(judged: Judge) -> None:
    found = judged(
        Row("u1", "0", rule_id="draft", period="2026-Q1"),
        Row("u2", "2", rule_id="draft", period="2026-Q4"),
        Row("u3", "2", rule_id="draft", period="2025-Q4"),
    )
    assert found.of("u1", "draft", "2026-Q1") == "fail"
    assert found.of("u2", "draft", "2026-Q4") == "pass"
    assert found.of("u3", "draft", "2025-Q4") == "not_decided"


def test_every_failing_subject_is_named_however_many_there_are(judged: Judge) -> None:
    rows = [
        Row(f"{440000000 + n}", str(n % 2 * 2), subject_key=f"{440000000 + n}/{term}")
        for n in range(400)
        for term in (1, 2)
    ]
    found = judged(*rows)
    failing = {(row.unit_code, row.subject_key) for row in rows if row.value == "0"}
    assert {(unit, key) for (_, unit, _, key), outcome in found.outcomes.items() if outcome == "fail"} == failing
    line = json.loads(found.summary.results_file.read_text(encoding="utf-8"))
    named = [one["result"]["unexpected_index_list"] for one in line["results"] if not one["success"]]
    assert [{(entry["unit_code"], entry["subject_key"]) for entry in entries} for entries in named] == [failing]


def test_data_docs_name_a_few_failing_subjects_and_count_many(judged: Judge) -> None:
    def page_of(name: str, failing: int) -> str:
        docs = judged(*(Row(f"street-{n}", "1") for n in range(failing)), name=name).summary.data_docs
        [page] = (docs.parent / "validations").rglob("*.html")
        return page.read_text(encoding="utf-8")

    few, many = page_of("few", 3), page_of("many", 1234)
    assert all(f"street-{n}" in few for n in range(3)) and "Sampled" not in few
    assert "street-7" not in many and "1234 unexpected values found" in many


def test_outcomes_add_up_to_the_rows_judged(judged: Judge) -> None:
    statuses = ["measured", "provisional", "incomplete", "not_applicable", "not_evaluated", "not_due"]
    rows = [
        Row(f"u{n}{status}{rule_id}", value, rule_id=rule_id, status=status)
        for n, value in enumerate([None, "0", "2", "4"])
        for status in statuses
        for rule_id in ("at_least_2", "from.3_to_5", "draft")
    ]
    found = judged(*rows)
    assert found.summary.row_count == len(rows) == len(found.outcomes) == sum(found.summary.outcomes.values())
    assert set(found.summary.outcomes) == OUTCOMES


def test_a_rule_that_evaluated_nothing_is_reported_as_such(judged: Judge) -> None:
    found = judged(Row("u1", "2"), Row("u1", None, rule_id="from.3_to_5", status="not_applicable"))
    run = {row["rule_id"]: row for row in pq.read_table(found.summary.run_file).to_pylist()}
    assert (run["at_least_2"]["evaluated_count"], run["at_least_2"]["success"]) == (1, True)
    assert (run["from.3_to_5"]["row_count"], run["from.3_to_5"]["evaluated_count"]) == (1, 0)
    assert run["from.3_to_5"]["success"] is None and run["exactly_1"]["success"] is None
    assert "from-3_to_5@2025-1" in found.summary.rules_without_values
    assert "at_least_2@2025-1" not in found.summary.rules_without_values


def test_the_run_counts_what_fell_short_and_what_had_no_value(judged: Judge) -> None:
    found = judged(Row("u1", "2"), Row("u2", "1"), Row("u3", "0", status="provisional"), Row("u4", None))
    run = next(row for row in pq.read_table(found.summary.run_file).to_pylist() if row["rule_id"] == "at_least_2")
    assert (run["evaluated_count"], run["unexpected_count"], run["null_count"], run["success"]) == (4, 2, 1, False)


def test_nothing_to_judge_gives_empty_outcomes_and_a_run_without_success(judged: Judge) -> None:
    found = judged()
    assert found.outcomes == {} and found.summary.row_count == 0 and found.summary.outcomes == {}
    run = pq.read_table(found.summary.run_file).to_pylist()
    assert {row["success"] for row in run} == {None} and len(run) == found.summary.rule_count > 0
    assert found.summary.data_docs.is_file()


def test_only_the_asked_periods_are_judged(judged: Judge) -> None:
    rows = [Row("u1", "2", period=period) for period in ("2025-Q1", "2025-Q2", "2025-Q3")]
    assert {key[2] for key in judged(*rows, periods=["2025-Q1", "2025-Q3"]).outcomes} == {"2025-Q1", "2025-Q3"}
    assert judged(*rows, periods=[], name="none").outcomes == {}


def test_the_same_rows_give_the_same_bytes_in_whatever_order_they_come(judged: Judge) -> None:
    rows = [Row(f"u{n}", str(n % 4), rule_id=rule) for n in range(50) for rule in ("at_least_2", "at_most_3")]
    first = judged(*rows, name="first").summary.outcome_file.read_bytes()
    assert judged(*reversed(rows), name="second").summary.outcome_file.read_bytes() == first


def test_suites_carry_clause_quote_debtor_and_severity(judged: Judge, tmp_path: Path) -> None:
    judged(Row("u1", "1"), rules=[replace(AT_LEAST_2, severity="medium")])
    suite = json.loads((tmp_path / "gx" / "suites" / "at_least_2@2025-1.json").read_text(encoding="utf-8"))
    for expectation in suite["expectations"]:
        assert expectation["severity"] == "warning"
        assert expectation["meta"]["quote"] == "原文：at_least_2"
        assert expectation["meta"]["clause_id"] == "clause of at_least_2"
        assert (expectation["meta"]["owed_by"], expectation["meta"]["rulebook_version"]) == ("street", "2025.1")


def test_data_docs_show_the_whole_rule_book_and_load_nothing_from_outside(judged: Judge, tmp_path: Path) -> None:
    found = judged(Row("u1", "1"), Row("u1", "1", rule_id="exactly_1"))
    assert found.summary.data_docs == tmp_path / "gx" / "data_docs" / "index.html"
    pages = list(found.summary.data_docs.parent.rglob("*.html"))
    assert {page.stem for page in pages if page.parent.name == "expectations"} >= {"at_least_2@2025-1", "draft@2025-1"}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"""<(script|img)[^>]*src=["']http|<link[^>]*href=["']http""", text)
        local = re.findall(r"""<(?:script|link)[^>]*(?:src|href)=["']([^"'#][^"']*/assets/[^"']+)["']""", text)
        assert {Path(name).name for name in local} >= {"jquery.min.js", "bootstrap-table.min.js", "bootstrap.min.css"}
        assert [name for name in local if not (page.parent / name).is_file()] == []


def test_a_second_run_replaces_the_suites_and_data_docs_of_the_first(judged: Judge, tmp_path: Path) -> None:
    judged(Row("u1", "1"), name="first")
    judged(Row("u1", "1", rule_id="exactly_1"), rules=[EXACTLY_1], name="second")
    assert {path.name for path in (tmp_path / "gx" / "suites").glob("*.json")} == {"exactly_1@2025-1.json"}
    assert [page.stem for page in (tmp_path / "gx" / "data_docs" / "expectations").glob("*.html")] == [
        "exactly_1@2025-1"
    ]


def test_each_version_of_a_rule_judges_its_own_rows(judged: Judge) -> None:
    later = replace(FROM_3_TO_5, rule_id="later", rulebook_version="2026.1")
    found = judged(Row("u1", "2"), Row("u1", "2", rule_id="later"), rules=[AT_LEAST_2, later])
    assert (found.of("u1"), found.of("u1", "later")) == ("pass", "fail")


def test_of_several_readings_of_a_sentence_the_one_that_the_ruling_chose_is_judged(judged: Judge) -> None:
    wide = replace(AT_LEAST_2, ruling_choice="wide")
    narrow = replace(AT_LEAST_2, ruling_choice="narrow", lower_bound="5")
    found = judged(Row("u1", "2"), rules=[narrow, wide])
    assert found.of("u1") == "pass" and found.summary.rule_count == 1


def test_the_build_file_is_opened_read_only_and_left_as_it_was(tmp_path: Path) -> None:
    build = make_build(tmp_path / "build.duckdb", [Row("u1", "2")])
    before = build.read_bytes()
    judge(build, tmp_path / "judged", gx_home=tmp_path / "gx", periods=None)
    assert build.read_bytes() == before and not build.with_name("build.duckdb.wal").exists()
    with duckdb.connect(str(build)) as connection:
        connection.execute("create table t (i integer)")


def test_progress_is_told_rule_by_rule(tmp_path: Path) -> None:
    told: list[str] = []
    build = make_build(tmp_path / "build.duckdb", [Row("u1", "1"), Row("u2", "2")])
    judge(build, tmp_path / "judged", gx_home=tmp_path / "gx", periods=None, progress=told.append)
    assert "at_least_2: 2 evaluated, 1 short of it" in told and "exactly_1: nothing to evaluate" in told


@pytest.mark.parametrize(
    ("rows", "rules", "message"),
    [
        ([Row("u1", "2"), Row("u1", "3")], [AT_LEAST_2], "stand twice"),
        ([Row("u1", "2", status="guessed")], [AT_LEAST_2], "unknown status 'guessed'"),
        ([Row("u1", "2")], [replace(AT_LEAST_2, operator="about")], "unknown operator 'about'"),
        ([Row("u1", "2")], [replace(AT_LEAST_2, severity="grave")], "unknown severity 'grave'"),
        ([Row("u1", "2")], [replace(AT_LEAST_2, lower_bound=None)], "needs a lower_bound"),
        ([Row("u1", "2")], [replace(AT_LEAST_2, lower_bound="99999999999999")], "too large to be exact"),
        ([Row("u1", "2")], [AT_LEAST_2, replace(AT_LEAST_2, lower_bound="3", ruling_choice="wide")], "more than once"),
        ([Row("u1", "2", rule_id="draft")], [replace(DRAFT, operator="above")], "unknown operator 'above'"),
    ],
)
def test_what_judging_cannot_rely_on_stops_it_with_a_reason(
    judged: Judge, rows: list[Row], rules: list[object], message: str
) -> None:
    with pytest.raises(JudgeError, match=message):
        judged(*rows, rules=rules)


def test_a_view_that_judges_by_other_bounds_than_the_rule_book_is_refused(tmp_path: Path) -> None:
    build = make_build(tmp_path / "build.duckdb", [Row("u1", "2")])
    with duckdb.connect(str(build)) as connection:
        connection.execute("create table indicators.copied as select * from indicators.int_rules__to_judge")
        connection.execute("drop view indicators.int_rules__to_judge")
        connection.execute(
            "create view indicators.int_rules__to_judge as select * replace (1 as lower_bound) from indicators.copied"
        )
    with pytest.raises(JudgeError, match="which the rule book does not hold"):
        judge(build, tmp_path / "judged", gx_home=tmp_path / "gx", periods=None)


def test_importing_the_package_loads_neither_great_expectations_nor_pandas() -> None:
    code = "import sys, expectations; print({'great_expectations', 'pandas', 'duckdb', 'airflow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_great_expectations_is_kept_quiet(judged: Judge, capfd: pytest.CaptureFixture[str]) -> None:
    judged(Row("u1", "1"))
    assert logging.getLogger("great_expectations").level == logging.WARNING
    captured = capfd.readouterr()
    assert captured.out == "" and captured.err == ""
