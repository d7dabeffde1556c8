"""Which street of a sample is enrolled in two batches at once, which a rule must find."""

from __future__ import annotations

from collections.abc import Iterable

from samples.hierarchy import Unit

BATCH_CODE, OTHER_BATCH_CODE = "B1", "B2"


def doubly_enrolled(units: Iterable[Unit]) -> str | None:
    """Code of the street that the office has put into two batches by mistake: the last; None if it is alone."""
    streets = sorted(unit.code for unit in units if unit.level == "street")
    return streets[-1] if len(streets) > 1 else None
