"""What the builders of a street's sheets share."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from samples.calendar import Period
from samples.plan import UnitPlan
from samples.words import Namer, source

Row = dict[str, Any]
#: Records of one sheet in each period of the sample.
PeriodRows = list[list[Row]]
#: Records of one workbook by entity.
Workbook = dict[str, list[Row]]


@dataclass
class Street:
    """One street while its workbooks are being invented."""

    seed: int
    plan: UnitPlan
    periods: Sequence[Period]
    communities: Sequence[str]
    #: Code and level name of those who pay for the street, highest first.
    payers: Sequence[tuple[str, str]]
    #: Those of them whose money of the year does not favour the flagged streets.
    untilted: frozenset[str] = frozenset()
    namer: Namer = field(init=False)

    def __post_init__(self) -> None:
        """Names depend on the street alone."""
        self.namer = Namer(self.chance("names"))

    @property
    def code(self) -> str:
        """Code of the street."""
        return self.plan.unit.code

    @property
    def stem(self) -> str:
        """Name of the street without the word street."""
        return self.plan.unit.name.removesuffix("街道")

    def chance(self, topic: str) -> random.Random:
        """The stream of chance of one topic of this street, whatever else is drawn."""
        return source(self.seed, self.code, topic)

    def shared_chance(self, topic: str) -> random.Random:
        """A stream of chance that several streets have in common."""
        return source(self.seed, topic)

    def blank(self) -> PeriodRows:
        """An empty sheet for each period."""
        return [[] for _ in self.periods]


def day_within(rng: random.Random, first: date, last: date) -> date:
    """A day from ``first`` to ``last``, both possible."""
    return first + timedelta(days=rng.randint(0, (last - first).days))


def day_before(rng: random.Random, day: date, nearest: int, farthest: int) -> date:
    """A day that lies ``nearest`` to ``farthest`` days before ``day``."""
    return day - timedelta(days=rng.randint(nearest, farthest))


def some_day(rng: random.Random, period: Period) -> date:
    """A day of the period."""
    return day_within(rng, period.starts_on, period.ends_on)
