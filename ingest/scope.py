"""Whom a sender may speak for, as one short text.

A scope is unit codes in ascending order, separated by blanks; ``440103+`` stands for the unit 440103 and all below it.
The code of one unit is a scope too. A unit lies below another when its code begins with the other's.
"""

from __future__ import annotations

from collections.abc import Iterable

_BELOW = "+"


def make_scope(units: Iterable[tuple[str, bool]]) -> str:
    """Scope of (unit code, with all below it) pairs."""
    chosen: dict[str, bool] = {}
    for code, has_subtree in units:
        chosen[code] = chosen.get(code, False) or has_subtree
    return " ".join(f"{code}{_BELOW if chosen[code] else ''}" for code in sorted(chosen))


def sole_unit(scope: str) -> str | None:
    """The unit of a scope that holds exactly one, else None."""
    return scope if scope and " " not in scope and not scope.endswith(_BELOW) else None


def covers(scope: str, unit_code: str) -> bool:
    """Whether ``unit_code`` lies within the scope."""
    return any(
        unit_code == part or (part.endswith(_BELOW) and unit_code.startswith(part[:-1])) for part in scope.split()
    )


def show_scope(scope: str) -> str:
    """The scope for a clerk, in Chinese."""
    return "、".join(part.replace(_BELOW, "及其下级") for part in scope.split())
