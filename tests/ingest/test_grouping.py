"""Findings are told as problems: one message each, the worst first, nothing that only follows from something else."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.forms import load_forms
from ingest.grouping import group_findings, join_cells, without_follow_ons
from ingest.issues import LEVELS, Issue, catalogue, make_issue
from ingest.settings import checks
from tests.support.workbooks import check, column_of, first_data_row, report_workbook, typical_rows


def _issue(
    code: str, cell: str | None = None, sheet: str = "活动", raw: str | None = None, header: str = "参与人次"
) -> Issue:
    return make_issue(code, sheet=sheet, cell=cell, header=header, raw=raw, entity="activity", field=header)


def test_one_column_left_empty_is_one_problem_with_all_its_cells() -> None:
    rows = typical_rows(load_forms()["street"], lines=5)
    for line in rows["activity"]:
        line["participant_count"] = line["floating_participant_count"] = None
    data = report_workbook(rows=rows)
    letter, row = column_of(data, "活动", "参与人次"), first_data_row(data, "活动", "参与人次")
    report = check(data)
    assert len(report.issues) == 5
    [problem] = group_findings(report.issues)
    assert (problem.rank, problem.code, problem.count) == (1, "value_missing", 5)
    assert problem.places == f"{letter}{row}-{letter}{row + 4}"
    assert "参与人次" in problem.message
    assert "5 行" in problem.message
    assert [one["cells"] for one in report.to_json()["problems"]] == [list(problem.cells)]


def test_a_finding_that_stands_alone_keeps_its_own_words() -> None:
    issue = _issue("count_invalid", "J4", raw="很多")
    [problem] = group_findings([issue])
    assert (problem.message, problem.remedy, problem.places) == (issue.message, issue.remedy, "J4")


def test_the_same_mistake_in_two_columns_is_two_problems() -> None:
    issues = [
        _issue("value_missing", "J4"),
        _issue("value_missing", "K4", header="举办日期"),
        _issue("value_missing", "J5"),
    ]
    assert [problem.cells for problem in group_findings(issues)] == [("J4", "J5"), ("K4",)]


def test_what_blocks_comes_first_and_structure_before_cells() -> None:
    issues = [
        _issue("value_repaired", "A4"),
        _issue("event_outside_period", "B4"),
        _issue("count_invalid", "C4"),
        *(_issue("value_missing", f"D{row}") for row in (4, 5)),
        _issue("column_missing"),
    ]
    problems = group_findings(issues)
    codes = ["column_missing", "value_missing", "count_invalid", "event_outside_period", "value_repaired"]
    assert [problem.code for problem in problems] == codes
    assert [problem.rank for problem in problems] == [1, 2, 3, 4, 5]


def test_a_finding_that_only_follows_from_another_is_left_out() -> None:
    both = [_issue("value_repaired", "B4"), _issue("event_outside_period", "B4")]
    assert [issue.code for issue in without_follow_ons(both)] == ["event_outside_period"]
    apart = [_issue("value_repaired", "B5"), _issue("event_outside_period", "B4")]
    assert without_follow_ons(apart) == apart


def test_no_finding_is_lost_in_grouping() -> None:
    issues = [_issue("value_missing", f"J{row}") for row in range(4, 30)] + [_issue("sheet_missing", sheet="会议")]
    grouped = [issue for problem in group_findings(issues) for issue in problem.issues]
    assert sorted(grouped, key=repr) == sorted(issues, key=repr)


def test_examples_are_few_and_never_private() -> None:
    masked = [_issue("phone_tail_invalid", f"B{row}", raw="（已隐去）") for row in (4, 5)]
    wrong = [_issue("count_invalid", f"J{row}", raw=f"第{row}批") for row in range(4, 12)]
    [counts, tails] = group_findings([*masked, *wrong])
    assert "（已隐去）" not in tails.message
    assert [f"第{row}批" in counts.message for row in (4, 5, 6, 7)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ((), ""),
        (("D4",), "D4"),
        (("D4", "D5"), "D4-D5"),
        (("D4", "D7", "D8", "D9", "E10"), "D4、D7-D9、E10"),
        (("Z9", "AA10"), "Z9、AA10"),
    ],
)
def test_neighbouring_cells_are_joined(cells: tuple[str, ...], text: str) -> None:
    assert join_cells(cells) == text


def test_every_kind_of_finding_has_a_level_and_a_text_for_many_that_can_be_filled() -> None:
    for kind in catalogue().values():
        assert kind.level in LEVELS
        issues = [_issue(kind.code, f"J{row}", raw="值") for row in (4, 6)]
        for problem in group_findings(issues):
            assert problem.message.endswith("。")
            assert "{" not in problem.message
    for rule in checks()["follow_ons"]:
        assert {rule["hidden"], *rule["causes"]} <= set(catalogue())
        assert rule["within"] in ("file", "sheet", "cell")


def test_a_check_in_shadow_counts_from_its_period_on() -> None:
    kind = catalogue()["value_missing"]
    assert not kind.is_shadow("2025-Q1")
    young = type(kind)(**{**vars(kind), "active_from": "2025-Q3"})
    assert [young.is_shadow(period) for period in ("2025-Q2", "2025-Q3", "2026-Q1", None)] == [
        True,
        False,
        False,
        False,
    ]


def test_events_of_another_period_are_one_problem() -> None:
    rows = typical_rows(load_forms()["street"], lines=4)
    for line in rows["activity"]:
        line["held_on"] = date(2024, 12, 5)
    [problem] = group_findings(check(report_workbook(rows=rows)).issues)
    assert (problem.code, problem.count, problem.severity) == ("event_outside_period", 4, "query")
