"""The truth: each rule on small facts, and that the sample shows every rule both met and missed."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from samples.calendar import add_months, load_periods, months_needed
from samples.hierarchy import Unit
from samples.truth import Standing, street_outcomes
from samples.words import shape
from tests.samples.conftest import LONG_AFTER, REGISTERS, YEAR, Sample

PERIODS = load_periods(YEAR, REGISTERS.rulebook_dir)
STREET = Unit("440103001", "沙面街道", "street", "440103", "440103")
Rows = dict[str, list[dict[str, Any]]]


def _person(number: int, kind: str = "兼职团干部", **changes: Any) -> dict[str, Any]:
    person = {"person_name": f"甲{number}", "phone_tail": "0001", "person_kind": kind, "start_on": date(2024, 1, 1)}
    return {**person, "end_on": None, "is_off_establishment_member": False, **changes}


def _unit(number: int, **changes: Any) -> dict[str, Any]:
    unit = {"unit_name": f"单位{number}", "unit_kind": "学校", "is_local": True, "is_member": True}
    return {**unit, **changes}


def _term(number: int, start: date, end: date) -> dict[str, Any]:
    return {"term_no": f"第{number}届", "unit_name": "单位1", "start_on": start, "end_on": end}


def _activity(day: date, term: str | None = None, host: str = "别的单位") -> dict[str, Any]:
    return {"held_on": day, "term_no": term, "host_unit_name": host}


def _payment(amount: str, kind: str = "基本工作经费", year: int = 2025) -> dict[str, Any]:
    return {"amount": Decimal(amount), "fund_kind": kind, "fiscal_year": year}


def _report(**sheets: list[dict[str, Any]]) -> Rows:
    entities = ("committee", "unit", "chair_term", "youth_org", "venue", "person", "activity", "funding")
    return {**{entity: [] for entity in entities}, **sheets}


def _outcomes(*reports: Rows | None, as_of: datetime = LONG_AFTER) -> dict[tuple[str, str, str], str]:
    """Outcome by period, rule and subject, of a street with these reports."""
    standing = Standing(STREET, [*reports, *([None] * (4 - len(reports)))])
    found = street_outcomes(standing, PERIODS, as_of)
    return {(one.period, one.rule_id, one.subject_key): one.outcome for one in found}


def _first(rule: str, **sheets: list[dict[str, Any]]) -> str:
    """Outcome of one rule in the first quarter."""
    found = _outcomes(_report(**sheets))
    return next(outcome for (period, rule_id, _), outcome in found.items() if (period, rule_id) == ("2025-Q1", rule))


@pytest.mark.parametrize(("count", "outcome"), [(0, "fail"), (1, "pass"), (2, "fail")])
def test_exactly_one_committee_is_in_operation(count: int, outcome: str) -> None:
    committees = [{"status": "在运行"}] * count + [{"status": "已停止"}]
    assert _first("3a", committee=committees) == outcome


def test_an_organisation_listed_twice_under_one_credit_code_counts_once() -> None:
    orgs = [{"uscc": "X", "org_name": name, "relation": "联系"} for name in ("甲", "乙")]
    assert _first("3b", youth_org=orgs) == "fail"
    assert _first("3b", youth_org=[*orgs, {"uscc": None, "org_name": "甲", "relation": "培育"}]) == "pass"


@pytest.mark.parametrize(
    ("status", "opened_on", "outcome"),
    [
        ("正常", date(2025, 3, 31), "pass"),
        ("正常", date(2025, 4, 1), "fail"),
        ("筹建", date(2024, 1, 1), "fail"),
        ("停用", date(2024, 1, 1), "fail"),
    ],
)
def test_a_venue_counts_when_it_is_open_at_the_end_of_the_period(status: str, opened_on: date, outcome: str) -> None:
    assert _first("3c", venue=[{"status": status, "opened_on": opened_on}]) == outcome


def test_ten_cadres_are_enough_and_nine_with_one_who_left_are_not() -> None:
    nine = [_person(number) for number in range(9)]
    assert _first("3d", person=[*nine, _person(9, end_on=date(2025, 3, 31))]) == "pass"
    assert _first("3d", person=[*nine, _person(9, end_on=date(2025, 3, 30))]) == "fail"
    assert _first("3d", person=[*nine, _person(8)]) == "fail"
    assert _first("3d", person=[*nine, _person(9, start_on=date(2025, 4, 1))]) == "fail"


def test_a_social_worker_or_full_time_volunteer_is_needed_and_a_fixed_one_is_not_enough() -> None:
    assert _first("3e", person=[_person(1, "固定志愿者")]) == "fail"
    assert _first("3e", person=[_person(1, "专职志愿者")]) == "pass"


@pytest.mark.parametrize(("count", "outcome"), [(8, "fail"), (9, "pass")])
def test_nine_members_from_outside_the_establishment_are_needed(count: int, outcome: str) -> None:
    people = [_person(number, "固定志愿者", is_off_establishment_member=number < count) for number in range(12)]
    assert _first("3.3", person=people) == outcome


def test_every_eligible_local_unit_must_be_a_member() -> None:
    exempt = [_unit(8, unit_kind="其他", is_member=False), _unit(9, is_local=False, is_member=False)]
    assert _first("1c", unit=[_unit(1), *exempt]) == "pass"
    assert _first("1c", unit=[_unit(1), _unit(2, is_member=False)]) == "fail"
    assert _first("1c", unit=exempt) == "not_evaluated"


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2025, 1, 1), date(2025, 4, 1), 3),
        (date(2025, 1, 1), date(2025, 4, 2), 4),
        (date(2024, 11, 30), date(2025, 2, 28), 3),
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2025, 1, 31), date(2025, 3, 1), 2),
        (date(2025, 1, 1), date(2025, 1, 1), 0),
    ],
)
def test_the_length_of_a_term_is_counted_in_calendar_months(start: date, end: date, months: int) -> None:
    assert months_needed(start, end) == months


def test_three_months_after_the_last_of_november_is_the_last_of_february() -> None:
    assert add_months(date(2024, 11, 30), 3) == date(2025, 2, 28)


def test_a_chair_needs_an_activity_of_its_own_within_the_term() -> None:
    term = _term(1, date(2025, 1, 10), date(2025, 3, 20))
    for activity, outcome in [
        (_activity(date(2025, 3, 20), "第1届"), "pass"),
        (_activity(date(2025, 3, 20), host="单位1"), "pass"),
        (_activity(date(2025, 3, 21), "第1届"), "fail"),
        (_activity(date(2025, 2, 1)), "fail"),
    ]:
        assert _first("1j", chair_term=[term], activity=[activity]) == outcome


def test_a_running_term_without_activity_is_too_early_to_judge_and_fails_when_it_has_ended() -> None:
    term = _term(1, date(2025, 3, 10), date(2025, 5, 20))
    found = _outcomes(_report(chair_term=[term]), _report(chair_term=[term]))
    key = f"{STREET.code}/第1届"
    assert found["2025-Q1", "1j", key] == "too_early"
    assert found["2025-Q2", "1j", key] == "fail"


def test_an_activity_reported_in_an_earlier_quarter_still_counts_for_the_term() -> None:
    term = _term(1, date(2025, 3, 10), date(2025, 5, 20))
    first = _report(chair_term=[term], activity=[_activity(date(2025, 3, 12), "第1届")])
    assert _outcomes(first, _report(chair_term=[term]))["2025-Q2", "1j", f"{STREET.code}/第1届"] == "pass"


def test_a_street_without_chair_terms_has_nothing_to_judge() -> None:
    assert _first("1i") == _first("1j") == "not_applicable"


FUNDS_KEY = f"{STREET.code}/2025"


def _funds(*amounts: str | None, as_of: datetime = LONG_AFTER) -> list[str]:
    reports = [None if amount is None else _report(funding=[_payment(amount)]) for amount in amounts]
    found = _outcomes(*reports, as_of=as_of)
    return [found[period, "5b", FUNDS_KEY] for period in YEAR]


def test_basic_funds_add_up_over_the_year_and_are_final_in_its_last_quarter() -> None:
    assert _funds("8000", "0", "12000", "0") == ["too_early", "too_early", "pass", "pass"]
    assert _funds("8000", "0", "11999.99", "0") == ["too_early", "too_early", "too_early", "fail"]


def test_a_quarter_without_report_leaves_the_year_undecided_unless_the_rest_is_enough() -> None:
    assert _funds("8000", None, "0", "0") == ["too_early", "too_early", "too_early", "not_evaluated"]
    assert _funds("8000", None, "0", "12000") == ["too_early", "too_early", "too_early", "pass"]
    assert _funds(None, "8000", "0", "0")[0] == "not_evaluated"


def test_before_the_last_deadline_the_report_to_come_may_tell_everything() -> None:
    in_the_window = datetime(2026, 1, 12)
    assert _funds("8000", None, "0", None, as_of=in_the_window)[3] == "too_early"
    assert _funds("8000", None, "0", None)[3] == "not_evaluated"
    assert _funds("8000", None, "0", "0", as_of=in_the_window)[3] == "not_evaluated"


def test_project_money_and_arrears_of_last_year_are_no_basic_funds_of_this_year() -> None:
    others = [_payment("90000", "项目经费"), _payment("90000", year=2024)]
    found = _outcomes(*[_report(funding=others)] * 4)
    assert found["2025-Q4", "5b", FUNDS_KEY] == "fail"


def test_a_street_that_did_not_report_has_one_line_per_rule() -> None:
    found = _outcomes()
    # The rules that are computed without a report stand with their topics, but for the funds of the year.
    expected = {
        name
        for name, rule in shape()["rules"].items()
        if rule["level"] == "street" and (name == "5b" or not rule.get("computed"))
    }
    assert {rule for period, rule, _ in found if period == "2025-Q1"} == expected
    drafts = {name for name, rule in shape()["rules"].items() if rule.get("status") == "draft"}
    for (_, rule, _), outcome in found.items():
        assert outcome == ("not_decided" if rule in drafts else "not_evaluated")


def test_before_the_deadline_silence_is_too_early() -> None:
    found = _outcomes(as_of=datetime(2025, 4, 3))
    text = {rule: outcome for (_, rule, _), outcome in found.items() if shape()["rules"][rule].get("status") != "draft"}
    assert set(text.values()) == {"too_early"}


def test_every_rule_is_both_met_and_missed_in_the_sample(sample: Sample) -> None:
    outcomes: dict[str, set[str]] = {}
    for line in sample.truth("outcomes"):
        outcomes.setdefault(line["rule_id"], set()).add(line["outcome"])
    assert set(outcomes) == set(shape()["rules"])
    rules = shape()["rules"]
    drafts = {rule for rule in outcomes if rules[rule].get("status") == "draft"}
    trends = {rule for rule in outcomes if rules[rule].get("trend")}
    for rule in drafts:
        assert outcomes[rule] <= {"not_decided", "not_applicable"}, rule
    for rule in trends:
        assert outcomes[rule] <= {"too_early", "not_evaluated"}, rule
    # A rule that a lone unit owes, or owes only once as to answer the notice, is either met or missed.
    lines = Counter(line["rule_id"] for line in sample.truth("outcomes"))
    lone = {rule for rule in outcomes if lines[rule] == 1 or rules[rule].get("lone")}
    judged = {rule: found for rule, found in outcomes.items() if rule not in drafts | trends | lone}
    assert {rule for rule, found in judged.items() if not {"pass", "fail"} <= found} == set()
    assert all(outcomes[rule] & {"pass", "fail"} for rule in lone)


@pytest.mark.parametrize(
    ("rule", "value"), [("3d", "10.0000"), ("3.3", "9.0000"), ("3b", "2.0000"), ("1i", "3.0000"), ("5b", "20000.0000")]
)
def test_the_sample_has_subjects_exactly_at_the_bound(sample: Sample, rule: str, value: str) -> None:
    at_bound = [line for line in sample.truth("outcomes") if (line["rule_id"], line["value"]) == (rule, value)]
    assert at_bound
    assert {line["outcome"] for line in at_bound} == {"pass"}


def test_every_enrolled_unit_has_all_rules_of_its_level_in_every_quarter(sample: Sample) -> None:
    rules = shape()["rules"]
    levels = {2: "province", 4: "city", 6: "district", 9: "street"}
    # Rules about a notice or a stage have their line in the period of the notice, or at an end of the stage.
    at_some_time = {name for name, rule in rules.items() if rule["level"] == "any"}
    found: dict[tuple[str, str], set[str]] = {}
    for line in sample.truth("outcomes"):
        found.setdefault((line["unit_code"], line["period"]), set()).add(line["rule_id"])
    for unit in {line["unit_code"] for line in sample.truth("submissions")}:
        own = {name for name, rule in rules.items() if rule["level"] == levels[len(unit)]}
        for period in YEAR:
            assert found.get((unit, period), set()) - at_some_time == own
        assert "S2" in found[unit, "2025-Q4"]


def test_the_truth_has_one_line_per_subject(sample: Sample) -> None:
    keys = [(line["period"], line["rule_id"], line["subject_key"]) for line in sample.truth("outcomes")]
    assert len(keys) == len(set(keys))
