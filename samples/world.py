"""What all units of a sample must agree on: the tree, the plans, the claims, the notices and the key."""

from __future__ import annotations

import csv
import hashlib
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.home import Home
from ingest.registers import Registers
from samples.calendar import Period
from samples.crosschecks import Claims, plan_claims
from samples.feedback import addressees, answers, load_notices
from samples.funds import LEVEL_NAMES
from samples.hierarchy import WHOLE_COUNTRY, Hierarchy, Unit, load_hierarchy
from samples.outlying import Outlying, plan_outlying
from samples.plan import MISSING, UnitPlan, plan_committees, plan_streets
from samples.street import street_workbooks
from samples.street_context import Street, Workbook
from samples.submissions import Submission
from samples.tilt import untilted_committees
from samples.words import source

REPO = Path(__file__).resolve().parent.parent
#: Prefix that tells a sample's pseudonym key from a real one.
KEY_PREFIX = "sample:"


@dataclass
class World:
    """Everything that a worker must know; computed once, inherited by the workers."""

    home: Path
    seed: int
    as_of: datetime
    key: bytes
    periods: tuple[Period, ...]
    hierarchy: Hierarchy
    plans: dict[str, UnitPlan]
    communities: dict[str, tuple[str, ...]]
    stages: list[dict[str, str]]
    #: Committees whose money of the year does not favour the flagged streets.
    untilted: frozenset[str]
    #: What streets claim of one another.
    claims: Claims
    #: Who writes a figure far too large, and when.
    outlying: Outlying
    #: Folder of the rule book.
    rulebook: Path
    #: Per unit the notices that ask it, each with its answer (None: it stays silent).
    feedback: dict[str, list[tuple[dict[str, Any], Submission | None]]] = field(default_factory=dict)

    def payers(self, street: str) -> list[tuple[str, str]]:
        """Code and level name of the committees above a street, highest first."""
        above = [(unit.code, LEVEL_NAMES[unit.level]) for unit in self.hierarchy.ancestors(street)]
        return above[::-1]

    def street_workbooks(self, code: str) -> list[Workbook]:
        """What a street would report of itself."""
        known = self.communities.get(code, ())
        street = Street(self.seed, self.plans[code], self.periods, known, self.payers(code), self.untilted)
        return street_workbooks(street)

    def neighbour(self, plan: UnitPlan, period: Period) -> Unit | None:
        """A unit of the same level that reports in the period, preferably below the same parent."""
        others = [
            other.unit
            for other in self.plans.values()
            if other.unit.level == plan.unit.level
            and other.unit.code != plan.unit.code
            and other.states[period.index] != MISSING
        ]
        near = [unit for unit in others if unit.admin_parent == plan.unit.admin_parent]
        choices = near or others
        return source(self.seed, plan.unit.code, "neighbour", period.code).choice(choices) if choices else None


def _sample_key(home: Path, seed: int) -> bytes:
    """The home's pseudonym key; where there is none, one that says it is a sample's and depends on the seed alone."""
    path = home / "secret" / "pseudonym.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(KEY_PREFIX + hashlib.sha256(f"jiedao sample {seed}".encode()).hexdigest())
    return Home(home).pseudonym_key()


def prepare_world(
    home: Path, scope: str, periods: tuple[Period, ...], seed: int, error_share: float, as_of: datetime, rulebook: Path
) -> World:
    """Plan everything that units must agree on."""
    registers = Registers(REPO / "reference", rulebook)
    hierarchy = load_hierarchy(REPO / "reference", registers.unit_names)
    units = hierarchy.in_scope(scope)
    if scope != WHOLE_COUNTRY:
        units += list(hierarchy.ancestors(scope))
    streets = [unit for unit in units if unit.level == "street"]
    committees = sorted((unit for unit in units if unit.level != "street"), key=lambda unit: unit.code)
    plans = plan_streets(streets, periods, seed, error_share) | plan_committees(committees, periods, seed, error_share)
    with (rulebook / "stages.csv").open(encoding="utf-8", newline="") as handle:
        stages = list(csv.DictReader(handle))
    communities = hierarchy.load_communities({unit.code for unit in streets})
    world = World(
        home,
        seed,
        as_of,
        _sample_key(home, seed),
        periods,
        hierarchy,
        plans,
        communities,
        stages,
        untilted_committees(plans, seed),
        plan_claims(plans, seed),
        plan_outlying(plans, seed, error_share),
        rulebook,
    )
    for notice in load_notices(rulebook, {period.code for period in periods}):
        asked = addressees(committees, notice)
        for code, submission in answers(seed, asked, notice, sorted(registers.clause_ids)).items():
            world.feedback.setdefault(code, []).append((notice, submission))
    return world
