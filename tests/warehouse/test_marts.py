"""What readers see: results with their texts, scores and ranks, completeness, and the same again after a night."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.judge import judge
from samples.truth import Outcome
from samples.truth_scores import Bounds, last_word, load_papers, score_of
from tests.support.reports import AT, BELOW, CITY, DISTRICT, QUARTERS, SILENT, at_thresholds, one_below, payment
from tests.support.warehouse import SmallWarehouse
from warehouse.project import RULEBOOK_DIR

OTHER_DISTRICT = "440606"
CITY_ABOVE_OTHER_DISTRICT = "4406"
PROVINCE = "44"
NOTICE = "GD-2025-01"
PERIODS = [*QUARTERS, NOTICE]
Rows = list[tuple[Any, ...]]


def night(small: SmallWarehouse, periods: list[str]) -> None:
    """Both halves of a build with the judging between them."""
    small.build(changed_periods=periods)
    judge(small.database, small.build_dir / "judged", gx_home=small.home / "gx", periods=periods)
    small.build(select="tag:after_judging", changed_periods=periods)


def programme(home: Path) -> SmallWarehouse:
    """A district with its city, its province and a district that reports to the province; one quarter is reported."""
    small = SmallWarehouse(home)
    for unit_code in (AT, BELOW, SILENT, DISTRICT, CITY, PROVINCE, OTHER_DISTRICT):
        small.enrol(unit_code)
    small.submit("at", AT, "2025-Q1", {**at_thresholds(), "funding": [payment("20000")]})
    small.submit("below", BELOW, "2025-Q1", one_below(), submitted_at=datetime(2025, 4, 20, 16, 0, 1))
    small.submit("wrong", SILENT, "2025-Q1", state="rejected", reason="has_errors")
    answer = {"feedback": [{"notice_id": NOTICE}]}
    small.submit("answer", CITY, NOTICE, answer, form="feedback", submitted_at=datetime(2025, 10, 12, 4))
    return small


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """The programme after the first quarter of 2025, before the second is due."""
    small = programme(tmp_path_factory.mktemp("marts"))
    small.known_at = datetime(2025, 5, 1)
    night(small, PERIODS)
    return small


def outcomes(small: SmallWarehouse, unit_code: str, period: str = "2025-Q1") -> dict[str, str]:
    """Outcome of every rule of a unit."""
    query = (
        f"select rule_id, outcome from marts.mart_rule_result where unit_code = '{unit_code}' and period = '{period}'"
    )
    return dict(small.rows(query))


def test_a_street_at_the_thresholds_passes_and_one_below_fails(warehouse: SmallWarehouse) -> None:
    rules = {"3a", "3b", "3c", "3d", "3e", "3.3", "1c"}
    assert {outcome for rule, outcome in outcomes(warehouse, AT).items() if rule in rules} == {"pass"}
    assert {outcome for rule, outcome in outcomes(warehouse, BELOW).items() if rule in rules} == {"fail"}


def test_funds_that_suffice_pass_before_the_year_is_over_and_others_are_too_early(warehouse: SmallWarehouse) -> None:
    assert outcomes(warehouse, AT)["5b"] == "pass"
    assert outcomes(warehouse, BELOW)["5b"] == "too_early"


def test_a_failed_rule_quotes_its_clause_and_says_what_to_do(warehouse: SmallWarehouse) -> None:
    query = f"""
        select
            unit_name, district_name, city_name, province_name,
            quote_zh, threshold_zh, message_zh, remedy_zh, owed_by
        from marts.mart_rule_result where unit_code = '{BELOW}' and rule_id = '3d'
    """
    names, texts = warehouse.rows(query)[0][:4], warehouse.rows(query)[0][4:]
    assert names == ("岭南街道", "荔湾区", "广州市", "广东省")
    assert texts[:3] == (
        "配备至少10名专兼职团干部",
        "10",
        "期末在任的专兼职团干部为9人（含编制外委员中的团干部），规定不少于10人。",
    )
    assert texts[3].startswith("由街道团工委办理：请补充配备专职或兼职团干部到10人")
    assert texts[4] == "street"


def by_hand(small: SmallWarehouse, unit_code: str) -> int | None:
    """The score of a street by its paper, worked out from its outcomes in plain Python."""
    outcomes_of: dict[str, list[Outcome]] = {}
    bounds: dict[str, Bounds] = defaultdict(lambda: Bounds(None, None))
    for *outcome, lower, upper in small.rows(
        "select period, rule_id, clause_id, unit_code, subject_key, value, outcome, lower_bound, upper_bound"
        f" from marts.mart_rule_result where unit_code = '{unit_code}' and period like '2025%'"
    ):
        one = Outcome(*outcome)
        outcomes_of.setdefault(one.rule_id, []).append(one)
        bounds[one.rule_id] = Bounds(lower, upper)
    paper = next(
        one
        for one in load_papers(RULEBOOK_DIR, "GD-2025")
        if (one.row["unit_level"], one.row["score_kind"]) == ("street", "own")
    )
    return score_of(paper, {rule: last_word(rows) for rule, rows in outcomes_of.items()}, bounds)


def test_a_score_is_weight_times_attainment_in_whole_thousandths(warehouse: SmallWarehouse) -> None:
    found = warehouse.rows(
        f"select unit_code, score, rank, peers_count from marts.mart_stage_score"
        f" where stage_code = 'S1' and unit_code in {(AT, BELOW, SILENT)} order by unit_code"
    )
    at, below = (by_hand(warehouse, unit_code) for unit_code in (AT, BELOW))
    assert at is not None
    assert below is not None
    assert at > below > 0
    assert found == [(AT, at, 1, 2), (BELOW, below, 2, 2), (SILENT, None, None, 2)]


def test_the_lines_of_a_score_count_their_subjects(warehouse: SmallWarehouse) -> None:
    found = warehouse.rows(
        f"select rule_id, is_in_denominator, attainment_thousandths, raw_points, raw_max_points, fail_count"
        f" from marts.mart_score_line where unit_code = '{BELOW}' and rule_id in ('3d', '1i') order by rule_id"
    )
    assert found == [("1i", False, None, None, 3000, 0), ("3d", True, 900, 8100, 9000, 1)]


def test_a_level_answers_for_what_it_owes_to_the_units_below_it(warehouse: SmallWarehouse) -> None:
    found = warehouse.rows(
        "select unit_code, score_kind, subject_count, pass_count, not_evaluated_count, too_early_count"
        " from marts.mart_score_line where item_code = '5b' and stage_code = 'S1' order by unit_code, score_kind"
    )
    # One street has its money, one is short of it before the year is over, the third has had its report refused.
    each = [(AT, 1, 0, 0), (BELOW, 0, 0, 1), (SILENT, 0, 1, 0)]
    streets = [(unit_code, "superior", 1, *counts) for unit_code, *counts in each]
    assert found == [(code, "own", 3, 1, 1, 1) for code in (PROVINCE, CITY, DISTRICT)] + streets


def test_a_street_is_not_charged_with_what_others_owe(warehouse: SmallWarehouse) -> None:
    found = warehouse.rows(
        "select distinct score_kind, owed_by from marts.mart_score_line where unit_level = 'street' order by all"
    )
    owed_by = {kind: {row[1] for row in found if row[0] == kind} for kind in ("own", "superior", "member_unit")}
    assert owed_by["own"] == {"street"}
    assert owed_by["member_unit"] == {"member_unit"}
    assert "street" not in ", ".join(owed_by["superior"])
    assert "member_unit" not in owed_by["superior"]


def test_completeness_tells_late_missing_and_rejected_apart(warehouse: SmallWarehouse) -> None:
    found = warehouse.rows(
        "select scope_code, expected_count, on_time_count, late_count, missing_count, rejected_count,"
        " street_expected_count from marts.mart_completeness where period = '2025-Q1' order by scope_code"
    )
    assert found == [
        (PROVINCE, 7, 1, 1, 4, 1, 3),
        (CITY, 5, 1, 1, 2, 1, 3),
        (DISTRICT, 4, 1, 1, 1, 1, 3),
        (CITY_ABOVE_OTHER_DISTRICT, 1, 0, 0, 1, 0, 0),
        (OTHER_DISTRICT, 1, 0, 0, 1, 0, 0),
    ]


def test_a_submission_is_shown_with_its_state_and_instants(warehouse: SmallWarehouse) -> None:
    found = warehouse.rows(
        "select unit_code, state, submission_id, accepted_at is not null, reason from marts.mart_submission_status"
        f" where period = '2025-Q1' and unit_code in {(AT, BELOW, SILENT)} order by unit_code"
    )
    assert found == [
        (AT, "on_time", "at", True, None),
        (BELOW, "late", "below", True, None),
        (SILENT, "rejected", "wrong", False, "has_errors"),
    ]


def test_a_subject_that_was_not_judged_fails_the_gate(tmp_path: Path) -> None:
    small = programme(tmp_path)
    small.build(changed_periods=PERIODS, with_tests=False)
    judge(small.database, small.build_dir / "judged", gx_home=small.home / "gx", periods=None)
    path = small.build_dir / "judged" / "rule_outcome.parquet"
    outcomes_found = pq.read_table(path).to_pylist()
    kept = [row for row in outcomes_found if (row["rule_id"], row["unit_code"]) != ("3a", AT)]
    assert len(kept) < len(outcomes_found)
    pq.write_table(pa.Table.from_pylist(kept), path)
    with pytest.raises(AssertionError, match="fct_rule_result_has_one_of_six_outcomes"):
        small.build(select="tag:after_judging", changed_periods=PERIODS)


def test_nights_of_news_and_a_build_from_nothing_give_the_same_marts(tmp_path: Path) -> None:
    night_by_night, anew = programme(tmp_path / "night"), programme(tmp_path / "anew")
    night_by_night.known_at = datetime(2025, 5, 1)
    night(night_by_night, PERIODS)
    for small in (night_by_night, anew):
        small.known_at = datetime(2026, 3, 1)
        small.submit("again", BELOW, "2025-Q2", at_thresholds(), submitted_at=datetime(2025, 7, 1))
        night(small, PERIODS)
    assert outcomes(anew, CITY, "2025-Q4")["N1"] == "pass"
    assert outcomes(anew, OTHER_DISTRICT, "2025-Q4")["N1"] == "fail"
    assert night_by_night.tables("assessment", "marts").keys() == anew.tables("assessment", "marts").keys()
    for name, rows in anew.tables("assessment", "marts").items():
        if name != "assessment.fct_judging_run":
            assert night_by_night.tables("assessment", "marts")[name] == rows, name
