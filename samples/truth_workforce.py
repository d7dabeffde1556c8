"""The truth about staff, training and incentives (clauses 3.1, 3.2, 3.4 to 3.8) of streets and districts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from samples.calendar import Period
from samples.street_context import Row, Workbook
from samples.topic import Case, Programme, Topic
from samples.truth import (
    INCOMPLETE,
    MEASURED,
    NOT_APPLICABLE,
    NOT_EVALUATED,
    PROVISIONAL,
    TOO_EARLY,
    Outcome,
    in_post,
    judged,
    silence,
    unjudged,
)
from samples.words import shape

#: What a street adds to its district in one period: people trained or rewarded, and those who might be.
Incentives = tuple[int, int]


def _is(name: str, value: object) -> bool:
    return value in shape()["classes"][name]


def _persons(rows: Iterable[Row]) -> set[tuple[str, str]]:
    return {(row["person_name"], row["phone_tail"]) for row in rows}


def _serving(workbook: Workbook, period: Period, kinds: str) -> list[Row]:
    return [row for row in workbook["person"] if _is(kinds, row["person_kind"]) and in_post(row, period)]


def _turnover(workbook: Workbook, period: Period) -> tuple[int, int]:
    """Who left the core team in the period, and who was in it on some day of it."""
    of_period = _persons(
        row
        for row in workbook["person"]
        if _is("core_team", row["person_kind"])
        and row["start_on"] <= period.ends_on
        and (row["end_on"] is None or row["end_on"] >= period.starts_on)
    )
    return len(of_period - _persons(_serving(workbook, period, "core_team"))), len(of_period)


def _issued(workbook: Workbook, period: Period, kinds: str) -> list[Row]:
    return [
        row for row in workbook["document"] if _is(kinds, row["document_kind"]) and row["issued_on"] <= period.ends_on
    ]


def _trained(workbook: Workbook, audience: str) -> int:
    return sum(row["headcount"] for row in workbook["training"] if _is(audience, row["audience"]))


def _incentives(workbook: Workbook, period: Period) -> Incentives:
    able = _persons(_serving(workbook, period, "incentive_person"))
    return _trained(workbook, "incentive_audience"), len(able)


def _counts(workbook: Workbook, period: Period) -> dict[str, int]:
    """The rules that are plain counts."""
    trained = {
        row["audience"]
        for row in workbook["training"]
        if _is("training_audience", row["audience"]) and row["headcount"] >= 1
    }
    return {
        "3.1.pay": int(workbook["profile"][0]["pay_settled"]),
        "3.4": len({row["document_kind"] for row in _issued(workbook, period, "staffing_mechanism")}),
        "3.5s": len(_persons(_serving(workbook, period, "fixed_volunteer"))),
        "3.6.kinds": len(trained),
        "3.7.street": len(_issued(workbook, period, "incentive_measure")),
    }


def _shares(workbook: Workbook, period: Period, communities: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Part and whole of the rules that are shares; without a whole they are not evaluated."""
    known = set(communities)
    served = {row["community_code"] for row in _serving(workbook, period, "fixed_volunteer")} & known
    full_time = _persons(_serving(workbook, period, "full_time_cadre"))
    return {
        "3.1.posts": (len(full_time), workbook["profile"][0]["approved_post_count"]),
        "3.2": _turnover(workbook, period),
        "3.5c": (len(served), len(known)),
        "3.8.street": _incentives(workbook, period),
    }


def _street(case: Case) -> list[Outcome]:
    code = case.code
    found: list[Outcome] = []
    before: dict[tuple[int, int], int] = {}
    for period, workbook in case.reported():
        found += [judged(period.code, rule, code, code, n) for rule, n in _counts(workbook, period).items()]
        for rule, (part, whole) in _shares(workbook, period, case.communities).items():
            if whole:
                found.append(judged(period.code, rule, code, code, Decimal(100 * part) / whole))
            else:
                found.append(unjudged(period.code, rule, code, code, NOT_EVALUATED))
        trained = _trained(workbook, "training_audience")
        before[period.year, period.quarter] = trained
        baseline = before.get((period.year - 1, period.quarter))
        if baseline is None:
            found.append(unjudged(period.code, "3.6.rising", code, code, TOO_EARLY))
        else:
            found.append(judged(period.code, "3.6.rising", code, code, trained - baseline))
    return found


def _outcomes(case: Case) -> list[Outcome]:
    if case.unit.level == "street":
        return _street(case)
    if case.unit.level == "district":
        rule = "3.7.district"
        return [
            judged(period.code, rule, case.code, case.code, len(_issued(workbook, period, "incentive_measure")))
            for period, workbook in case.reported()
        ]
    return []


def _facts(case: Case) -> dict[str, Incentives | None]:
    """By period on the roster what a street adds to its district, None without its report; of a district None."""
    is_street = case.unit.level == "street"
    return {
        period.code: _incentives(workbook, period) if workbook and is_street else None
        for period, workbook in case.due()
    }


def _district(
    programme: Programme, code: str, period: Period, found: list[Incentives | None], *, is_late: bool
) -> Outcome:
    """Rule 3.8 of a district, whose streets on the roster gave ``found``."""
    rule = "3.8.district"
    reported = [one for one in found if one is not None]
    part, whole = sum(one[0] for one in reported), sum(one[1] for one in reported)
    if not found:
        return unjudged(period.code, rule, code, code, NOT_APPLICABLE)
    if not reported:
        return unjudged(period.code, rule, code, code, silence(period, programme.as_of))
    if not whole:
        return unjudged(period.code, rule, code, code, NOT_EVALUATED)
    open_status = INCOMPLETE if is_late else PROVISIONAL
    status = MEASURED if len(reported) == len(found) else open_status
    return judged(period.code, rule, code, code, Decimal(100 * part) / whole, status)


def _roll_up(programme: Programme) -> list[Outcome]:
    """Rule 3.8 of each district of the programme."""
    outcomes = []
    for unit in programme.units:
        if unit.level != "district":
            continue
        streets = programme.hierarchy.reporting_streets.get(unit.code, ())
        facts = [programme.facts[street] for street in streets if street in programme.facts]
        for period in programme.periods:
            if period.code in programme.facts[unit.code]:
                found = [one[period.code] for one in facts if period.code in one]
                is_late = programme.as_of > period.deadline_at
                outcomes.append(_district(programme, unit.code, period, found, is_late=is_late))
    return outcomes


WORKFORCE = Topic("workforce", outcomes=_outcomes, facts=_facts, roll_up=_roll_up)
