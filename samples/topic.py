"""What a topic of the truth is: outcomes of some rules, worked out in a module of its own and hooked in ``topics``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samples.calendar import Period
from samples.hierarchy import Hierarchy, Unit
from samples.street_context import Workbook
from samples.truth import Outcome, Standing, is_due


@dataclass(frozen=True)
class Case:
    """One unit, street or committee, as the judges see it.

    ``streets`` are the codes of the streets below a committee in the reporting tree; ``stages`` the rows of the seed;
    ``person_key`` gives the pseudonym of a name and a phone tail.
    """

    standing: Standing
    periods: Sequence[Period]
    as_of: datetime
    streets: Sequence[str]
    has_districts: bool
    stages: Sequence[Mapping[str, str]]
    person_key: Callable[[str, str], str]
    #: The notices that ask the unit, each with the content of its answer (None: it stays silent).
    feedback: Sequence[tuple[Mapping[str, Any], Workbook | None]] = ()
    #: Codes of the communities of a street.
    communities: Sequence[str] = ()

    @property
    def unit(self) -> Unit:
        """The unit."""
        return self.standing.unit

    @property
    def code(self) -> str:
        """Code of the unit."""
        return self.standing.unit.code

    def due(self) -> Iterator[tuple[Period, Workbook | None]]:
        """The periods in which the unit stands on the roster, each with its standing report or None."""
        for period, workbook in zip(self.periods, self.standing.workbooks, strict=True):
            if is_due(period, workbook is not None, self.as_of):
                yield period, workbook

    def reported(self) -> Iterator[tuple[Period, Workbook]]:
        """The periods with a standing report; for the others every rule that is not ``computed`` is settled already."""
        for period, workbook in self.due():
            if workbook is not None:
                yield period, workbook


@dataclass(frozen=True)
class Programme:
    """All units together, for rules on a committee that hang on the reports of the units below it.

    ``facts`` holds, by unit, what the topic's own ``facts`` gave; ``outcomes`` are those of all single units.
    """

    units: Sequence[Unit]
    hierarchy: Hierarchy
    periods: Sequence[Period]
    as_of: datetime
    stages: Sequence[Mapping[str, str]]
    facts: Mapping[str, Any]
    outcomes: Sequence[Outcome]


@dataclass(frozen=True)
class Topic:
    """Outcomes of one topic.

    ``outcomes`` gives those that a unit's own reports decide; ``facts`` what of a unit others need (to be sent between
    processes, so keep it small), ``roll_up`` the outcomes that need the facts or outcomes of several units. A rule of
    the shape file without ``computed`` gets its line for a missing report elsewhere.
    """

    name: str
    outcomes: Callable[[Case], list[Outcome]] | None = None
    facts: Callable[[Case], Any] | None = None
    roll_up: Callable[[Programme], list[Outcome]] | None = None
