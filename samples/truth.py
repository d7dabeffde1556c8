"""What the judges must find: every rule worked out from the planned facts, in plain Python and without the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from samples.calendar import Period, months_needed
from samples.hierarchy import Unit
from samples.street_context import Row, Workbook
from samples.words import shape

PASS, FAIL, TOO_EARLY = "pass", "fail", "too_early"
NOT_APPLICABLE, NOT_EVALUATED, NOT_DECIDED = "not_applicable", "not_evaluated", "not_decided"
MEASURED, PROVISIONAL, INCOMPLETE = "measured", "provisional", "incomplete"
#: Outcome of a figure that does not meet its bounds, by how final the figure is.
UNMET = {MEASURED: FAIL, PROVISIONAL: TOO_EARLY, INCOMPLETE: NOT_EVALUATED}
TEN_THOUSANDTH = Decimal("0.0001")
LAST_QUARTER = 4


@dataclass(frozen=True)
class Outcome:
    """One line of ``truth_outcomes.csv``; ``value`` is None where there is no figure."""

    period: str
    rule_id: str
    clause_id: str
    unit_code: str
    subject_key: str
    value: Decimal | None
    outcome: str


@dataclass(frozen=True)
class Standing:
    """A unit's reports in the periods of the sample: the standing workbook of each, None where there is none."""

    unit: Unit
    workbooks: Sequence[Workbook | None]


def judged(
    period: str, rule_id: str, unit_code: str, subject_key: str, value: Decimal | int, status: str = MEASURED
) -> Outcome:
    """The outcome of a figure under the bounds of ``rule_id``."""
    rule = shape()["rules"][rule_id]
    exact = Decimal(value).quantize(TEN_THOUSANDTH, ROUND_HALF_UP)
    low, high = rule.get("lower"), rule.get("upper")
    is_met = (low is None or exact >= low) and (high is None or exact <= high)
    outcome = NOT_DECIDED if is_draft(rule_id) else PASS if is_met else UNMET[status]
    return Outcome(period, rule_id, str(rule["clause"]), unit_code, subject_key, exact, outcome)


def unjudged(period: str, rule_id: str, unit_code: str, subject_key: str, outcome: str) -> Outcome:
    """The outcome of a rule without a figure; nothing but ``not_applicable`` is said of a draft."""
    clause = str(shape()["rules"][rule_id]["clause"])
    if is_draft(rule_id) and outcome != NOT_APPLICABLE:
        outcome = NOT_DECIDED
    return Outcome(period, rule_id, clause, unit_code, subject_key, None, outcome)


def is_draft(rule_id: str) -> bool:
    """Whether the bound of a rule is a proposal, which no stage of a sample accepts."""
    is_proposal: bool = shape()["rules"][rule_id].get("status") == "draft"
    return is_proposal


def unreported(period: Period, unit: Unit, as_of: datetime) -> list[Outcome]:
    """One line per rule of a unit that has not reported, but for the rules that are ``computed`` all the same."""
    rules = [
        name for name, rule in shape()["rules"].items() if rule["level"] == unit.level and not rule.get("computed")
    ]
    return [unjudged(period.code, rule, unit.code, unit.code, silence(period, as_of)) for rule in rules]


def silence(period: Period, as_of: datetime) -> str:
    """What is said of a unit that has not reported."""
    return NOT_EVALUATED if as_of > period.deadline_at else TOO_EARLY


def _class(name: str) -> frozenset[str]:
    return frozenset(shape()["classes"][name])


def in_post(row: Row, period: Period) -> bool:
    """Whether a post or link is in force on the last day of the period."""
    ends_on: date | None = row.get("end_on")
    is_begun: bool = row["start_on"] <= period.ends_on
    return is_begun and (ends_on is None or ends_on >= period.ends_on)


def _people(rows: Iterable[Row], period: Period, counts: Callable[[Row], bool]) -> int:
    return len({(row["person_name"], row["phone_tail"]) for row in rows if in_post(row, period) and counts(row)})


def _counted(workbook: Workbook, period: Period) -> dict[str, int]:
    """The rules that are plain counts."""
    cadre, worker = _class("cadre"), _class("social_worker")
    people = workbook["person"]
    related = [org for org in workbook["youth_org"] if org["relation"] in _class("org_relation")]
    open_venues = (
        venue["status"] in _class("venue_open") and venue["opened_on"] <= period.ends_on for venue in workbook["venue"]
    )
    return {
        "3a": sum(committee["status"] in _class("active") for committee in workbook["committee"]),
        "3b": len({org["uscc"] or org["org_name"] for org in related}),
        "3c": sum(open_venues),
        "3d": _people(people, period, lambda row: row["person_kind"] in cadre),
        "3e": _people(people, period, lambda row: row["person_kind"] in worker),
        "3.3": _people(people, period, lambda row: row["is_off_establishment_member"]),
    }


def _membership(code: str, workbook: Workbook, period: Period) -> Outcome:
    excluded = _class("not_eligible_unit")
    owed = [unit for unit in workbook["unit"] if unit["is_local"] and unit["unit_kind"] not in excluded]
    if not owed:
        return unjudged(period.code, "1c", code, code, NOT_EVALUATED)
    share = Decimal(100 * sum(unit["is_member"] for unit in owed)) / len(owed)
    return judged(period.code, "1c", code, code, share)


def _chair_outcomes(code: str, workbook: Workbook, period: Period, activities: Sequence[Row]) -> list[Outcome]:
    """Length and activity of each term that overlaps the period; ``activities`` are all those reported so far."""
    terms = [
        term
        for term in workbook["chair_term"]
        if term["start_on"] <= period.ends_on and term["end_on"] >= period.starts_on
    ]
    if not terms:
        return [unjudged(period.code, rule, code, code, NOT_APPLICABLE) for rule in ("1i", "1j")]
    found = []
    for term in terms:
        key = f"{code}/{term['term_no']}"
        found.append(judged(period.code, "1i", code, key, months_needed(term["start_on"], term["end_on"])))
        last = min(term["end_on"], period.ends_on)
        held = sum(
            term["start_on"] <= activity["held_on"] <= last
            and (activity["term_no"] == term["term_no"] or activity["host_unit_name"] == term["unit_name"])
            for activity in activities
        )
        status = PROVISIONAL if term["end_on"] > period.ends_on else MEASURED
        found.append(judged(period.code, "1j", code, key, held, status))
    return found


def _funds(standing: Standing, period: Period, periods: Sequence[Period], as_of: datetime) -> Outcome:
    """Basic funds of the year so far."""
    code = standing.unit.code
    key = f"{code}/{period.year}"
    so_far = [one for one in periods if one.year == period.year and one.index <= period.index]
    reported = [workbook for one in so_far if (workbook := standing.workbooks[one.index]) is not None]
    if not reported:
        return unjudged(period.code, "5b", code, key, silence(period, as_of))
    basic = _class("basic_funds")
    total = sum(
        (
            payment["amount"]
            for workbook in reported
            for payment in workbook["funding"]
            if payment["fund_kind"] in basic and payment["fiscal_year"] == period.year
        ),
        start=Decimal(0),
    )
    may_still_report = standing.workbooks[period.index] is None and as_of <= period.deadline_at
    if period.quarter < LAST_QUARTER or may_still_report:
        status = PROVISIONAL
    else:
        status = MEASURED if len(reported) == len(so_far) else INCOMPLETE
    return judged(period.code, "5b", code, key, total, status)


def street_outcomes(standing: Standing, periods: Sequence[Period], as_of: datetime) -> list[Outcome]:
    """Outcomes of all rules that a street's own reports decide."""
    code = standing.unit.code
    found: list[Outcome] = []
    activities: list[Row] = []
    for period, workbook in zip(periods, standing.workbooks, strict=True):
        if not is_due(period, workbook is not None, as_of):
            continue
        found.append(_funds(standing, period, periods, as_of))
        if workbook is None:
            found += unreported(period, standing.unit, as_of)
            continue
        activities += workbook["activity"]
        found += [judged(period.code, rule, code, code, n) for rule, n in _counted(workbook, period).items()]
        found.append(_membership(code, workbook, period))
        found += _chair_outcomes(code, workbook, period, activities)
    return found


def is_due(period: Period, has_report: bool, as_of: datetime) -> bool:
    """Whether a unit stands on the roster of a period: it has ended, or the unit has reported already."""
    today = (as_of + timedelta(hours=8)).date()
    return has_report or period.ends_on < today


def _links(workbook: Workbook, period: Period, kind: str) -> dict[str, set[str]]:
    """Targets of one kind in force at the end of the period, by the name of the leader."""
    found: dict[str, set[str]] = {}
    for link in workbook["leader_link"]:
        if link["target_kind"] == kind and in_post(link, period):
            found.setdefault(link["leader_name"], set()).add(link["target_code"])
    return found


LEADER_RULES = {"city": (("R1d.districts", "区"), ("R1d.streets", "街道")), "district": (("R2b.leader", "街道"),)}


def committee_outcomes(
    standing: Standing,
    periods: Sequence[Period],
    as_of: datetime,
    *,
    streets: Sequence[str],
    has_districts: bool,
    person_key: Callable[[str, str], str],
) -> list[Outcome]:
    """Outcomes of the rules on leaders and their links; ``streets`` are those of a district in the reporting tree."""
    code, level = standing.unit.code, standing.unit.level
    found: list[Outcome] = []
    for period, workbook in zip(periods, standing.workbooks, strict=True):
        if not is_due(period, workbook is not None, as_of):
            continue
        if workbook is None:
            found += unreported(period, standing.unit, as_of)
            continue
        leaders = [leader for leader in workbook["leader"] if in_post(leader, period)]
        for rule, kind in LEADER_RULES.get(level, ()):
            links = _links(workbook, period, kind)
            for leader in leaders:
                key = f"{code}/{person_key(leader['leader_name'], leader['phone_tail'])}"
                if rule == "R1d.districts" and not has_districts:
                    found.append(unjudged(period.code, rule, code, key, NOT_APPLICABLE))
                else:
                    found.append(judged(period.code, rule, code, key, len(links.get(leader["leader_name"], ()))))
            if not leaders:
                found.append(unjudged(period.code, rule, code, code, NOT_APPLICABLE))
        if level == "district":
            covered = set().union(*_links(workbook, period, "街道").values()) & set(streets)
            share = Decimal(100 * len(covered)) / len(streets)
            found.append(judged(period.code, "R2b.district", code, code, share))
    return found


def stage_outcomes(
    standing: Standing, periods: Sequence[Period], as_of: datetime, stages: Sequence[dict[str, str]]
) -> list[Outcome]:
    """Whether the unit has a report in the last period of each stage."""
    found = []
    by_code = {period.code: period for period in periods}
    for stage in stages:
        period = by_code.get(stage["last_period"])
        if period is None:
            continue
        has_report = standing.workbooks[period.index] is not None
        if is_due(period, has_report, as_of):
            key = f"{stage['stage_code']}/{standing.unit.code}"
            status = MEASURED if as_of > period.deadline_at else PROVISIONAL
            found.append(judged(period.code, "S2", standing.unit.code, key, int(has_report), status))
    return found


def notice_outcome(unit: Unit, notice: dict[str, Any], answered_at: datetime | None, as_of: datetime) -> Outcome:
    """Whether the unit's feedback came by the deadline of the notice."""
    in_time = answered_at is not None and answered_at <= notice["deadline_at"]
    status = MEASURED if as_of > notice["deadline_at"] else PROVISIONAL
    key = f"{notice['notice_id']}/{unit.code}"
    return judged(notice["period"], "N1", unit.code, key, int(in_time), status)
