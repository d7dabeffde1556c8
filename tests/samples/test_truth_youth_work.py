"""The truth about youth organisations, staff, training and incentives on small facts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from samples.calendar import load_periods
from samples.hierarchy import Unit, load_hierarchy
from samples.topic import Case, Programme, Topic
from samples.truth import Outcome, Standing
from samples.truth_workforce import WORKFORCE
from samples.truth_youth_work import YOUTH_WORK
from samples.words import shape
from tests.samples.conftest import LONG_AFTER, REGISTERS, ROOT, YEAR

TWO_YEARS = [*YEAR, "2026-Q1"]
PERIODS = load_periods(TWO_YEARS, REGISTERS.rulebook_dir)
STREET = Unit("440103001", "沙面街道", "street", "440103", "440103")
OTHER = Unit("440103002", "岭南街道", "street", "440103", "440103")
DISTRICT = Unit("440103", "荔湾区", "district", "4401", "4401")
COMMUNITIES = ("440103001001", "440103001002")
Rows = dict[str, list[dict[str, Any]]]


def _report(profile: dict[str, Any] | None = None, **sheets: list[dict[str, Any]]) -> Rows:
    figures = {"hub_contact_count": 1, "hub_guidance_count": 1, "hub_coordination_count": 1, "online_group_count": 0}
    posts = {"approved_post_count": 2, "pay_settled": True, "counts_as_of": date(2025, 3, 31)}
    entities = ("youth_org", "project", "person", "document", "training")
    return {**{entity: [] for entity in entities}, "profile": [{**figures, **posts, **(profile or {})}], **sheets}


def _org(name: str, **changes: Any) -> dict[str, Any]:
    org = {"org_name": name, "uscc": None, "org_category": "公益类", "relation": "联系", "target_group": None}
    flags = {"is_eligible": False, "has_league_org": False, "in_federation": False}
    figures = {"last_contact_on": None, "service_count": None, "joined_activity_count": None}
    return {**org, **flags, **figures, **changes}


def _person(number: int, kind: str, **changes: Any) -> dict[str, Any]:
    person = {"person_name": f"甲{number}", "phone_tail": "0001", "person_kind": kind, "community_code": None}
    return {**person, "start_on": date(2024, 1, 1), "end_on": None, **changes}


def _training(audience: str, headcount: int) -> dict[str, Any]:
    return {"audience": audience, "headcount": headcount}


def _case(unit: Unit, *reports: Rows | None, as_of: datetime = LONG_AFTER) -> Case:
    standing = Standing(unit, [*reports, *([None] * (len(PERIODS) - len(reports)))])
    key = lambda name, tail: name + tail  # noqa: E731
    return Case(standing, PERIODS, as_of, (), True, (), key, communities=COMMUNITIES)


def _judged(topic: Topic, unit: Unit, *reports: Rows | None) -> dict[tuple[str, str], Outcome]:
    assert topic.outcomes
    return {(one.period, one.rule_id): one for one in topic.outcomes(_case(unit, *reports))}


def _said(topic: Topic, rule: str, *, profile: dict[str, Any] | None = None, **sheets: Any) -> str:
    return _judged(topic, STREET, _report(profile, **sheets))["2025-Q1", rule].outcome


def _value(topic: Topic, rule: str, *, profile: dict[str, Any] | None = None, **sheets: Any) -> str:
    return str(_judged(topic, STREET, _report(profile, **sheets))["2025-Q1", rule].value)


def test_all_three_functions_of_a_hub_need_records() -> None:
    assert _said(YOUTH_WORK, "2a") == "pass"
    assert _said(YOUTH_WORK, "2a", profile={"hub_guidance_count": 0}) == "fail"
    assert _said(YOUTH_WORK, "2a", profile={"hub_coordination_count": None}) == "fail"


def test_organisations_are_classified_when_none_is_put_under_other() -> None:
    assert _said(YOUTH_WORK, "2b.classified", youth_org=[_org("甲")]) == "pass"
    assert _said(YOUTH_WORK, "2b.classified", youth_org=[_org("甲"), _org("乙", org_category="其他")]) == "fail"
    assert _said(YOUTH_WORK, "2b.classified") == "not_evaluated"
    assert _said(YOUTH_WORK, "2b.register") == "fail"


def test_what_the_document_leaves_open_is_not_decided_but_has_its_value() -> None:
    orgs = [_org("甲", last_contact_on=date(2025, 1, 1)), _org("乙", last_contact_on=date(2024, 12, 31)), _org("丙")]
    assert _said(YOUTH_WORK, "2d", youth_org=orgs) == "not_decided"
    assert _value(YOUTH_WORK, "2d", youth_org=orgs) == "33.3333"
    assert _value(YOUTH_WORK, "2b.freshness", profile={"counts_as_of": date(2025, 3, 1)}) == "30.0000"
    assert _value(YOUTH_WORK, "2b.freshness", profile={"counts_as_of": date(2025, 4, 1)}) == "0.0000"


def test_a_federation_is_asked_for_only_where_organisations_are_many() -> None:
    many = shape()["parameters"]["2h.org_count"]
    orgs = [_org(str(number), in_federation=number < 2) for number in range(many)]
    assert _value(YOUTH_WORK, "2h", youth_org=orgs) == "2.0000"
    assert _said(YOUTH_WORK, "2h", youth_org=orgs[1:]) == "not_applicable"


def test_every_eligible_organisation_needs_a_league_organisation() -> None:
    done = _org("甲", is_eligible=True, has_league_org=True)
    assert _said(YOUTH_WORK, "2i", youth_org=[done, _org("乙")]) == "pass"
    assert _said(YOUTH_WORK, "2i", youth_org=[done, _org("乙", is_eligible=True)]) == "fail"
    assert _said(YOUTH_WORK, "2i", youth_org=[_org("甲", has_league_org=True)]) == "not_applicable"


def test_a_joint_project_runs_and_names_its_partner() -> None:
    project = {"project_name": "甲", "status": "在运行", "started_on": date(2025, 3, 31), "project_kind": "其他"}
    projects = [
        {**project, "partner_org_name": "乙社"},
        {**project, "project_name": "丙", "partner_org_name": None},
        {**project, "project_name": "丁", "partner_org_name": "乙社", "started_on": date(2025, 4, 1)},
        {**project, "project_name": "戊", "partner_org_name": "乙社", "status": "已停止"},
    ]
    assert _value(YOUTH_WORK, "2f.projects", project=projects) == "1.0000"
    assert _value(YOUTH_WORK, "2f.government", project=projects) == "0.0000"


def test_approved_posts_must_be_filled_on_the_last_day() -> None:
    two = [_person(1, "专职团干部"), _person(2, "专职团干部", end_on=date(2025, 3, 31))]
    assert _said(WORKFORCE, "3.1.posts", person=two) == "pass"
    assert _said(WORKFORCE, "3.1.posts", person=[two[0], _person(2, "兼职团干部")]) == "fail"
    assert _said(WORKFORCE, "3.1.posts", profile={"approved_post_count": 0}, person=two) == "not_evaluated"


def test_one_who_changes_between_core_posts_has_not_left_the_team() -> None:
    moved = [_person(1, "兼职团干部", end_on=date(2025, 2, 1)), _person(1, "专职团干部", start_on=date(2025, 2, 2))]
    left = _person(2, "兼职团干部", end_on=date(2025, 3, 30))
    before = _person(3, "兼职团干部", end_on=date(2024, 12, 31))
    assert _value(WORKFORCE, "3.2", person=moved) == "0.0000"
    assert _value(WORKFORCE, "3.2", person=[*moved, left, before]) == "50.0000"


def test_every_community_of_the_street_needs_a_fixed_volunteer() -> None:
    here = [_person(number, "固定志愿者", community_code=code) for number, code in enumerate(COMMUNITIES)]
    elsewhere = _person(9, "固定志愿者", community_code="440103002001")
    assert _said(WORKFORCE, "3.5c", person=here) == "pass"
    assert _said(WORKFORCE, "3.5c", person=[here[0], elsewhere]) == "fail"
    assert _said(WORKFORCE, "3.5s", person=[elsewhere]) == "pass"
    assert _said(WORKFORCE, "3.5s", person=[_person(1, "青年社工")]) == "fail"


@pytest.mark.parametrize(("issued_on", "outcome"), [(date(2025, 3, 31), "pass"), (date(2025, 4, 1), "fail")])
def test_all_five_mechanisms_and_the_incentives_must_be_issued(issued_on: date, outcome: str) -> None:
    kinds = [*shape()["classes"]["staffing_mechanism"], "评价激励措施"]
    documents = [{"document_kind": kind, "issued_on": date(2024, 1, 1)} for kind in kinds[1:-1]]
    documents += [{"document_kind": kind, "issued_on": issued_on} for kind in (kinds[0], kinds[-1])]
    assert _said(WORKFORCE, "3.4", document=documents) == outcome
    assert _said(WORKFORCE, "3.7.street", document=documents) == outcome


def test_training_is_compared_with_the_same_quarter_of_the_year_before() -> None:
    first, later = _report(training=[_training("青年志愿者", 5)]), _report(training=[_training("青年社团骨干", 6)])
    found = _judged(WORKFORCE, STREET, first, None, None, None, later)
    assert found["2025-Q1", "3.6.rising"].outcome == "too_early"
    assert found["2026-Q1", "3.6.rising"].outcome == "pass"
    assert _judged(WORKFORCE, STREET, first, None, None, None, first)["2026-Q1", "3.6.rising"].outcome == "fail"
    assert _judged(WORKFORCE, STREET, None, first, None, None, later)["2026-Q1", "3.6.rising"].outcome == "too_early"


def test_a_district_adds_up_its_streets_and_is_incomplete_without_one() -> None:
    assert WORKFORCE.facts
    assert WORKFORCE.roll_up
    people = [_person(number, "兼职团干部") for number in range(4)]
    report = _report(person=people, training=[_training("兼职团干部", 1), _training("青年志愿者", 50)])
    cases = [_case(DISTRICT), _case(STREET, report, report), _case(OTHER, report, None)]
    facts = {case.code: WORKFORCE.facts(case) for case in cases}
    hierarchy = load_hierarchy(ROOT / "reference", REGISTERS.unit_names)
    units = [case.unit for case in cases]
    found = WORKFORCE.roll_up(Programme(units, hierarchy, PERIODS, LONG_AFTER, (), facts, ()))
    values = {one.period: str(one.value) for one in found}
    assert values == {period: "25.0000" if period in YEAR[:2] else "None" for period in TWO_YEARS}
    assert {one.outcome for one in found} == {"not_decided"}
