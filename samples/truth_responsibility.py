"""The truth about who answers for what: sections five and six and the notice (R1 to R4, S1, S3, N2, N3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from samples.batches import doubly_enrolled
from samples.calendar import Period
from samples.street_context import Row, Workbook
from samples.topic import Case, Programme, Topic
from samples.truth import (
    INCOMPLETE,
    LAST_QUARTER,
    MEASURED,
    NOT_APPLICABLE,
    NOT_EVALUATED,
    PROVISIONAL,
    TOO_EARLY,
    Outcome,
    in_post,
    is_draft,
    is_due,
    judged,
    silence,
    unjudged,
)
from samples.words import shape

#: Kinds of document that a stage needs, each a class of the shape file.
STAGE_DOCUMENTS = ("stage_goal", "stage_priority", "stage_measure")
AXES = ("unit_kind", "industry", "affiliation_level")
OPENINGS = ("opens_activities", "extends_projects", "shares_venue", "extends_expertise")


@dataclass(frozen=True)
class Facts:
    """What others need of a unit, one entry per period: None where it has not reported.

    ``meetings`` are the joint meetings of a street; ``attended`` those that each leader of a district attended, by the
    leader's key and the linked street.
    """

    meetings: tuple[int | None, ...] = ()
    attended: tuple[Mapping[str, Mapping[str, int]] | None, ...] = ()


def _class(name: str) -> frozenset[str]:
    return frozenset(shape()["classes"][name])


def _share(part: int, whole: int) -> Decimal:
    return Decimal(100 * part) / whole


def _in_year(day: date | None, period: Period) -> bool:
    return day is not None and day.year == period.year and day <= period.ends_on


def _first_day(period_code: str) -> date:
    return date(int(period_code[:4]), 3 * int(period_code[-1]) - 2, 1)


def _superior(case: Case) -> Iterator[Outcome]:
    """R1a and R1c: documents, classes and inspections of a province or city."""
    code, level = case.code, case.unit.level
    streets = set(case.streets)
    for period, workbook in case.reported():
        policies = sum(
            row["document_kind"] in _class("policy_document") and row["issued_on"] <= period.ends_on
            for row in workbook["document"]
        )
        yield judged(period.code, f"R1a.{level}", code, code, policies)
        listed = [row for row in workbook["street_class"] if row["street_code"] in streets]
        classified = {row["street_code"] for row in listed if row["street_class"]}
        inspected = {row["street_code"] for row in listed if _in_year(row["last_inspected_on"], period)}
        for part, found in (("classified", classified), ("inspected", inspected)):
            rule = f"R1c.{level}.{part}"
            if streets:
                yield judged(period.code, rule, code, code, _share(len(found), len(streets)))
            else:
                yield unjudged(period.code, rule, code, code, NOT_APPLICABLE)


def _stage_documents(case: Case) -> Iterator[Outcome]:
    """R1b: goals, priorities and measures, issued before the stage and listed in its last report."""
    rule, code = f"R1b.{case.unit.level}", case.code
    for stage in case.stages:
        key = f"{stage['stage_code']}/{code}"
        for period, workbook in case.due():
            if period.code != stage["last_period"]:
                continue
            if workbook is None:
                yield unjudged(period.code, rule, code, key, silence(period, case.as_of))
                continue
            kinds = {
                row["document_kind"]
                for row in workbook["document"]
                if row["stage_code"] == stage["stage_code"] and row["issued_on"] < _first_day(stage["first_period"])
            }
            yield judged(period.code, rule, code, key, sum(bool(kinds & _class(name)) for name in STAGE_DOCUMENTS))


def _opening(case: Case) -> Iterator[Outcome]:
    """S3: drafts in the rule book when a stage opens."""
    drafts = sum(is_draft(rule) for rule in shape()["rules"])
    for stage in case.stages:
        for period, _ in case.due():
            if period.code == stage["first_period"]:
                yield judged(period.code, "S3", case.code, f"{stage['stage_code']}/{case.code}", drafts)


def _linked(workbook: Workbook, period: Period, leader: Row) -> set[str]:
    """Streets linked to a leader at the end of the period."""
    kinds = _class("street_target")
    return {
        link["target_code"]
        for link in workbook["leader_link"]
        if link["leader_name"] == leader["leader_name"] and link["target_kind"] in kinds and in_post(link, period)
    }


def _visits(workbook: Workbook, leader: Row, street: str, kind: str) -> list[Row]:
    return [
        visit
        for visit in workbook["field_visit"]
        if visit["leader_name"] == leader["leader_name"]
        and visit["street_code"] == street
        and visit["visit_kind"] in _class(kind)
    ]


def _guidance_count(workbook: Workbook, leader: Row, street: str) -> int:
    return len(_visits(workbook, leader, street, "visit_guidance"))


def _leaders(case: Case, workbook: Workbook, period: Period) -> dict[str, Row]:
    """Leaders in post at the end of the period, by the key of the subject."""
    return {
        f"{case.code}/{case.person_key(leader['leader_name'], leader['phone_tail'])}": leader
        for leader in workbook["leader"]
        if in_post(leader, period)
    }


def _district(case: Case) -> Iterator[Outcome]:
    """R2a and R2d. The wait of a report is measured by our own clock: the truth gives no figure for it."""
    code = case.code
    for period, _ in case.due():
        yield unjudged(period.code, "R2a", code, code, NOT_EVALUATED)
    for period, workbook in case.reported():
        pairs = [
            judged(
                period.code, "R2d", code, f"{key}/{street}", len(_visits(workbook, leader, street, "visit_guidance"))
            )
            for key, leader in _leaders(case, workbook, period).items()
            for street in sorted(_linked(workbook, period, leader))
        ]
        yield from pairs or [unjudged(period.code, "R2d", code, code, NOT_APPLICABLE)]


def _platforms(case: Case, period: Period, workbook: Workbook) -> Outcome:
    """R3b: committee, federation and a joint meeting in the year."""
    so_far = [one for one in case.periods if one.year == period.year and one.index <= period.index]
    reports = [case.standing.workbooks[one.index] for one in so_far]
    has_meeting = any(
        meeting["meeting_kind"] in _class("joint_meeting")
        for report in reports
        if report
        for meeting in report["meeting"]
    )
    standing = any(row["status"] in _class("active") for row in workbook["committee"])
    standing_count = standing + any(row["in_federation"] for row in workbook["youth_org"])
    status = MEASURED
    if standing_count == 2 and not has_meeting:
        status = PROVISIONAL if period.quarter < LAST_QUARTER else INCOMPLETE if None in reports else MEASURED
    return judged(period.code, "R3b", case.code, case.code, standing_count + has_meeting, status)


def _members(workbook: Workbook) -> dict[str, list[Row]]:
    """Rows of the member units, by credit code, else by name."""
    found: dict[str, list[Row]] = {}
    for row in workbook["unit"]:
        if row["is_member"]:
            found.setdefault(row["uscc"] or row["unit_name"], []).append(row)
    return found


def _member_duties(case: Case, period: Period, workbook: Workbook) -> Iterator[Outcome]:
    """R3c and R4: what the member units span, and what each of them does."""
    code, members = case.code, _members(workbook)
    kinds = [{row[axis] for rows in members.values() for row in rows} for axis in AXES]
    yield judged(period.code, "R3c", code, code, min(map(len, kinds)))
    if not members:
        for rule in ("R4a", "R4b", "R4c"):
            yield unjudged(period.code, rule, code, code, NOT_EVALUATED)
        return
    contacted = sum(
        any(row["last_contact_on"] and period.starts_on <= row["last_contact_on"] <= period.ends_on for row in rows)
        for rows in members.values()
    )
    planned = sum(any(row["in_own_plan"] for row in rows) for rows in members.values())
    opened = sum(any(row[name] for row in rows) for rows in members.values() for name in OPENINGS)
    yield judged(period.code, "R4a", code, code, _share(contacted, len(members)))
    yield judged(period.code, "R4b", code, code, _share(planned, len(members)))
    yield judged(period.code, "R4c", code, code, Decimal(opened) / len(members))


def _street(case: Case) -> Iterator[Outcome]:
    """R3 and R4."""
    code = case.code
    for period, workbook in case.reported():
        [profile] = workbook["profile"]
        counted = (
            (profile["youth_count"] > 0)
            + (profile["league_member_count"] > 0)
            + (profile["known_youth_org_count"] is not None)
        )
        yield judged(period.code, "R3a.counted", code, code, counted)
        age = (period.ends_on - profile["counts_as_of"]).days
        yield judged(period.code, "R3a.fresh", code, code, max(0, age))
        yield _platforms(case, period, workbook)
        yield from _member_duties(case, period, workbook)


def _notices(case: Case) -> Iterator[Outcome]:
    """N2 and N3: form and signature of the answer to a notice."""
    by_code = {period.code: period for period in case.periods}
    for notice, answer in case.feedback:
        period = by_code[notice["period"]]
        if not is_due(period, case.standing.workbooks[period.index] is not None, case.as_of):
            continue
        key = f"{notice['notice_id']}/{case.code}"
        if answer is None:
            # Not to have answered is what N1 is about.
            outcome = NOT_EVALUATED if case.as_of > notice["deadline_at"] else TOO_EARLY
            yield from (unjudged(period.code, rule, case.code, key, outcome) for rule in ("N2", "N3"))
            continue
        [row] = answer["feedback"]
        yield judged(period.code, "N2", case.code, key, int(row["feedback_form"] in _class("feedback_form")))
        is_deputy = any(post in row["signer_post"] for post in _class("deputy_secretary"))
        yield judged(period.code, "N3", case.code, key, int(row["is_signed"] and is_deputy))


def _outcomes(case: Case) -> list[Outcome]:
    level = case.unit.level
    found = list(_notices(case))
    if level == "street":
        found += _street(case)
    if level == "district":
        found += _district(case)
    if level == "province":
        found += _opening(case)
    if level in ("province", "city"):
        found += [*_superior(case), *_stage_documents(case)]
    return found


def _attended(case: Case, workbook: Workbook, period: Period) -> dict[str, dict[str, int]]:
    return {
        key: {
            street: len({visit["held_on"] for visit in _visits(workbook, leader, street, "visit_joint_meeting")})
            for street in _linked(workbook, period, leader)
        }
        for key, leader in _leaders(case, workbook, period).items()
    }


def _facts(case: Case) -> Facts:
    reports = list(zip(case.periods, case.standing.workbooks, strict=True))
    if case.unit.level == "street":
        joint = _class("joint_meeting")
        return Facts(
            meetings=tuple(
                None if report is None else sum(row["meeting_kind"] in joint for row in report["meeting"])
                for _, report in reports
            )
        )
    if case.unit.level == "district":
        return Facts(
            attended=tuple(None if report is None else _attended(case, report, period) for period, report in reports)
        )
    return Facts()


def _meetings_attended(programme: Programme, code: str, period: Period) -> Iterator[Outcome]:
    """R2c: the joint meetings of the linked streets that each leader of a district attended."""
    leaders = programme.facts[code].attended[period.index]
    if leaders is None:
        return
    if not leaders:
        yield unjudged(period.code, "R2c", code, code, NOT_APPLICABLE)
    for key, attended in leaders.items():
        held = {
            street: programme.facts[street].meetings[period.index] if street in programme.facts else None
            for street in attended
        }
        total = sum(count for count in held.values() if count)
        has_silent = None in held.values()
        if total == 0:
            outcome = NOT_EVALUATED if has_silent else NOT_APPLICABLE
            yield unjudged(period.code, "R2c", code, key, outcome)
            continue
        part = sum(min(attended[street], count) for street, count in held.items() if count)
        yield judged(period.code, "R2c", code, key, _share(part, total), INCOMPLETE if has_silent else MEASURED)


def _batches(programme: Programme, code: str, stage: Mapping[str, str], period: Period) -> Iterator[Outcome]:
    """S1: the batches that a street is enrolled in."""
    has_report = programme.facts[code].meetings[period.index] is not None
    if is_due(period, has_report, programme.as_of):
        count = 2 if code == doubly_enrolled(programme.units) else 1
        yield judged(period.code, "S1", code, f"{stage['stage_code']}/{code}", count)


def _roll_up(programme: Programme) -> list[Outcome]:
    found: list[Outcome] = []
    by_code: dict[str, Any] = {period.code: period for period in programme.periods}
    for unit in programme.units:
        if unit.level == "district":
            for period in programme.periods:
                found += _meetings_attended(programme, unit.code, period)
        if unit.level == "street":
            for stage in programme.stages:
                if stage["last_period"] in by_code:
                    found += _batches(programme, unit.code, stage, by_code[stage["last_period"]])
    return found


RESPONSIBILITY = Topic("responsibility", _outcomes, _facts, _roll_up)
