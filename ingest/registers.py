"""What a cell may refer to outside its workbook: units, communities, stages, clauses, notices.

Loaded from files that the caller names, so that ``ingest`` knows neither the warehouse nor the rule book's layout
beyond the columns it needs.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

LEVEL_BY_CODE_LENGTH = {2: "province", 4: "city", 6: "district", 9: "street"}


def unit_level(unit_code: str) -> str | None:
    """Level of a unit by the length of its code: 2 province, 4 city, 6 district, 9 street; else None."""
    return LEVEL_BY_CODE_LENGTH.get(len(unit_code))


def _csv_column(path: Path, column: str) -> frozenset[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return frozenset(row[column] for row in csv.DictReader(handle))


@dataclass(frozen=True)
class Registers:
    """Look-ups for cell checks; each is read once, when first needed.

    ``reference_dir`` holds ``units_history.parquet``, ``local_units.csv`` and ``communities.parquet``;
    ``rulebook_dir`` holds ``stages.csv``, ``clauses.csv`` and ``notices.csv``.
    """

    reference_dir: Path
    rulebook_dir: Path

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """Latest known name of every unit by code (2, 4, 6 or 9 characters), streets and the levels above."""
        columns = [
            "unit_code", "unit_name", "district_code", "district_name", "city_code", "city_name",
            "province_code", "province_name", "is_street", "last_seen_on",
        ]  # fmt: skip
        table = pq.read_table(self.reference_dir / "units_history.parquet", columns=columns)
        streets = table.filter(table.column("is_street")).sort_by("last_seen_on")
        names: dict[str, str] = {}
        for level in ("province", "city", "district", "unit"):
            codes = streets.column(f"{level}_code").to_pylist()
            names.update(zip(codes, streets.column(f"{level}_name").to_pylist(), strict=True))
        with (self.reference_dir / "local_units.csv").open(encoding="utf-8", newline="") as handle:
            names.update((row["unit_code"], row["unit_name"]) for row in csv.DictReader(handle))
        return names

    @cached_property
    def community_codes(self) -> frozenset[str]:
        """All community codes (12 digits)."""
        table = pq.read_table(self.reference_dir / "communities.parquet", columns=["community_code"])
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
