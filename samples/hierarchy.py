"""Which units there are and who stands above whom, from the reference files; the sample uses real units only."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.registers import unit_level

WHOLE_COUNTRY = "all"


@dataclass(frozen=True)
class Unit:
    """A street or committee with its parents in the administrative and in the reporting tree."""

    code: str
    name: str
    level: str
    admin_parent: str | None
    reporting_parent: str | None


@dataclass(frozen=True)
class Hierarchy:
    """All current units by code."""

    units: dict[str, Unit]
    reference_dir: Path

    def ancestors(self, code: str, tree: str = "admin_parent") -> Iterator[Unit]:
        """The units above ``code``, nearest first; ``tree`` is ``admin_parent`` or ``reporting_parent``."""
        parent = getattr(self.units[code], tree)
        while parent is not None:
            yield self.units[parent]
            parent = getattr(self.units[parent], tree)

    def in_scope(self, scope: str) -> list[Unit]:
        """The unit ``scope`` and all below it, by code; every unit for ``all``. Raises ValueError on any other."""
        if scope == WHOLE_COUNTRY:
            return sorted(self.units.values(), key=lambda unit: unit.code)
        if scope not in self.units:
            raise ValueError(f"{scope!r} is no unit; a scope is a unit code or {WHOLE_COUNTRY!r}")
        inside = (
            unit for unit in self.units.values() if scope in (unit.code, *(u.code for u in self.ancestors(unit.code)))
        )
        return sorted(inside, key=lambda unit: unit.code)

    @cached_property
    def reporting_streets(self) -> dict[str, tuple[str, ...]]:
        """Streets below every committee in the reporting tree, by code."""
        found: dict[str, list[str]] = {}
        for code in sorted(code for code, unit in self.units.items() if unit.level == "street"):
            for above in self.ancestors(code, "reporting_parent"):
                found.setdefault(above.code, []).append(code)
        return {code: tuple(streets) for code, streets in found.items()}

    @cached_property
    def city_districts(self) -> dict[str, tuple[str, ...]]:
        """Districts of every city that has any, by code."""
        found: dict[str, list[str]] = {}
        for unit in sorted(self.units.values(), key=lambda unit: unit.code):
            if unit.level == "district" and unit.admin_parent and self.units[unit.admin_parent].level == "city":
                found.setdefault(unit.admin_parent, []).append(unit.code)
        return {code: tuple(districts) for code, districts in found.items()}

    def load_communities(self, streets: set[str]) -> dict[str, tuple[str, ...]]:
        """Codes of the communities of each of ``streets``."""
        table = pq.read_table(self.reference_dir / "communities.parquet", columns=["unit_code", "community_code"])
        found: dict[str, list[str]] = {}
        for code, community in zip(*(column.to_pylist() for column in table.columns), strict=True):
            if code in streets:
                found.setdefault(code, []).append(community)
        return {code: tuple(sorted(communities)) for code, communities in found.items()}


def load_hierarchy(reference_dir: Path, names: dict[str, str]) -> Hierarchy:
    """Current units from ``units_history.parquet``, ``local_units.csv`` and ``reporting_overrides.csv``.

    ``names`` is the register of unit names: codes that are no unit (the district code of a city without districts, the
    city code of a municipality) are not in it.
    """
    table = pq.read_table(reference_dir / "units_history.parquet")
    current = table.filter(pc.and_(table.column("is_street"), pc.is_null(table.column("gone_by_on"))))
    parents: dict[str, str | None] = {}
    for row in current.to_pylist():
        chain = [row[f"{level}_code"] for level in ("district", "city", "province") if row[f"{level}_code"] in names]
        parents.update(zip((row["unit_code"], *chain), (*chain, None), strict=True))
    with (reference_dir / "local_units.csv").open(encoding="utf-8", newline="") as handle:
        parents.update((row["unit_code"], row["admin_parent_code"]) for row in csv.DictReader(handle))
    reporting = dict(parents)
    with (reference_dir / "reporting_overrides.csv").open(encoding="utf-8", newline="") as handle:
        open_ones = (row for row in csv.DictReader(handle) if not row["valid_to"] and row["unit_code"] in parents)
        reporting.update((row["unit_code"], row["reporting_parent_code"]) for row in open_ones)
    units = {
        code: Unit(code, names[code], unit_level(code) or "", parent, reporting[code])
        for code, parent in parents.items()
    }
    return Hierarchy(units, reference_dir)
