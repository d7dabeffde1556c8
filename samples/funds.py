"""Who pays what to a street, and when; the street's report and those of its payers tell the same story."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from samples.calendar import Period
from samples.plan import NOT_REPORTED, UnitPlan
from samples.street_context import PeriodRows, Street, day_within
from samples.tilt import tilted_amounts
from samples.words import shape, source, words

PROJECT_FUNDS, PURCHASE, DONATION = "项目经费", "政府购买服务", "社会募集"
LEVEL_NAMES = {"province": "省", "city": "市", "district": "区"}


@dataclass(frozen=True)
class Payment:
    """One payment; ``payer_code`` is None when the payer does not report. Amount in yuan."""

    street_code: str
    index: int
    payer_code: str | None
    payer_level: str
    fiscal_year: int
    fund_kind: str
    amount: Decimal
    paid_on: date
    received_on: date


def _basic_total(plan: UnitPlan, rng: random.Random, last_index: int) -> Decimal:
    """Basic funds of a year: too little, exactly enough, or more."""
    ranges = shape()["funds"]
    if plan.falls_short("5b", last_index):
        bound = shape()["rules"]["5b"]["lower"]
        # A cent short is short.
        return Decimal(bound) - Decimal("0.01") if rng.random() < 0.15 else Decimal(rng.randint(*ranges["short"]))
    if "funds_at_bound" in plan.boundaries:
        return Decimal(shape()["rules"]["5b"]["lower"])
    return Decimal(rng.randrange(ranges["enough"][0], ranges["enough"][1], 500))


def _instalments(rng: random.Random, total: Decimal, periods: Sequence[Period]) -> list[tuple[Period, Decimal]]:
    """The total in one to three parts, in different periods."""
    chosen = sorted(rng.sample(list(periods), rng.randint(1, min(3, len(periods)))), key=lambda period: period.index)
    parts = [(total / len(chosen)).quantize(Decimal(100)) for _ in chosen[1:]]
    return list(zip(chosen, [total - sum(parts), *parts], strict=True))


def _basic_of_year(plan: UnitPlan, rng: random.Random, periods: Sequence[Period]) -> list[tuple[Period, Decimal]]:
    reported = [period for period in periods if plan.states[period.index] not in NOT_REPORTED]
    if periods[-1] in reported:
        return _instalments(rng, _basic_total(plan, rng, periods[-1].index), periods)
    # Whether the last quarter's silence hides a payment must not matter: all of it has come before.
    low, high = shape()["funds"]["enough"]
    total = Decimal(rng.randrange(low, high, 500))
    return [((reported or list(periods))[0], total)]


def _payment(
    plan: UnitPlan,
    rng: random.Random,
    period: Period,
    payer: tuple[str | None, str],
    fund: tuple[str, Decimal],
    *,
    arrears: int = 0,
) -> Payment:
    """A payment of ``fund`` (kind and amount) for the year of the period, or for ``arrears`` years before it."""
    received_on = day_within(rng, period.starts_on, period.ends_on)
    paid_on = max(period.starts_on, received_on - timedelta(days=rng.randint(0, 6)))
    year = period.year - arrears
    return Payment(plan.unit.code, period.index, *payer, year, *fund, paid_on, received_on)


def _other_funds(
    plan: UnitPlan, rng: random.Random, period: Period, levels: Sequence[tuple[str, str]]
) -> list[Payment]:
    found = []
    if rng.random() < 0.3:
        amount = Decimal(rng.randint(3, 40) * 1000)
        found.append(_payment(plan, rng, period, rng.choice(levels[-2:]), (PROJECT_FUNDS, amount)))
    if rng.random() < 0.15:
        amount = Decimal(rng.randint(10, 90) * 1000)
        found.append(_payment(plan, rng, period, (None, "街道"), (PURCHASE, amount)))
    if rng.random() < 0.2:
        amount = Decimal(rng.randint(500, 9000)) + Decimal(rng.randint(0, 99)) / 100
        found.append(_payment(plan, rng, period, (None, "社会"), (DONATION, amount)))
    return found


def _tilted_funds(
    seed: int,
    plan: UnitPlan,
    quarters: Sequence[Period],
    levels: Sequence[tuple[str, str]],
    untilted: frozenset[str],
) -> list[Payment]:
    """What every superior gives for projects, with more for the flagged streets."""
    rng = source(seed, plan.unit.code, "tilted_funds", quarters[0].code)
    return [
        _payment(plan, rng, period, payer, (PROJECT_FUNDS, amount))
        for payer in levels
        for period, amount in tilted_amounts(seed, plan.unit.code, quarters, has_late_money=payer[0] in untilted)
    ]


def payments(
    seed: int,
    plan: UnitPlan,
    periods: Sequence[Period],
    levels: Sequence[tuple[str, str]],
    untilted: frozenset[str] = frozenset(),
) -> list[Payment]:
    """All payments to the street of ``plan``; ``levels`` are code and level name of its superiors, highest first.

    ``untilted`` are those of them that do not favour the flagged streets.
    """
    rng = source(seed, plan.unit.code, "funds")
    basic = shape()["classes"]["basic_funds"][0]
    found: list[Payment] = []
    for year in sorted({period.year for period in periods}):
        quarters = [period for period in periods if period.year == year]
        for period, amount in _basic_of_year(plan, rng, quarters):
            found.append(_payment(plan, rng, period, levels[-1], (basic, amount)))
        if rng.random() < 0.1:
            # Last year's arrears do not count for this year.
            fund = (basic, Decimal(rng.randint(2, 12) * 1000))
            found.append(_payment(plan, rng, quarters[0], levels[-1], fund, arrears=1))
        for period in quarters:
            found += _other_funds(plan, rng, period, levels)
        found += _tilted_funds(seed, plan, quarters, levels, untilted)
    return found


def funding_rows(street: Street) -> PeriodRows:
    """Lines of 经费 per period."""
    sheets = street.blank()
    for payment in payments(street.seed, street.plan, street.periods, street.payers, street.untilted):
        sheets[payment.index].append(
            {
                "fiscal_year": payment.fiscal_year,
                "fund_kind": payment.fund_kind,
                "payer_level": payment.payer_level,
                "payer_name": words()["payers"][payment.payer_level],
                "amount": payment.amount,
                "received_on": payment.received_on,
            }
        )
    return sheets
