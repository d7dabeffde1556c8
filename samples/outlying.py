"""A figure that is far too large beside those of other streets: two noughts too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from samples.plan import HIDES_FIGURES, UnitPlan, portion
from samples.street_context import Row, Workbook
from samples.words import shape, source

#: Where the figure stands.
ENTITY, FIELD = "activity", "participant_count"
#: By street the indexes of the periods in which it errs.
Outlying = Mapping[str, frozenset[int]]


def plan_outlying(plans: Mapping[str, UnitPlan], seed: int, error_share: float) -> Outlying:
    """Which streets err in which periods: some of those whose figures are taken, where there are enough peers."""
    bounds = shape()["outlying"]
    streets = sorted(code for code, plan in plans.items() if plan.unit.level == "street")
    found: dict[str, frozenset[int]] = {}
    if not error_share or len(streets) < bounds["streets"]:
        return found
    for index in range(len(plans[streets[0]].states)):
        told = [code for code in streets if plans[code].states[index] not in HIDES_FIGURES]
        chosen = sorted(told, key=lambda code: source(seed, "outlying", index, code).random())
        for code in chosen[: portion(bounds["share"], len(streets))]:
            found[code] = found.get(code, frozenset()) | {index}
    return found


def add_outlying(periods: frozenset[int], workbooks: Sequence[Workbook]) -> list[Workbook]:
    """The street's workbooks with the largest figure of those ``periods`` written too large."""
    return [_enlarged(one) if index in periods else one for index, one in enumerate(workbooks)]


def _enlarged(workbook: Workbook) -> Workbook:
    rows: list[Row] = list(workbook[ENTITY])
    if rows:
        at = max(range(len(rows)), key=lambda place: rows[place][FIELD])
        rows[at] = {**rows[at], FIELD: rows[at][FIELD] * shape()["outlying"]["times"]}
    return {**workbook, ENTITY: rows}
