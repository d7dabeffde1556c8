"""The truth of clauses 3f to 3i: what must grow, compared with earlier quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from samples.calendar import Period
from samples.hierarchy import Unit
from samples.street_context import Row, Workbook
from samples.topic import Case, Programme, Topic
from samples.truth import (
    MEASURED,
    NOT_APPLICABLE,
    PASS,
    PROVISIONAL,
    TEN_THOUSANDTH,
    TOO_EARLY,
    Outcome,
    in_post,
    is_due,
    judged,
    silence,
    unjudged,
)
from samples.words import shape

QUARTERS_OF_A_YEAR = 4
#: The rules of one level: coverage, venues, staff over a year, staff from quarter to quarter.
RULES = {
    "street": ("3g", "3h", "3i.rise", "3i.steady"),
    "district": ("3g.district", "3h.district", "3i.district_rise", "3i.district_steady"),
    "city": ("3g.city", "3h.city", "3i.city_rise", "3i.city_steady"),
}


@dataclass(frozen=True)
class Figures:
    """What a street, or several together, had in one quarter; sets, so that what two streets list counts once."""

    known: int
    orgs: frozenset[str]
    venues: int
    staff: frozenset[tuple[str, str]]

    @property
    def reach(self) -> Decimal | None:
        """Organisations reached as a percentage of those known; None when none is known."""
        known = max(self.known, len(self.orgs))
        if not known:
            return None
        return (Decimal(100 * len(self.orgs)) / known).quantize(TEN_THOUSANDTH, ROUND_HALF_UP)


def _org_key(code: str, row: Row) -> str:
    return str(row["uscc"] or f"{code}|{row['org_name']}")


def _figures(code: str, workbook: Workbook, period: Period) -> Figures:
    classes = shape()["classes"]
    profile = workbook["profile"]
    orgs = (row for row in workbook["youth_org"] if row["relation"] in classes["org_relation"])
    venues = (
        row
        for row in workbook["venue"]
        if row["status"] in classes["venue_open"] and row["opened_on"] <= period.ends_on
    )
    staff = (row for row in workbook["person"] if row["person_kind"] in classes["work_force"] and in_post(row, period))
    return Figures(
        profile[0]["known_youth_org_count"] if profile else 0,
        frozenset(_org_key(code, row) for row in orgs),
        sum(1 for _ in venues),
        frozenset((row["person_name"], row["phone_tail"]) for row in staff),
    )


def _facts(case: Case) -> dict[str, Figures]:
    """Figures of a street by the code of the period; nothing for a committee."""
    if case.unit.level != "street":
        return {}
    return {period.code: _figures(case.code, workbook, period) for period, workbook in case.reported()}


def _together(figures: Sequence[Figures]) -> Figures:
    return Figures(
        sum(one.known for one in figures),
        frozenset().union(*(one.orgs for one in figures)),
        sum(one.venues for one in figures),
        frozenset().union(*(one.staff for one in figures)),
    )


def _back(period: str, quarters: int) -> str:
    """Code of the quarter that lies so many quarters before."""
    index = int(period[:4]) * QUARTERS_OF_A_YEAR + int(period[-1]) - 1 - quarters
    return f"{index // QUARTERS_OF_A_YEAR}-Q{index % QUARTERS_OF_A_YEAR + 1}"


class _Trend:
    """One unit with the streets that count for it."""

    def __init__(self, unit: Unit, streets: Sequence[str], programme: Programme) -> None:
        self.unit, self.streets, self.programme = unit, streets, programme

    def pair(self, later: str, earlier: str) -> tuple[Figures, Figures] | None:
        """Both quarters of the streets that reported both; None without such a street."""
        facts = self.programme.facts
        both = [facts[code] for code in self.streets if later in facts.get(code, {}) and earlier in facts[code]]
        if not both:
            return None
        return _together([one[later] for one in both]), _together([one[earlier] for one in both])

    def outcomes(self, period: Period) -> list[Outcome]:
        """The four rules of the unit's level in one period."""
        rules, unit = RULES[self.unit.level], self.unit.code
        if not self.streets:
            return [unjudged(period.code, rule, unit, unit, NOT_APPLICABLE) for rule in rules]
        if self.unit.level == "street" and period.code not in self.programme.facts.get(unit, {}):
            said = zip(rules, self._silence(period), strict=True)
            return [unjudged(period.code, rule, unit, unit, outcome) for rule, outcome in said]
        is_open = self.unit.level != "street" and self.programme.as_of <= period.deadline_at
        status = PROVISIONAL if is_open else MEASURED
        values: list[tuple[Decimal | int | None, str, str]] = [
            (*self._reach(period), status),
            self._venues(period, status),
            (*self._staff_of_year(period), status),
            (*self._least(period), status),
        ]
        return [
            unjudged(period.code, rule, unit, unit, instead)
            if value is None
            else judged(period.code, rule, unit, unit, value, how)
            for rule, (value, instead, how) in zip(rules, values, strict=True)
        ]

    def _silence(self, period: Period) -> list[str]:
        """What is said of a street without a report: nothing as long as no street has a quarter to compare with."""
        year = _back(period.code, QUARTERS_OF_A_YEAR)
        earlier = (year, self._stage_before(period), year, _back(period.code, 1))
        said = silence(period, self.programme.as_of)
        return [said if one and _anybody(self.programme, one) else TOO_EARLY for one in earlier]

    def _stage_before(self, period: Period) -> str | None:
        """The last quarter of the stage before the one of ``period``; None in the first."""
        ended = [one["last_period"] for one in self.programme.stages if one["last_period"] < period.code]
        return max(ended, default=None)

    def _reach(self, period: Period) -> tuple[Decimal | None, str]:
        pair = self.pair(period.code, _back(period.code, QUARTERS_OF_A_YEAR))
        if pair is None:
            return None, TOO_EARLY
        now, then = (one.reach for one in pair)
        if now is None or then is None or now == then == 100:
            return None, NOT_APPLICABLE
        return now - then, ""

    def _venues(self, period: Period, status: str) -> tuple[int | None, str, str]:
        before = self._stage_before(period)
        pair = self.pair(period.code, before) if before else None
        if pair is None:
            return None, TOO_EARLY, status
        is_last = period.code in {one["last_period"] for one in self.programme.stages}
        how = status if is_last else PROVISIONAL
        return pair[0].venues - pair[1].venues, "", how

    def _gain(self, later: str, earlier: str) -> int | None:
        pair = self.pair(later, earlier)
        return len(pair[0].staff) - len(pair[1].staff) if pair else None

    def _staff_of_year(self, period: Period) -> tuple[int | None, str]:
        return self._gain(period.code, _back(period.code, QUARTERS_OF_A_YEAR)), TOO_EARLY

    def _least(self, period: Period) -> tuple[int | None, str]:
        gains = [self._gain(_back(period.code, n), _back(period.code, n + 1)) for n in range(QUARTERS_OF_A_YEAR)]
        if gains[0] is None:
            return None, TOO_EARLY
        return min(gain for gain in gains if gain is not None), ""


def _organised(unit: Unit, streets: Sequence[str], programme: Programme, met: set[tuple[str, str]]) -> list[Outcome]:
    """Share of the streets below a committee that have theirs."""
    rule, last = f"3f.{unit.level}", max(stage["last_period"] for stage in programme.stages)
    found = []
    for period in _due(programme):
        if streets:
            share = Decimal(100 * sum((period.code, code) in met for code in streets)) / len(streets)
            is_over = period.code >= last and programme.as_of > period.deadline_at
            status = MEASURED if is_over else PROVISIONAL
            found.append(judged(period.code, rule, unit.code, unit.code, share, status))
        else:
            found.append(unjudged(period.code, rule, unit.code, unit.code, NOT_APPLICABLE))
    return found


def _due(programme: Programme) -> list[Period]:
    """The periods in which all units stand on the roster."""
    return [period for period in programme.periods if is_due(period, _anybody(programme, period.code), programme.as_of)]


def _anybody(programme: Programme, period: str) -> bool:
    """Whether anybody has reported for the period, which puts it on the roster of all."""
    return any(period in facts for facts in programme.facts.values())


def _roll_up(programme: Programme) -> list[Outcome]:
    listed = {unit.code for unit in programme.units if unit.level == "street"}
    met = {(one.period, one.unit_code) for one in programme.outcomes if one.rule_id == "3a" and one.outcome == PASS}
    found: list[Outcome] = []
    for unit in programme.units:
        is_street = unit.level == "street"
        below = (unit.code,) if is_street else programme.hierarchy.reporting_streets.get(unit.code, ())
        streets = [code for code in below if code in listed]
        if unit.level in RULES:
            trend = _Trend(unit, streets, programme)
            for period in _due(programme):
                found += trend.outcomes(period)
        if not is_street:
            found += _organised(unit, streets, programme, met)
    return found


TOPIC = Topic("trend", facts=_facts, roll_up=_roll_up)
