"""The tilt of what superiors pay: which streets are flagged, who gives them more, and who forgets it later on."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ingest.forms import load_code_lists
from samples.calendar import Period
from samples.plan import UnitPlan
from samples.words import shape, source


def tilt_of(seed: int, street: str) -> list[str] | None:
    """Kinds of tilt that all superiors see in a street; None for half of the streets."""
    rng = source(seed, street, "tilt")
    kinds = load_code_lists()["tilt_kind"]
    return sorted(rng.sample(kinds, rng.choice((0, 0, 1, 2))), key=kinds.index) or None


def untilted_committees(plans: Mapping[str, UnitPlan], seed: int) -> frozenset[str]:
    """Committees whose money of the year does not favour the flagged streets: the first of each level, some more."""
    codes = [plan.unit.code for plan in plans.values() if plan.unit.level != "street"]
    firsts = {min(code for code in codes if len(code) == size) for size in {len(code) for code in codes}}
    share = shape()["resources"]["tilt_wrong"]
    return frozenset(code for code in codes if code in firsts or source(seed, code, "tilt").random() < share)


def _amount(rng: random.Random, name: str) -> Decimal:
    low, high = shape()["resources"][name]
    return Decimal(rng.randrange(low, high, 100))


def tilted_amounts(
    seed: int, street: str, quarters: Sequence[Period], *, has_late_money: bool
) -> list[tuple[Period, Decimal]]:
    """What one payer gives a street in a year beside the basic funds: more to a flagged one, in its first quarter.

    With ``has_late_money`` the streets that are not flagged get more still, in the last quarter.
    """
    rng = source(seed, street, "tilt", quarters[0].code)
    if tilt_of(seed, street):
        return [(quarters[0], _amount(rng, "tilt"))]
    found = [(quarters[0], _amount(rng, "no_tilt"))]
    return [*found, (quarters[-1], _amount(rng, "late_money"))] if has_late_money else found
