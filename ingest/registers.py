"""What a cell may refer to outside its workbook: units, communities, stages, clauses, notices.

Loaded from files that the caller names, so that ``ingest`` knows neither the warehouse nor the rule book's layout
beyond the columns it needs.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

LEVEL_BY_CODE_LENGTH = {2: "province", 4: "city", 6: "district", 9: "street"}

#: Names that the statistics bureau gives to groups of counties which are no city.
PSEUDO_CITY_WORD = "直辖县级行政区划"


def unit_level(unit_code: str) -> str | None:
    """Level of a unit by the length of its code: 2 province, 4 city, 6 district, 9 street; else None."""
    return LEVEL_BY_CODE_LENGTH.get(len(unit_code))


def _csv_column(path: Path, column: str) -> frozenset[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return frozenset(row[column] for row in csv.DictReader(handle))


def _latest_names(streets: pa.Table, level: str) -> dict[str, str]:
    """Name by code of one level; ``streets`` is sorted by ``last_seen_on``, the last name wins."""
    # Grouping in Arrow would import its data sets and with them pandas, which takes longer than all this.
    codes = streets.column(f"{level}_code").to_pylist()
    return dict(zip(codes, streets.column(f"{level}_name").to_pylist(), strict=True))


@dataclass(frozen=True)
class Registers:
    """Look-ups for cell checks; each is read once, when first needed.

    ``reference_dir`` holds ``units_history.parquet``, ``local_units.csv``, ``unit_aliases.csv`` and
    ``communities.parquet``;
    ``rulebook_dir`` holds ``stages.csv``, ``clauses.csv`` and ``notices.csv``. Pickling takes along what is loaded.
    """

    reference_dir: Path
    rulebook_dir: Path

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """Latest known name of every unit by code (2, 4, 6 or 9 characters), streets and the levels above.

        Left out are codes that are no unit: the district code of a city without districts, the city code of a
        municipality (its districts hang under the province) and the pseudo-cities of directly governed counties.
        """
        # Only the sandbox's parent reads Parquet: its child gets the loaded register and starts without pyarrow.
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        columns = [
            "unit_code", "unit_name", "district_code", "district_name", "city_code", "city_name",
            "province_code", "province_name", "is_street", "has_no_district", "last_seen_on",
        ]  # fmt: skip
        # Starting Arrow's threads costs more than they save here.
        table = pq.ParquetFile(self.reference_dir / "units_history.parquet").read(columns=columns, use_threads=False)
        streets = table.filter(table.column("is_street")).sort_by("last_seen_on")
        is_no_city = pc.or_(
            pc.equal(streets.column("city_name"), streets.column("province_name")),
            pc.match_substring(streets.column("city_name"), PSEUDO_CITY_WORD),
        )
        with_city = streets.filter(pc.invert(is_no_city))
        stated = streets.column("has_no_district")
        has_district = pc.or_kleene(pc.invert(stated), pc.is_null(stated))
        names = {
            **_latest_names(streets, "province"),
            **_latest_names(with_city, "city"),
            **_latest_names(streets.filter(has_district), "district"),
            **_latest_names(streets, "unit"),
        }
        with (self.reference_dir / "local_units.csv").open(encoding="utf-8", newline="") as handle:
            names.update((row["unit_code"], row["unit_name"]) for row in csv.DictReader(handle))
        return names

    @cached_property
    def unit_aliases(self) -> dict[str, tuple[str, ...]]:
        """Other names of units by code: former ones of the lists, and those of ``unit_aliases.csv``."""
        import pyarrow.parquet as pq

        path = self.reference_dir / "units_history.parquet"
        table = pq.ParquetFile(path).read(columns=["unit_code", "unit_name"], use_threads=False)
        pairs = set(zip(*(table.column(name).to_pylist() for name in ("unit_code", "unit_name")), strict=True))
        with (self.reference_dir / "unit_aliases.csv").open(encoding="utf-8", newline="") as handle:
            pairs |= {(row["unit_code"], row["alias_zh"]) for row in csv.DictReader(handle)}
        names = self.unit_names
        aliases: dict[str, tuple[str, ...]] = {}
        for code, name in sorted(pairs):
            if names.get(code, name) != name:
                aliases[code] = (*aliases.get(code, ()), name)
        return aliases

    @cached_property
    def community_codes(self) -> frozenset[str]:
        """All community codes (12 digits)."""
        import pyarrow.parquet as pq

        table = pq.ParquetFile(self.reference_dir / "communities.parquet").read(
            columns=["community_code"], use_threads=False
        )
        return frozenset(table.column("community_code").to_pylist())

    @cached_property
    def stage_codes(self) -> frozenset[str]:
        """Codes of the programme's stages."""
        return _csv_column(self.rulebook_dir / "stages.csv", "stage_code")

    @cached_property
    def clause_ids(self) -> frozenset[str]:
        """Numbers of the document's clauses."""
        return _csv_column(self.rulebook_dir / "clauses.csv", "clause_id")

    @cached_property
    def notice_ids(self) -> frozenset[str]:
        """Numbers of the notices that ask for a feedback."""
        return _csv_column(self.rulebook_dir / "notices.csv", "notice_id")

    def load_all(self) -> Registers:
        """Read every register now, e.g. before they are sent to the sandbox's child; returns itself."""
        names = ("unit_names", "unit_aliases", "community_codes", "stage_codes", "clause_ids", "notice_ids")
        for name in names:
            getattr(self, name)
        return self
