"""The sheets that list a street's member units: units, chair terms, pairing, opinions on awards."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from samples.calendar import Period, add_months
from samples.street_context import PeriodRows, Row, Street, day_before, day_within, some_day
from samples.words import between, credit_code, shape, words

NO_LEAGUE_ORG_SHARE = 0.2
#: Share of streets whose duty list names every unit, and of applications on which the street is heard before.
ALL_DUTIES_SHARE, HEARD_SHARE = 0.4, 0.7
#: Share of streets all of whose member units do all that clause R4 asks of them, and what that is besides contact.
WILLING_SHARE = 0.2
WILLING = ("in_own_plan", "has_venue", "shares_venue", "opens_activities", "extends_projects", "extends_expertise")


@dataclass
class LocalUnit:
    """A unit of the street from the period ``joins`` to before the period ``leaves``."""

    record: Row
    is_eligible: bool
    joins: int
    leaves: int
    member_from: int | None

    def is_listed(self, index: int) -> bool:
        """Whether the register of that period lists it."""
        return self.joins <= index < self.leaves


def _invent(street: Street, rng: random.Random, kind: str, *, is_local: bool) -> Row:
    kinds = words()["unit_kinds"]
    with_org = rng.random() > NO_LEAGUE_ORG_SHARE
    venue = rng.random() < 0.7
    first_day = street.periods[0].starts_on
    return {
        "unit_name": street.stem + street.namer.brand(kinds[kind]["suffixes"]),
        "uscc": credit_code(rng, kinds[kind]["prefix"], street.code[:6]),
        "unit_kind": kind,
        "industry": rng.choice(kinds[kind]["industries"]),
        "affiliation_level": rng.choice(kinds[kind]["affiliations"]),
        "is_local": is_local,
        "is_member": False,
        "has_league_org": with_org,
        "founding_mode": rng.choice(("园区建团", "楼宇建团", "市场建团", "单独建团")) if with_org else None,
        "league_org_founded_on": day_before(rng, first_day, 100, 3000) if with_org else None,
        "honour_kind": rng.choices(("青年文明号", "青企协会员企业", "无"), (1, 1, 6))[0],
        "in_party_plan": rng.random() < 0.7,
        "in_own_plan": rng.random() < 0.6,
        "has_duty": rng.random() < 0.7,
        "has_venue": venue,
        "shares_venue": venue and rng.random() < 0.6,
        "opens_activities": rng.random() < 0.7,
        "extends_projects": rng.random() < 0.5,
        "extends_expertise": rng.random() < 0.5,
    }


def invent_unit(street: Street, rng: random.Random, kind: str, *, is_local: bool) -> Row:
    """A unit of one kind that is not a member; its facts hang on ``rng``, its name also on the street's names."""
    return _invent(street, rng, kind, is_local=is_local)


def _random_kind(rng: random.Random) -> str:
    kinds = words()["unit_kinds"]
    names: list[str] = list(kinds)
    return rng.choices(names, [kind["weight"] for kind in kinds.values()])[0]


def local_units(street: Street) -> list[LocalUnit]:
    """All units that the street ever lists; the first eight never leave and take the chair in turn."""
    rng = street.chance("units")
    count = len(street.periods)
    chances = shape()["chances"]
    outside_until = street.plan.shortfalls.get("1c", 0)
    outsiders = rng.randint(1, 3) if outside_until else 0
    units: list[LocalUnit] = []
    for place in range(between(rng, "members") + outsiders):
        leaves = rng.randint(1, count) if place >= 8 + outsiders and rng.random() < chances["unit_leaves"] else count
        is_outside = 8 <= place < 8 + outsiders
        record = _invent(street, rng, _random_kind(rng), is_local=True)
        units.append(LocalUnit(record, True, 0, leaves, outside_until if is_outside else 0))
    for joins in range(1, count):
        if rng.random() < chances["unit_joins"]:
            record = _invent(street, rng, _random_kind(rng), is_local=True)
            units.append(LocalUnit(record, True, joins, count, joins))
    for _ in range(between(rng, "outsiders")):
        # Not owed membership: of another kind, or with its address elsewhere.
        is_local = rng.random() < 0.6
        kind = shape()["classes"]["not_eligible_unit"][0] if is_local else _random_kind(rng)
        record = _invent(street, rng, kind, is_local=is_local)
        units.append(LocalUnit(record, False, 0, count, 0 if rng.random() < 0.2 else None))
    return units


def unit_rows(street: Street, units: list[LocalUnit]) -> PeriodRows:
    """Lines of 辖区单位 per period."""
    rng = street.chance("unit_rows")
    has_all_duties = street.chance("duties").random() < ALL_DUTIES_SHARE
    is_willing = street.chance("willing").random() < WILLING_SHARE
    sheets = street.blank()
    for period in street.periods:
        for unit in units:
            if unit.is_listed(period.index):
                is_member = unit.member_from is not None and period.index >= unit.member_from
                sheets[period.index].append(
                    {
                        **unit.record,
                        **(dict.fromkeys(WILLING, True) if is_willing and is_member else {}),
                        "is_member": is_member,
                        "has_duty": has_all_duties or unit.record["has_duty"],
                        "support_item_count": rng.choice((None, 0, 0, 1, 2)),
                        "last_contact_on": some_day(rng, period)
                        if is_member and (rng.random() < 0.7 or is_willing)
                        else None,
                    }
                )
    return sheets


@dataclass(frozen=True)
class Term:
    """One chair term; a silent one holds no activity, which is its shortfall."""

    term_no: str
    unit_name: str
    start_on: date
    end_on: date
    heads_league_org: bool
    is_silent: bool


def _term_end(street: Street, rng: random.Random, start: date, index: int) -> date:
    """End of a term: within three months, on the last possible day, or beyond it."""
    longest = add_months(start, shape()["rules"]["1i"]["upper"])
    if street.plan.falls_short("1i", index):
        return longest + timedelta(days=rng.randint(1, 25))
    if "term_at_bound" in street.plan.boundaries:
        return longest
    return longest - timedelta(days=rng.choice((1, 1, 1, 2, 5, 20, 31)))


def _index_of(street: Street, day: date) -> int:
    """Index of the first period that ends on or after ``day``, at most the last one."""
    return next((p.index for p in street.periods if day <= p.ends_on), len(street.periods) - 1)


def chair_terms(street: Street, units: list[LocalUnit]) -> list[Term]:
    """Terms without a gap from before the first period to the end of the last one."""
    rng = street.chance("terms")
    start = day_before(rng, street.periods[0].starts_on, 20, 70)
    first_year = start.year
    terms: list[Term] = []
    while start <= street.periods[-1].ends_on:
        number = len(terms) + 1
        index = _index_of(street, start)
        end = _term_end(street, rng, start, index)
        # The shortfall shows in the period in which the term ends.
        silent = street.plan.falls_short("1j", _index_of(street, end))
        name = units[(number - 1) % 8].record["unit_name"]
        terms.append(Term(f"{first_year}年起第{number}届", name, start, end, rng.random() < 0.85, silent))
        start = end + timedelta(days=1)
    return terms


def term_rows(street: Street, terms: list[Term]) -> PeriodRows:
    """Lines of 轮值主席 per period: all terms that have begun."""
    rng = street.chance("term_rows")
    return [
        [
            {
                "term_no": term.term_no,
                "unit_name": term.unit_name,
                "heads_league_org": term.heads_league_org,
                "start_on": term.start_on,
                "end_on": term.end_on,
                "study_session_count": rng.choice((None, 0, 1, 2)),
            }
            for term in terms
            if term.start_on <= period.ends_on
        ]
        for period in street.periods
    ]


def pairing_rows(street: Street, units: list[LocalUnit]) -> PeriodRows:
    """Lines of 结对帮扶 per period, with units that never leave."""
    rng = street.chance("pairings")
    chosen = rng.sample(units[:8], between(rng, "pairings"))
    agreed = {unit.record["unit_name"]: day_before(rng, street.periods[0].starts_on, 30, 700) for unit in chosen}
    return [
        [{"unit_name": name, "agreed_on": day, "action_count": rng.randint(0, 4)} for name, day in agreed.items()]
        for _ in street.periods
    ]


def _opinion(street: Street, rng: random.Random, period: Period, unit: LocalUnit) -> Row:
    filed_on = day_within(rng, period.day(0.1), period.day(0.8))
    is_heard = rng.random() < HEARD_SHARE
    # An opinion of the day of filing comes too late, as one given afterwards does.
    after = day_within(rng, filed_on, period.ends_on) if rng.random() < 0.5 else None
    return {
        "unit_name": unit.record["unit_name"],
        "award_name": f"{period.year}年度{street.stem}{rng.choice(words()['awards'])}",
        "filed_on": filed_on,
        "opinion_on": day_within(rng, period.starts_on, filed_on - timedelta(days=1)) if is_heard else after,
    }


def award_rows(street: Street, units: list[LocalUnit]) -> PeriodRows:
    """Lines of 评选意见 per period; a unit files once a period."""
    rng = street.chance("awards")
    return [
        [_opinion(street, rng, period, unit) for unit in rng.sample(units[:8], between(rng, "award_opinions"))]
        for period in street.periods
    ]
