"""The files of a rule book: CSV with a header, one stage a line of ``stages.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


class RulebookError(Exception):
    """A rule book or an override that cannot be used; the message says why and what there is."""


def read_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Header and rows of one file of a rule book."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        rows = [dict(row) for row in reader]
        return list(reader.fieldnames or []), rows


def write_rows(path: Path, header: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    """Write one file of a rule book."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def stage_of(folder: Path, stage_code: str) -> dict[str, str]:
    """The line of a stage; raises RulebookError for an unknown one."""
    _, stages = read_rows(folder / "stages.csv")
    found = [row for row in stages if row["stage_code"] == stage_code]
    if not found:
        known = ", ".join(row["stage_code"] for row in stages)
        raise RulebookError(f"the rule book has no stage {stage_code!r}, only {known}")
    return found[0]


def version_of_stage(folder: Path, stage_code: str) -> str:
    """The version of the rule book that a stage is assessed by; raises RulebookError for an unknown stage."""
    return stage_of(folder, stage_code)["rulebook_version"]
