"""The truth about responsibilities on small facts: superiors, leaders, platforms, member units, stages and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ingest.registers import Registers
from samples.batches import doubly_enrolled
from samples.calendar import load_periods
from samples.hierarchy import Unit, load_hierarchy
from samples.topic import Case, Programme
from samples.truth import Outcome, Standing
from samples.truth_responsibility import RESPONSIBILITY
from samples.words import shape
from tests.samples.conftest import LONG_AFTER, REGISTERS, ROOT, YEAR

PERIODS = load_periods(YEAR, REGISTERS.rulebook_dir)
STAGES = [{"stage_code": "S1", "first_period": "2025-Q1", "last_period": "2025-Q4"}]
PROVINCE = Unit("44", "广东省", "province", None, None)
CITY = Unit("4401", "广州市", "city", "44", "44")
DISTRICT = Unit("440103", "荔湾区", "district", "4401", "4401")
STREET = Unit("440103001", "沙面街道", "street", "440103", "440103")
Rows = dict[str, list[dict[str, Any]]]


def _report(**sheets: list[dict[str, Any]]) -> Rows:
    profile = {
        "youth_count": 9,
        "league_member_count": 9,
        "known_youth_org_count": 0,
        "counts_as_of": date(2025, 3, 31),
    }
    entities = ("committee", "unit", "youth_org", "meeting", "document", "street_class", "leader", "leader_link")
    return {**{entity: [] for entity in (*entities, "field_visit")}, "profile": [profile], **sheets}


def _case(unit: Unit, reports: Sequence[Rows | None], **changes: Any) -> Case:
    options: dict[str, Any] = {"streets": [STREET.code], "as_of": LONG_AFTER, **changes}
    workbooks = [*reports, *([None] * (4 - len(reports)))]
    return Case(
        Standing(unit, workbooks),
        PERIODS,
        has_districts=True,
        stages=STAGES,
        person_key=lambda name, tail: name + tail,
        **options,
    )


def _found(outcomes: Sequence[Outcome]) -> dict[tuple[str, str, str], Outcome]:
    return {(one.period, one.rule_id, one.subject_key): one for one in outcomes}


def _outcomes(unit: Unit, *reports: Rows | None, **changes: Any) -> dict[tuple[str, str, str], Outcome]:
    """Outcomes by period, rule and subject, of a unit with these reports."""
    assert RESPONSIBILITY.outcomes
    return _found(RESPONSIBILITY.outcomes(_case(unit, reports, **changes)))


def _first(rule: str, unit: Unit = STREET, /, **sheets: list[dict[str, Any]]) -> Outcome:
    """The only outcome of one rule in the first quarter."""
    found = _outcomes(unit, _report(**sheets))
    [outcome] = [one for (period, rule_id, _), one in found.items() if (period, rule_id) == ("2025-Q1", rule)]
    return outcome


def _document(kind: str, issued_on: date, stage_code: str | None = None) -> dict[str, Any]:
    return {"document_kind": kind, "issued_on": issued_on, "stage_code": stage_code}


@pytest.mark.parametrize(("issued_on", "outcome"), [(date(2025, 3, 31), "pass"), (date(2025, 4, 1), "fail")])
def test_a_supporting_policy_must_be_issued_by_the_end_of_the_period(issued_on: date, outcome: str) -> None:
    assert _first("R1a.city", CITY, document=[_document("配套政策", issued_on)]).outcome == outcome


def test_stage_documents_count_in_the_last_report_and_before_the_first_day() -> None:
    before, on = date(2024, 12, 31), date(2025, 1, 1)
    kinds = ("阶段目标", "阶段重点", "推进措施")
    good = _report(document=[_document(kind, before, "S1") for kind in kinds])
    late = _report(document=[*good["document"][:2], _document(kinds[2], on, "S1")])
    other = _report(document=[*good["document"][:2], _document(kinds[2], before, "S2")])
    key = ("2025-Q4", "R1b.province", "S1/44")
    assert _outcomes(PROVINCE, good, good, good, good)[key].outcome == "pass"
    assert _outcomes(PROVINCE, good, good, good, late)[key].value == 2
    assert _outcomes(PROVINCE, good, good, good, other)[key].outcome == "fail"
    assert _outcomes(PROVINCE, good, good, good, None)[key].outcome == "not_evaluated"
    assert _outcomes(PROVINCE, good, good, good, None, as_of=datetime(2026, 1, 2))[key].outcome == "too_early"


def test_inspections_of_last_year_and_streets_elsewhere_are_left_out_of_the_shares() -> None:
    def line(code: str, inspected: date | None) -> dict[str, Any]:
        return {"street_code": code, "street_class": "一类", "last_inspected_on": inspected}

    rows = [line(STREET.code, date(2024, 12, 31)), line("440104001", date(2025, 1, 1))]
    assert _first("R1c.city.classified", CITY, street_class=rows).value == 100
    assert _first("R1c.city.inspected", CITY, street_class=rows).value == 0


def test_a_rule_book_with_drafts_opens_no_stage() -> None:
    opening = _outcomes(PROVINCE, _report())["2025-Q1", "S3", "S1/44"]
    drafts = [rule for rule in shape()["rules"].values() if rule.get("status") == "draft"]
    assert (opening.value, opening.outcome) == (len(drafts), "fail")


LEADER = {"leader_name": "甲", "phone_tail": "0001", "start_on": date(2024, 1, 1), "end_on": None}
LINK = {"leader_name": "甲", "target_kind": "街道", "target_code": STREET.code, "start_on": date(2024, 1, 1)}
KEY = "440103/甲0001"


def _visit(kind: str, day: int, street: str = STREET.code) -> dict[str, Any]:
    return {"leader_name": "甲", "street_code": street, "visit_kind": kind, "held_on": date(2025, 2, day)}


def test_guidance_is_counted_for_each_linked_street() -> None:
    visits = [_visit("指导", 1), _visit("跟踪", 2), _visit("联席会议", 3), _visit("指导", 4, "440103002")]
    report = _report(leader=[LEADER], leader_link=[{**LINK, "end_on": None}], field_visit=visits)
    assert _outcomes(DISTRICT, report)["2025-Q1", "R2d", f"{KEY}/{STREET.code}"].value == 2
    assert _first("R2d", DISTRICT, leader=[LEADER]).outcome == "not_applicable"


def _attendance(visits: list[dict[str, Any]], street: Rows | None) -> Outcome:
    report = _report(leader=[LEADER], leader_link=[{**LINK, "end_on": None}], field_visit=visits)
    assert RESPONSIBILITY.facts
    assert RESPONSIBILITY.roll_up
    facts = {
        DISTRICT.code: RESPONSIBILITY.facts(_case(DISTRICT, [report])),
        STREET.code: RESPONSIBILITY.facts(_case(STREET, [street])),
    }
    hierarchy = load_hierarchy(ROOT / "reference", Registers(ROOT / "reference", REGISTERS.rulebook_dir).unit_names)
    programme = Programme([DISTRICT, STREET], hierarchy, PERIODS, LONG_AFTER, STAGES, facts, [])
    return _found(RESPONSIBILITY.roll_up(programme))["2025-Q1", "R2c", KEY]


def test_a_leader_attends_no_more_meetings_than_the_street_held() -> None:
    meeting = {"meeting_kind": "联席会议"}
    twice_on_a_day = [_visit("联席会议", 1), _visit("联席会议", 1)]
    assert _attendance(twice_on_a_day, _report(meeting=[meeting, meeting])).value == 50
    assert _attendance([_visit("联席会议", 1), _visit("联席会议", 2)], _report(meeting=[meeting])).value == 100
    assert _attendance(twice_on_a_day, _report(meeting=[{"meeting_kind": "成立大会"}])).outcome == "not_applicable"
    assert _attendance(twice_on_a_day, None).outcome == "not_decided"


@pytest.mark.parametrize(("members", "orgs", "value"), [(1, 0, 3), (0, 0, 2), (1, None, 2)])
def test_nobody_is_no_count_but_no_organisation_can_be_one(members: int, orgs: int | None, value: int) -> None:
    figures = {"youth_count": 1, "league_member_count": members, "known_youth_org_count": orgs}
    assert _first("R3a.counted", profile=[{**figures, "counts_as_of": date(2025, 3, 31)}]).value == value


def test_only_the_missing_meeting_can_still_come_within_the_year() -> None:
    two = {"committee": [{"status": "在运行"}], "youth_org": [{"in_federation": True}]}
    meeting = {"meeting": [{"meeting_kind": "联席会议"}]}

    def platforms(*reports: Rows | None) -> list[str]:
        found = _outcomes(STREET, *reports)
        return [found[period, "R3b", STREET.code].outcome for period in YEAR if (period, "R3b", STREET.code) in found]

    bare, full = _report(**two), _report(**two, **meeting)
    assert platforms(bare, bare, bare, bare) == ["too_early", "too_early", "too_early", "fail"]
    assert platforms(bare, full, bare, bare) == ["too_early", "pass", "pass", "pass"]
    assert platforms(bare, None, bare, bare) == ["too_early", "too_early", "not_evaluated"]
    assert platforms(_report(**meeting)) == ["fail"]


def _unit(name: str, **changes: Any) -> dict[str, Any]:
    unit = {"unit_name": name, "uscc": None, "unit_kind": "学校", "industry": "教育", "affiliation_level": "区"}
    flags = dict.fromkeys(("opens_activities", "extends_projects", "shares_venue", "extends_expertise"), False)
    return {**unit, **flags, "is_member": True, "last_contact_on": None, "in_own_plan": False, **changes}


def test_member_units_must_differ_on_all_three_axes() -> None:
    alike = _unit("乙", unit_kind="机关", industry="党政机关")
    assert _first("R3c", unit=[_unit("甲"), alike]).outcome == "fail"
    assert _first("R3c", unit=[_unit("甲"), {**alike, "affiliation_level": "市"}]).outcome == "pass"
    assert _first("R3c", unit=[_unit("甲"), {**alike, "affiliation_level": "市", "is_member": False}]).value == 1
    assert _first("R3c").value == 0


def test_member_units_in_two_rows_count_once() -> None:
    units = [_unit("甲", opens_activities=True), _unit("甲", in_own_plan=True), _unit("乙", shares_venue=True)]
    units[2]["last_contact_on"] = date(2024, 12, 31)
    assert _first("R4a", unit=units).value == 0
    assert _first("R4b", unit=units).value == 50
    assert _first("R4c", unit=units).value == 1
    assert _first("R4c").value is None


def _answer(**changes: Any) -> str:
    notice = {"notice_id": "n", "period": "2025-Q4", "deadline_at": datetime(2025, 10, 12, 4)}
    row = {"feedback_form": "附页", "signer_post": "分管副书记", "is_signed": True, **changes}
    found = _outcomes(CITY, None, None, None, None, feedback=[(notice, {"feedback": [row]})])
    return found["2025-Q4", "N3", "n/4401"].outcome


def test_an_answer_is_signed_by_a_deputy_secretary() -> None:
    assert _answer() == "pass"
    assert _answer(signer_post="书记") == "fail"
    assert _answer(is_signed=False) == "fail"


def test_without_an_answer_there_is_no_form_to_look_at() -> None:
    notice = {"notice_id": "n", "period": "2025-Q4", "deadline_at": datetime(2025, 10, 12, 4)}
    late = _outcomes(CITY, None, None, None, None, feedback=[(notice, None)])
    assert late["2025-Q4", "N2", "n/4401"].outcome == "not_evaluated"


def test_one_street_of_many_is_in_two_batches() -> None:
    other = Unit("440103002", "岭南街道", "street", "440103", "440103")
    assert doubly_enrolled([STREET, other, CITY]) == other.code
    assert doubly_enrolled([STREET, CITY]) is None


def test_shares_are_exact() -> None:
    units = [_unit("甲", in_own_plan=True), _unit("乙"), _unit("丙")]
    assert _first("R4b", unit=units).value == Decimal("33.3333")
