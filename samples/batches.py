"""Who takes part in a sample, and which street is enrolled in two batches at once, which a rule must find."""

from __future__ import annotations

from collections.abc import Iterable

from samples.calendar import Period, contiguous_runs
from samples.hierarchy import WHOLE_COUNTRY, Hierarchy, Unit

BATCH_CODE, OTHER_BATCH_CODE = "B1", "B2"
ENROLMENT_COLUMNS = ("scope_code", "has_subtree", "batch_code", "from_period", "to_period")


def doubly_enrolled(units: Iterable[Unit]) -> str | None:
    """Code of the street that the office has put into two batches by mistake: the last; None if it is alone."""
    streets = sorted(unit.code for unit in units if unit.level == "street")
    return streets[-1] if len(streets) > 1 else None


def enrolment(hierarchy: Hierarchy, scope: str, periods: tuple[Period, ...]) -> list[tuple[object, ...]]:
    """Lines of ``enrolment.csv``: the scope with all below it, the committees above it, by mistake one street twice."""
    if scope == WHOLE_COUNTRY:
        tops = sorted(unit.code for unit in hierarchy.units.values() if unit.admin_parent is None)
        scopes = [(code, "true") for code in tops]
    else:
        has_subtree = "false" if hierarchy.units[scope].level == "street" else "true"
        scopes = [(scope, has_subtree), *((unit.code, "false") for unit in hierarchy.ancestors(scope))]
    lines = [(code, subtree, BATCH_CODE) for code, subtree in scopes]
    twice = doubly_enrolled(hierarchy.in_scope(scope))
    lines += [(twice, "false", batch) for batch in (BATCH_CODE, OTHER_BATCH_CODE) if twice]
    runs = contiguous_runs(periods)
    return [(*line, first, last) for line in lines for first, last in runs]
