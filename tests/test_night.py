"""The main job from end to end on real streets: what is published agrees with the sample's truth, whatever happens."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from python_calamine import load_workbook

from ingest.forms import load_forms
from ingest.home import Home
from ingest.issues import NIGHT, catalogue
from ingest.receive import raw_path
from samples import generate
from scripts.docs import cookbook
from tests.support.crosschecks import differences
from tests.support.night import run_night, tables_of, truth
from warehouse import publish as publishing
from warehouse.ask import ask
from warehouse.build import BuildFailedError, document_published
from warehouse.explain import explain_unit
from warehouse.explain_stage import explain_stage

#: Checks that hold a report against those of other streets.
NIGHTLY = tuple(code for code, kind in catalogue().items() if kind.found_by == NIGHT)
PERIODS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
SCORES = ("score", "superior_score")
#: A gap without any meeting or chair is a value that no row stands behind.
WITHOUT_ROWS = {"7c.gap", "1g.gap", "1g.overlap"}
#: Rests on rows of several sheets, of which one has the field that is named.
ON_SEVERAL_SHEETS = {"R3b"}
OUTCOMES = {"pass", "fail", "not_applicable", "too_early", "not_evaluated", "not_decided"}


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the sample of Liwan district after one night. Tests that change it work on a copy."""
    home = Home(tmp_path_factory.mktemp("night") / "home").prepare()
    generate(home.root, "440103", PERIODS, workers=1)
    run_night(home)
    return home


@pytest.fixture
def copy_of(sampled: Home, tmp_path: Path) -> Callable[[], Home]:
    def copy() -> Home:
        return Home(Path(shutil.copytree(sampled.root, tmp_path / "copy")))

    return copy


def test_every_outcome_equals_the_truth(sampled: Home) -> None:
    found = ask(sampled, "select period, rule_id, unit_code, subject_key, outcome from marts.mart_rule_result").rows
    expected = [
        (row["period"], row["rule_id"], row["unit_code"], row["subject_key"], row["outcome"])
        for row in truth(sampled, "outcomes")
    ]
    assert Counter(found) == Counter(expected)
    assert {row[4] for row in found} <= OUTCOMES


def test_every_value_equals_the_truth(sampled: Home) -> None:
    found = {
        (period, rule_id, subject): value
        for period, rule_id, subject, value in ask(
            sampled, "select period, rule_id, subject_key, value from marts.mart_rule_result where value is not null"
        ).rows
    }
    checked = 0
    for row in truth(sampled, "outcomes"):
        if row["outcome"] in ("pass", "fail"):
            assert found[row["period"], row["rule_id"], row["subject_key"]] == Decimal(row["value"]), row
            checked += 1
    assert checked > 500


def test_every_score_equals_the_truth(sampled: Home) -> None:
    found = ask(sampled, "select stage_code, unit_code, score, superior_score from marts.mart_stage_score").rows
    expected = [
        (row["stage_code"], row["unit_code"], *(int(row[name]) if row[name] else None for name in SCORES))
        for row in truth(sampled, "scores")
    ]
    assert Counter(found) == Counter(expected)
    assert len({score for *_, score, _ in found}) > 20


@pytest.mark.parametrize("unit_code", ["440103003", "440103", "4401", "44"])
def test_the_score_of_every_level_can_be_explained(sampled: Home, unit_code: str) -> None:
    found = explain_stage(sampled, unit_code, "S1")
    lines = [line for group in found["groups"] for line in group["rules"]]
    keys = [(group["score_kind"], group["group_code"]) for group in found["groups"]]
    assert len(keys) == len(set(keys))
    kinds = [kind for kind, _ in keys]
    assert kinds == sorted(kinds, key=["own", "superior", "member_unit"].index)
    for line in lines:
        assert len(line["findings"]) == line["subject_count"], line["item_code"]
        assert all(one["evidence"] or one["records"] for one in line["findings"]), line["item_code"]
    fixes = found["fixes"]
    assert len({fix["item_code"] for fix in fixes}) == len(fixes) == 3
    assert [fix["gain"] for fix in fixes] == sorted((fix["gain"] for fix in fixes), reverse=True)


def test_everything_that_is_published_can_be_read(sampled: Home) -> None:
    names = ask(sampled, "select table_schema || '.' || table_name from information_schema.tables").rows
    assert len(names) > 100
    for (name,) in names:
        ask(sampled, f"select * from {name} limit 0")


def test_every_quota_clause_is_judged_and_fails_somewhere(sampled: Home) -> None:
    rows = ask(
        sampled,
        "select clause_id, count(*) filter (where outcome = 'fail') from marts.mart_rule_result "
        "inner join rulebook.clauses using (clause_id) where force = 'quota' group by clause_id",
    ).rows
    assert len(rows) == 14
    assert [clause_id for clause_id, fail_count in rows if fail_count == 0] == []


def test_every_clause_of_the_document_is_judged(sampled: Home) -> None:
    judged = ask(sampled, "select distinct clause_id from marts.mart_rule_result").rows
    clauses = ask(sampled, "select clause_id from rulebook.clauses").rows
    assert set(judged) == set(clauses)
    assert len(clauses) == 102


def test_the_outcomes_of_each_rule_add_up_to_the_roster(sampled: Home) -> None:
    rows = ask(
        sampled,
        """
        select rules.rule_id, rules.unit_level, roster.period, roster.units, count(distinct results.unit_code) as judged
        from (
            select distinct results.rule_id, results.unit_level
            from marts.mart_rule_result as results
            inner join rulebook.indicators as registry using (indicator_code)
            where registry.cadence = 'period'
        ) as rules
        inner join (select unit_level, period, count(*) as units from core.dim_roster group by all) as roster
            using (unit_level)
        left join marts.mart_rule_result as results
            on rules.rule_id = results.rule_id and roster.period = results.period
        group by all
        """,
    ).records()
    assert len(rows) > 40
    assert [row for row in rows if row["units"] != row["judged"]] == []


def test_every_submission_has_the_state_of_the_truth(sampled: Home) -> None:
    found = ask(sampled, "select unit_code, period, state from marts.mart_submission_status").rows
    # A file that was replaced or refused and mended has a line of its own: the unit's state is that of its last file.
    last = {
        (row["unit_code"], row["period"]): row["state"]
        for row in sorted(truth(sampled, "submissions"), key=lambda row: row["submitted_at"])
        if row["form"] != "feedback"
    }
    assert {(unit, period): state for unit, period, state in found} == last
    assert {"on_time", "late", "nil", "missing", "rejected"} == set(last.values())


def test_every_planted_mistake_is_found_in_its_cell_and_clean_workbooks_have_no_finding(sampled: Home) -> None:
    found = {
        tuple("" if value is None else value for value in row)
        for row in ask(
            sampled,
            "select unit_code, coalesce(period, ''), sheet, cell, issue_code from marts.mart_issue "
            f"where issue_code not in {NIGHTLY}",
        ).rows
    }
    expected = {
        (row["unit_code"], row["period"], row["sheet"], row["cell"], row["issue_code"])
        for row in truth(sampled, "issues")
    }
    assert expected - found == set()
    assert found - expected == set()


def test_what_shows_only_beside_other_streets_is_found_as_planted(sampled: Home) -> None:
    columns = "unit_code, period, sheet, cell, issue_code"
    found = {
        mart: set(ask(sampled, f"select {columns} from marts.{mart} where issue_code in {NIGHTLY}").rows)
        for mart in ("mart_issue", "mart_shadow_issue")
    }
    expected = {tuple(row[name] for name in columns.split(", ")) for row in truth(sampled, "compared")}
    shadow = {row for row in expected if catalogue()[row[4]].is_shadow(row[1])}
    assert found == {"mart_issue": expected - shadow, "mart_shadow_issue": shadow}
    assert {(row[4], row in shadow) for row in expected} == {
        (code, apart) for code in NIGHTLY for apart in (True, False)
    }


def test_a_night_without_news_and_a_full_refresh_give_the_same_tables(copy_of: Callable[[], Home]) -> None:
    home = copy_of()
    before = tables_of(home)
    assert run_night(home).manifest["changed_periods"] == []
    assert tables_of(home) == before
    assert run_night(home, full_refresh=True).manifest["is_full_refresh"]
    assert tables_of(home) == before


def test_the_same_sample_in_a_new_home_gives_the_same_tables(sampled: Home, tmp_path: Path) -> None:
    home = Home(tmp_path / "again").prepare()
    generate(home.root, "440103", PERIODS, workers=2)
    run_night(home)
    assert tables_of(home) == tables_of(sampled)


def test_an_explanation_leads_to_the_cells_that_were_counted(sampled: Home) -> None:
    [unit, value] = ask(
        sampled,
        "select unit_code, value from marts.mart_rule_result "
        "where rule_id = '3d' and period = '2025-Q4' and outcome = 'fail' and value > 0 order by unit_code limit 1",
    ).rows[0]
    [rule] = explain_unit(sampled, unit, "2025-Q4", "3d")["rules"]
    assert len(rule["evidence"]) == value
    first = rule["evidence"][0]
    data = raw_path(sampled.raw, first["file_sha256"])
    sheet = load_workbook(str(data)).get_sheet_by_name(first["sheet"]).to_python(skip_empty_area=False)
    letter, row = first["cell"][0], int(first["cell"][1:])
    assert sheet[row - 1][ord(letter) - ord("A")] in ("专职团干部", "兼职团干部")


def test_every_finding_leads_to_cells_under_the_header_that_was_counted(sampled: Home) -> None:
    """All units and rules of one quarter: every counted row has its receipt and its cell in the file that was sent."""
    sheets: dict[tuple[str, str], list[list[object]]] = {}
    checked: Counter[str] = Counter()
    field_of = dict(ask(sampled, "select indicator_code, evidence_field from rulebook.indicators").rows)
    header_of: dict[str, set[str]] = defaultdict(set)
    for form in load_forms().values():
        for sheet in form.sheets:
            for field in sheet.fields:
                header_of[field.name].add(field.header_zh)
    named = "rule_id || '/' || period || '/' || subject_key"
    indicator_of = dict(ask(sampled, f"select {named}, indicator_code from marts.mart_rule_result").rows)
    units = ask(sampled, "select distinct unit_code from marts.mart_rule_result where period = '2025-Q4'").rows
    for (unit_code,) in units:
        for rule in explain_unit(sampled, unit_code, "2025-Q4")["rules"]:
            if rule["outcome"] == "pass" and rule["grain"] in ("street", "committee", "chair_term") and rule["value"]:
                assert rule["evidence"] or rule["rule_id"] in WITHOUT_ROWS, (unit_code, rule["rule_id"])
            for row in rule["evidence"]:
                if row["sheet"] is None:
                    continue
                assert row["cell"] and row["file_sha256"] and row["accepted_at"], (unit_code, rule["rule_id"])
                key = (row["file_sha256"], row["sheet"])
                if key not in sheets:
                    book = load_workbook(str(raw_path(sampled.raw, key[0])))
                    sheets[key] = book.get_sheet_by_name(key[1]).to_python(skip_empty_area=False)
                column, number = coordinate_from_string(row["cell"])
                place = column_index_from_string(column) - 1
                around = [line[place] for line in sheets[key][: number - 1] if len(line) > place]
                around += sheets[key][number - 1][:place]
                field = field_of[indicator_of[f"{rule['rule_id']}/2025-Q4/{rule['subject_key']}"]]
                if rule["rule_id"] not in ON_SEVERAL_SHEETS:
                    assert {str(text).strip(" *") for text in around} & header_of[field], (rule["rule_id"], row)
                checked[rule["rule_id"]] += 1
    assert len(checked) > 100


def test_a_warehouse_that_fails_its_audit_is_not_published(copy_of: Callable[[], Home]) -> None:
    home = copy_of()
    before, file_before = tables_of(home), home.published.stat().st_ino
    landed = next((home.lake / "street_unit" / "period=2025-Q2").glob("batch-*.parquet"))
    shutil.copy(landed, landed.with_name("batch-stray.parquet"))
    with pytest.raises(BuildFailedError, match="fct_member_unit"):
        run_night(home, full_refresh=True)
    assert home.published.stat().st_ino == file_before
    assert tables_of(home) == before


def test_a_crash_in_the_swap_and_a_rerun_give_what_a_quiet_night_gives(
    sampled: Home, copy_of: Callable[[], Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_of()

    def crash(*_: object) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(publishing.os, "replace", crash)
        with pytest.raises(OSError, match="power"):
            run_night(home)
    run_night(home)
    assert tables_of(home) == tables_of(sampled)


def test_what_was_known_before_the_first_night_is_nothing(copy_of: Callable[[], Home]) -> None:
    from datetime import datetime

    home = copy_of()
    run_night(home, known_at=datetime(2026, 1, 1))
    states = ask(home, "select distinct state from marts.mart_submission_status").rows
    assert {row[0] for row in states} <= {"missing", "not_due"}
    assert ask(home, "select count(*) from core.fct_activity").rows == [(0,)]


def test_what_reports_tell_differently_is_found_as_planted(sampled: Home) -> None:
    found = differences(sampled.root)
    assert set(found) == {f"truth_{name}.csv" for name in ("claims", "reconciliation", "attendance", "coverage")}
    assert all(only_truth == only_told == set() for only_truth, only_told in found.values()), found
    assert (sampled.root / "sample" / "truth_claims.csv").read_text(encoding="utf-8").count("\n") > 6


def test_every_answer_of_the_cookbook_is_that_of_the_sample(sampled: Home) -> None:
    assert len(cookbook.recipes()) >= 20
    assert all(ask(sampled, recipe.sql).rows for recipe in cookbook.recipes())
    assert cookbook.DOCUMENT.read_text(encoding="utf-8") == cookbook.render(sampled), "run `make cookbook`"


def test_dbt_documents_tables_and_lineage_on_one_page(sampled: Home) -> None:
    before = {path.name for path in sampled.root.iterdir()}
    exit_code, page = document_published(sampled)
    assert exit_code == 0
    text = page.read_text(encoding="utf-8")
    for model in ("mart_stage_score", "fct_submission", "stg_street__activity"):
        assert f"model.jiedao.{model}" in text
    assert '"child_map"' in text
    assert {path.name for path in sampled.root.iterdir()} - before == {"docs"}
