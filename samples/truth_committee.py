"""The truth of clauses 1a to 1q: what a co-building committee is, does and plans, beside its quotas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

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
    judged,
    silence,
    unjudged,
)
from samples.truth_crosschecks import keyed
from samples.words import shape

ONE_DAY = timedelta(days=1)
FUNCTIONS = ("liaison_count", "coordination_count", "supervision_count")
#: What is said of a plan or comment that is not there, by the status of the year.
WITHOUT_SUBJECT = {PROVISIONAL: TOO_EARLY, INCOMPLETE: NOT_EVALUATED, MEASURED: NOT_APPLICABLE}


def _class(name: str) -> frozenset[str]:
    return frozenset(shape()["classes"][name])


def _share(part: int, whole: int) -> Decimal:
    return Decimal(100 * part) / whole


def _active(workbook: Workbook) -> list[Row]:
    return [row for row in workbook["committee"] if row["status"] in _class("active")]


def _members(workbook: Workbook) -> list[Row]:
    return [row for row in workbook["unit"] if row["is_member"]]


class _Quarter:
    """Outcomes of one street's report; a rule without a figure gets the outcome that it is given instead."""

    def __init__(self, code: str, period: Period) -> None:
        self.code, self.period = code, period
        self.found: list[Outcome] = []

    def say(
        self, rule: str, value: Decimal | int | None, instead: str = NOT_APPLICABLE, key: str | None = None
    ) -> None:
        subject = key or self.code
        if value is None:
            self.found.append(unjudged(self.period.code, rule, self.code, subject, instead))
        else:
            self.found.append(judged(self.period.code, rule, self.code, subject, value))


def _committee(quarter: _Quarter, workbook: Workbook) -> None:
    league, active = _class("league_lead"), _active(workbook)
    count = len(active)
    led = sum(row["lead_unit"] in league for row in active)
    seated = sum(row["secretariat_unit"] in league for row in active)
    recorded = sum(any((row[name] or 0) > 0 for row in active) for name in FUNCTIONS)
    quarter.say("1a", _share(led, count) if count else None)
    quarter.say("1n.seat", _share(seated, count) if count else None)
    quarter.say("1n.functions", recorded if count else None)


def _membership(quarter: _Quarter, workbook: Workbook) -> None:
    period, members = quarter.period, _members(workbook)
    count = len(members)
    is_explained = any(row.get("note") for row in workbook.get("cover", ()))
    local = count if is_explained else sum(row["is_local"] for row in members)
    supported = sum((row["support_item_count"] or 0) > 0 for row in members)
    planned = sum(row["in_party_plan"] for row in members)
    quarter.say("1b.address", _share(local, count) if count else None)
    quarter.say("1e", _share(supported, count) if count else None)
    quarter.say("1f", _share(planned, count) if count else None)
    founded = (
        row["has_league_org"]
        and row["founding_mode"] in _class("joint_founding")
        and period.starts_on <= row["league_org_founded_on"] <= period.ends_on
        for row in workbook["unit"]
    )
    quarter.say("1o", sum(founded))


def _activity(quarter: _Quarter, workbook: Workbook) -> None:
    period, count = quarter.period, len(_members(workbook))
    held = [row for row in workbook["activity"] if period.starts_on <= row["held_on"] <= period.ends_on]
    most = min(max((row["unit_count"] for row in held), default=0), count)
    quarter.say("1d.activities", len(held))
    quarter.say("1d.participation", _share(most, count) if count else None)
    policies = (
        row["document_kind"] in _class("policy") and row["issued_on"] <= period.ends_on for row in workbook["document"]
    )
    quarter.say("1q", sum(policies))


def _youth(quarter: _Quarter, workbook: Workbook) -> None:
    profile = workbook["profile"][0] if workbook["profile"] else {}
    for rule, whole, part, instead in (
        ("1p.youth", "youth_count", "youth_reached_count", NOT_EVALUATED),
        ("1p.floating", "floating_youth_count", "floating_youth_reached_count", NOT_APPLICABLE),
    ):
        count = profile.get(whole) or 0
        quarter.say(rule, _share(min(profile.get(part) or 0, count), count) if count else None, instead)


def _rotation(quarter: _Quarter, workbook: Workbook) -> None:
    """Day by day: on how many of them nobody, one or several terms hold the chair."""
    period, active = quarter.period, _active(workbook)
    terms: dict[str, list[date]] = {}
    for row in workbook["chair_term"]:
        if row["start_on"] <= period.ends_on and row["end_on"] >= period.starts_on:
            terms.setdefault(row["term_no"], []).extend((row["start_on"], row["end_on"]))
    days = [period.starts_on + ONE_DAY * n for n in range((period.ends_on - period.starts_on).days + 1)]
    holders = {day: sum(min(span) <= day <= max(span) for span in terms.values()) for day in days}
    founded = min((row["founded_on"] for row in active), default=period.starts_on)
    gap = longest = 0
    for day in days:
        gap = gap + 1 if day >= founded and not holders[day] else 0
        longest = max(longest, gap)
    quarter.say("1g.terms", len(terms) if active else None)
    quarter.say("1g.overlap", sum(max(0, count - 1) for count in holders.values()) if active else None)
    quarter.say("1g.gap", longest if active else None)


def _holders(quarter: _Quarter, workbook: Workbook) -> None:
    period = quarter.period
    able = {row["unit_name"] for row in _members(workbook) if row["has_league_org"]}
    fit: dict[str, list[bool]] = {}
    for row in workbook["chair_term"]:
        if row["start_on"] <= period.ends_on and row["end_on"] >= period.starts_on:
            fit.setdefault(row["term_no"], []).append(row["heads_league_org"] and row["unit_name"] in able)
    for term, answers in fit.items():
        quarter.say("1h", int(all(answers)), key=f"{quarter.code}/{term}")
    if not fit:
        quarter.say("1h", None)


class _Year:
    """The reports of a street in one year up to one period, and how final their figures are."""

    def __init__(self, case: Case, period: Period) -> None:
        so_far = [one for one in case.periods if one.year == period.year and one.index <= period.index]
        books = [case.standing.workbooks[one.index] for one in so_far]
        self.period, self.reports = period, [book for book in books if book is not None]
        may_still_come = books[-1] is None and case.as_of <= period.deadline_at
        if period.quarter < LAST_QUARTER or may_still_come:
            self.status = PROVISIONAL
        else:
            self.status = MEASURED if len(self.reports) == len(books) else INCOMPLETE

    def plans(self) -> list[Row]:
        """Lines of the work plans of the year, from all its reports."""
        return [
            row
            for book in self.reports
            for row in book["document"]
            if row["document_kind"] in _class("work_plan")
            and row["issued_on"].year == self.period.year
            and row["issued_on"] <= self.period.ends_on
        ]

    def plan_figures(self) -> dict[str, int]:
        """The rules on the work plan, where there is one."""
        plans, last = self.plans(), self.period.ends_on
        if not plans:
            return {}
        out = [row for row in plans if row["published_from"] and row["published_from"] <= last]
        lengths = ((min(row["published_to"] or last, last) - row["published_from"]).days + 1 for row in out)
        wide = [row for row in out if row["publication_scope"] in _class("wide_publication")]
        return {
            "1k.date": min(row["issued_on"] for row in plans).timetuple().tm_yday,
            "1l.published": _distinct(out),
            "1l.days": max(lengths, default=0),
            "1l.scope": _distinct(wide),
        }


def _distinct(plans: Sequence[Row]) -> int:
    return len({(row["title"], row["issued_on"]) for row in plans})


def _year(case: Case, period: Period) -> list[Outcome]:
    code, year = case.code, _Year(case, period)
    key = f"{code}/{period.year}"
    figures: dict[str, Decimal | int | None] = dict.fromkeys(
        ("1k.plan", "1k.date", "1l.published", "1l.days", "1l.scope", "1m.channel", "1m.answers")
    )
    if not year.reports:
        return [unjudged(period.code, rule, code, key, silence(period, case.as_of)) for rule in figures]
    figures |= year.plan_figures()
    figures["1k.plan"] = _distinct(year.plans())
    active = [_active(book) for book in year.reports]
    figures["1m.channel"] = sum(any(row["comment_received_count"] is not None for row in rows) for rows in active)
    received, answered = (
        sum(row[name] or 0 for rows in active for row in rows)
        for name in ("comment_received_count", "comment_answered_count")
    )
    figures["1m.answers"] = _share(min(answered, received), received) if received else None
    return [
        unjudged(period.code, rule, code, key, WITHOUT_SUBJECT[year.status])
        if value is None
        else judged(period.code, rule, code, key, value, year.status)
        for rule, value in figures.items()
    ]


def _outcomes(case: Case) -> list[Outcome]:
    if case.unit.level != "street":
        return []
    found: list[Outcome] = []
    for period, _ in case.due():
        found += _year(case, period)
    for period, workbook in case.reported():
        quarter = _Quarter(case.code, period)
        for part in (_committee, _membership, _activity, _youth, _rotation, _holders):
            part(quarter, workbook)
        found += quarter.found
    return found


def _listed(case: Case) -> dict[str, Any]:
    """The member units that a street lists, by the periods that it reported."""
    if case.unit.level != "street":
        return {"listed": [], "reported": []}
    rows = [(period.code, row, at) for period, workbook in case.reported() for at, row in enumerate(_members(workbook))]
    return {
        "listed": [(period, "member_unit", row["uscc"], row["unit_name"], at) for period, row, at in rows],
        "reported": [period.code for period, _ in case.reported()],
    }


def _doubly_claimed(programme: Programme) -> list[Outcome]:
    facts: dict[str, dict[str, Any]] = dict(programme.facts)
    streets: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, key, period, code, _ in keyed({unit.code: unit for unit in programme.units}, facts):
        streets[period, key].add(code)
    listed: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for (period, _), codes in streets.items():
        for code in codes:
            listed[period, code].append(len(codes) > 1)
    found = []
    for code, fact in facts.items():
        for period in fact["reported"]:
            if (period, code) in listed:
                found.append(judged(period, "1b.single", code, code, sum(listed[period, code])))
            else:
                found.append(unjudged(period, "1b.single", code, code, NOT_APPLICABLE))
    return found


TOPIC = Topic("committee", outcomes=_outcomes, facts=_listed, roll_up=_doubly_claimed)
