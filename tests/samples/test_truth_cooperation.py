"""The truth about projects, joint meetings and cooperation (clauses 6a to 7k), on small facts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from samples.calendar import load_periods
from samples.hierarchy import Unit
from samples.topic import Case
from samples.truth import Outcome, Standing
from samples.truth_cooperation import COOPERATION
from samples.truth_projects import PROJECTS
from tests.samples.conftest import LONG_AFTER, REGISTERS, YEAR

PERIODS = load_periods(YEAR, REGISTERS.rulebook_dir)
STREET = Unit("440103001", "沙面街道", "street", "440103", "440103")
DISTRICT = Unit("440103", "荔湾区", "district", "4401", "4401")
Rows = dict[str, list[dict[str, Any]]]
EMPTY = ("project", "unit", "person", "activity", "meeting", "document", "chair_term", "award_opinion", "course")


def _report(**sheets: list[dict[str, Any]]) -> Rows:
    profile = {"youth_count": 100, "floating_youth_count": 10, "migrant_youth_count": 10, "media_post_count": None}
    return {**{entity: [] for entity in (*EMPTY, "sector_standard")}, "profile": [profile], **sheets}


def _found(unit: Unit, *reports: Rows | None) -> dict[tuple[str, str], Outcome]:
    """Outcome by period and rule."""
    standing = Standing(unit, [*reports, *([None] * (4 - len(reports)))])
    case = Case(standing, PERIODS, LONG_AFTER, (), True, (), lambda name, tail: name + tail)
    listed = [one for topic in (PROJECTS, COOPERATION) if topic.outcomes for one in topic.outcomes(case)]
    return {(one.period, one.rule_id): one for one in listed}


def _first(rule: str, of: Unit = STREET, **sheets: list[dict[str, Any]]) -> tuple[str, str]:
    """Outcome and value of one rule in the first quarter."""
    found = _found(of, _report(**sheets))["2025-Q1", rule]
    return found.outcome, str(found.value)


def _project(name: str, kind: str = "其他", **changes: Any) -> dict[str, Any]:
    project = {"project_name": name, "project_kind": kind, "status": "在运行", "started_on": date(2025, 3, 31)}
    return {**project, "national_brand": None, "theme": None, "party_count": 1, **changes}


def _meeting(held_on: date, **changes: Any) -> dict[str, Any]:
    counts = {"unit_due_count": 10, "unit_present_count": 10, "youth_org_present_count": 1}
    leaders = {"leader_due_count": 2, "leader_present_count": 2, "party_leader_present": None}
    return {"meeting_kind": "联席会议", "held_on": held_on, **counts, **leaders, **changes}


def test_all_four_national_brands_must_have_landed() -> None:
    brands = ["青年志愿者", "青年文明号", "大中学生社会实践", "青少年维权岗"]
    landed = [_project(brand, "全国品牌", national_brand=brand) for brand in brands]
    assert _first("6b", project=landed) == ("pass", "4.0000")
    assert _first("6b", project=[*landed[:3], landed[0]]) == ("fail", "3.0000")
    assert _first("6b", project=[*landed[:3], {**landed[3], "started_on": date(2025, 4, 1)}])[0] == "fail"
    assert _first("6b", project=[*landed[:3], {**landed[3], "status": "已停止"}])[0] == "fail"


def test_a_theme_of_no_weight_is_no_focus_theme() -> None:
    themes = ["学习成才", "就业创业", "婚恋交友", "其他"]
    projects = [_project(theme, "区域品牌", theme=theme) for theme in themes]
    assert _first("6c.projects", project=projects) == ("pass", "4.0000")
    assert _first("6c.themes", project=projects) == ("fail", "3.0000")


def test_the_programme_for_newcomers_is_asked_where_the_larger_share_is_large() -> None:
    profile = {"youth_count": 100, "floating_youth_count": 30, "migrant_youth_count": 1, "media_post_count": 3}
    programme = _project("班", "新市民培训计划", with_hr_department=True, session_count=1)
    assert _first("6d", profile=[profile], project=[programme]) == ("not_decided", "1.0000")
    assert _first("6d", profile=[{**profile, "floating_youth_count": 29}])[0] == "not_applicable"
    assert _first("6d", profile=[profile], project=[{**programme, "session_count": 0}])[1] == "0.0000"


def test_attendance_and_satisfaction_are_taken_of_each_project_once() -> None:
    project = _project("甲", session_count=2, participant_count=50, satisfaction_pct=80.5)
    other = _project("乙", session_count=1, participant_count=9, satisfaction_pct=70)
    assert _first("6a.attendance", project=[project, project, other])[1] == "19.6667"
    assert _first("6a.satisfaction", project=[project, project, other])[1] == "75.2500"
    assert _first("6a.attendance", project=[])[0] == "not_applicable"


def test_every_member_needs_a_duty_and_a_street_without_members_has_no_figure() -> None:
    member = {"is_member": True, "has_duty": True, "is_local": True, "unit_kind": "其他", "uscc": None}
    guest = {**member, "is_member": False, "has_duty": False}
    outcomes = _found(STREET, _report(unit=[member, guest]), _report(unit=[guest]))
    assert outcomes["2025-Q1", "7a"].outcome == "pass"
    assert outcomes["2025-Q2", "7a"].outcome == "not_evaluated"


def test_the_longest_gap_runs_from_the_first_reported_day_to_the_end_of_the_period() -> None:
    first = _report(meeting=[_meeting(date(2025, 2, 10)), _meeting(date(2024, 2, 10))])
    second = _report(meeting=[_meeting(date(2025, 6, 30)), _meeting(date(2025, 5, 1), meeting_kind="其他")])
    found = _found(STREET, first, second, _report())
    gaps = [int(value) for period in YEAR[:3] if (value := found[period, "7c.gap"].value) is not None]
    assert gaps == [49, 140, 92]
    assert found["2025-Q1", "7c.frequency"].value == 2


def test_a_leader_too_many_does_not_make_up_for_one_who_stayed_away() -> None:
    meetings = [_meeting(date(2025, 2, 1), leader_present_count=3), _meeting(date(2025, 3, 1), leader_present_count=1)]
    assert _first("7e", meeting=meetings) == ("fail", "75.0000")
    assert _first("7e", meeting=meetings[:1]) == ("pass", "100.0000")
    assert _first("7e", meeting=[_meeting(date(2025, 2, 1), leader_due_count=0)])[0] == "not_applicable"


@pytest.mark.parametrize(("day", "outcome"), [(date(2025, 2, 1), "pass"), (date(2025, 2, 2), "fail"), (None, "fail")])
def test_the_street_is_heard_before_the_day_of_filing(day: date | None, outcome: str) -> None:
    assert _first("7k", award_opinion=[{"filed_on": date(2025, 2, 2), "opinion_on": day}])[0] == outcome


@pytest.mark.parametrize(("day", "outcome"), [(date(2025, 3, 31), "pass"), (date(2025, 4, 1), "fail")])
def test_a_rule_on_study_is_valid_from_its_day_of_issue(day: date, outcome: str) -> None:
    rule = {"document_kind": "列席中心组学习制度", "title": "制度", "issued_on": day}
    assert _first("7g", DISTRICT, document=[rule])[0] == outcome


def test_courses_are_open_to_both_kinds_and_every_sector_includes_the_work() -> None:
    course = {"open_to_units": True, "open_to_youth_orgs": True}
    half = {"open_to_units": True, "open_to_youth_orgs": False}
    sector = {"sector_name": "教育系统", "is_included": True}
    assert _first("7i.district", DISTRICT, course=[course, half]) == ("fail", "50.0000")
    assert _first("7i.district", DISTRICT)[0] == "not_applicable"
    assert _first("7j.district", DISTRICT, sector_standard=[sector, sector]) == ("pass", "100.0000")
    assert _first("7j.district", DISTRICT)[0] == "not_evaluated"
