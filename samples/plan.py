"""Who reports when, and which street falls short of which rule: shares of the whole, dealt out by a seeded shuffle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from samples.calendar import Period
from samples.hierarchy import Unit
from samples.words import shape, source

#: Ways in which a report of one period can come in.
ON_TIME, LATE, NIL, MISSING, RESUBMITTED = "on_time", "late", "nil", "missing", "resubmitted"
#: ... with clerk errors: refused for good; refused, then mended; put into a wrong folder first; accepted with queries.
REJECTED, MENDED, MISPLACED, QUERIED = "rejected", "mended", "misplaced", "queried"
NOT_REPORTED = frozenset({MISSING, REJECTED})
#: A street that stands for a shortfall must report figures.
HIDES_FIGURES = frozenset({MISSING, REJECTED, NIL})


@dataclass
class UnitPlan:
    """What happens to one unit. ``states`` has one entry per period of the sample.

    ``shortfalls`` gives for each rule that the street does not meet the index of the period in which it mends it (the
    number of periods: never); ``boundaries`` names what stands exactly at its bound, ``claims`` the pairs of
    streets that both claim one unit.
    """

    unit: Unit
    states: list[str]
    shortfalls: dict[str, int] = field(default_factory=dict)
    boundaries: frozenset[str] = frozenset()
    claims: tuple[str, ...] = ()

    def falls_short(self, rule: str, index: int) -> bool:
        """Whether the street misses ``rule`` in the period of that index."""
        return index < self.shortfalls.get(rule, 0)


def _shuffled(units: Iterable[Unit], *parts: object) -> list[Unit]:
    keyed = sorted((source(*parts, unit.code).random(), unit.code, unit) for unit in units)
    return [unit for _, _, unit in keyed]


def portion(share: float, total: int) -> int:
    """How many of ``total`` a share is: at least one where the share is not nothing."""
    return 0 if share <= 0 else max(1, round(share * total))


def _deal_shortfalls(plans: Mapping[str, UnitPlan], seed: int, period_count: int) -> set[str]:
    """Give every rule its streets; returns the streets that stand for a rule (the first of each)."""
    shares = dict(shape()["shortfalls"])
    mended = shares.pop("mended")
    units = _shuffled((plan.unit for plan in plans.values()), seed, "shortfalls")
    anchors: set[str] = set()
    for place, (rule, share) in enumerate(shares.items()):
        rest = _shuffled(units, seed, "shortfalls", rule)
        anchor = units[place % len(units)]
        anchors.add(anchor.code)
        plans[anchor.code].shortfalls[rule] = period_count
        for unit in [u for u in rest if u is not anchor][: portion(share, len(units)) - 1]:
            rng = source(seed, "mend", rule, unit.code)
            heals = rng.random() < mended and period_count > 1
            plans[unit.code].shortfalls[rule] = rng.randint(1, period_count - 1) if heals else period_count
    return anchors


#: The rule whose shortfall excludes each boundary case.
BOUNDARY_RULES = {
    "cadres_at_bound": "3d",
    "members_at_bound": "3.3",
    "orgs_at_bound": "3b",
    "term_at_bound": "1i",
    "funds_at_bound": "5b",
}


def _deal_boundaries(plans: Mapping[str, UnitPlan], seed: int) -> None:
    for name, rule in BOUNDARY_RULES.items():
        free = [plan.unit for plan in plans.values() if rule not in plan.shortfalls]
        for unit in _shuffled(free, seed, name)[: portion(shape()["boundaries"][name], len(plans))]:
            plans[unit.code].boundaries |= {name}


def _deal_claims(plans: Mapping[str, UnitPlan], seed: int) -> None:
    """Pairs of streets of one district that both claim one member unit."""
    for unit in _shuffled((plan.unit for plan in plans.values()), seed, "claims")[
        : portion(shape()["claimed_twice"], len(plans))
    ]:
        others = [
            one.unit for one in plans.values() if one.unit.admin_parent == unit.admin_parent and one.unit is not unit
        ]
        for other in _shuffled(others, seed, "claims", unit.code)[:1]:
            pair = f"claimed by {unit.code} and {other.code}"
            for code in (unit.code, other.code):
                plans[code].claims += (pair,)


def _quotas(total: int, error_share: float, index: int) -> dict[str, int]:
    """How many of ``total`` workbooks come in in each way other than on time, in the period of that index."""
    states, errors = shape()["states"], shape()["errors"]
    wrong = portion(error_share, total)
    rejected = portion(errors[REJECTED], wrong) if wrong else 0
    mended, misplaced = round(errors[MENDED] * wrong), round(errors[MISPLACED] * wrong)
    if wrong and not mended and not misplaced:
        # Too few for both: they take turns, so that a small sample has either.
        mended, misplaced = (1, 0) if index % 2 == 0 else (0, 1)
    return {
        MISSING: portion(states[MISSING], total),
        REJECTED: rejected,
        NIL: portion(states[NIL], total),
        LATE: portion(states[LATE], total),
        RESUBMITTED: portion(states[RESUBMITTED], total),
        MENDED: mended,
        MISPLACED: misplaced,
        QUERIED: max(1, wrong - rejected - mended - misplaced) if wrong else 0,
    }


def _deal_states(
    plans: Mapping[str, UnitPlan], seed: int, period: Period, quotas: Mapping[str, int], spared: set[str]
) -> None:
    waiting = _shuffled((plan.unit for plan in plans.values()), seed, "states", period.code)
    for state, count in quotas.items():
        fits: Callable[[Unit], bool] = (lambda unit: unit.code not in spared) if state in HIDES_FIGURES else bool
        chosen = [unit for unit in waiting if fits(unit)][:count]
        for unit in chosen:
            plans[unit.code].states[period.index] = state
        taken = {unit.code for unit in chosen}
        waiting = [unit for unit in waiting if unit.code not in taken]


def plan_streets(
    streets: Sequence[Unit], periods: Sequence[Period], seed: int, error_share: float
) -> dict[str, UnitPlan]:
    """The plan of every street by code."""
    plans = {unit.code: UnitPlan(unit, [ON_TIME] * len(periods)) for unit in streets}
    if not plans:
        return plans
    anchors = _deal_shortfalls(plans, seed, len(periods))
    _deal_boundaries(plans, seed)
    _deal_claims(plans, seed)
    # Where every street stands for some rule, nobody can be spared.
    spared = anchors if len(anchors) < len(plans) else set()
    for period in periods:
        _deal_states(plans, seed, period, _quotas(len(plans), error_share, period.index), spared)
    return plans


def plan_committees(
    committees: Sequence[Unit], periods: Sequence[Period], seed: int, error_share: float
) -> dict[str, UnitPlan]:
    """The plan of every committee by code; the first of each level always reports."""
    plans = {unit.code: UnitPlan(unit, [ON_TIME] * len(periods)) for unit in committees}
    shares = shape()["committees"]
    spared = {next(u.code for u in committees if u.level == level) for level in {u.level for u in committees}}
    for period in periods:
        wrong = round(error_share * len(plans))
        rejected = round(shape()["errors"][REJECTED] * wrong)
        quotas = {
            MISSING: round(shares[MISSING] * len(plans)),
            REJECTED: rejected,
            LATE: round(shares[LATE] * len(plans)),
            QUERIED: wrong - rejected,
        }
        _deal_states(plans, seed, period, quotas, spared)
    return plans


def plan_feedback(units: Sequence[Unit], seed: int, notice_id: str) -> dict[str, str]:
    """How each unit answers a notice: on time, late or not at all; at least one is late."""
    shares = shape()["feedback"]
    waiting = _shuffled(units, seed, notice_id)
    late = portion(shares[LATE], len(waiting))
    missing = round(shares[MISSING] * len(waiting))
    states = [LATE] * late + [MISSING] * missing
    return {unit.code: state for unit, state in zip(waiting, states + [ON_TIME] * len(waiting), strict=False)}
