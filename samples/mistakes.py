"""What clerks do to a workbook: which mistakes there are, and where they are made on purpose."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ingest.forms import Form
from samples.street_context import Row, Workbook

ERROR = "error"
#: Where a mistake may be made: anywhere; only in a workbook that is refused anyhow, for its figures would be others;
#: only alone, for a file that cannot be taken is told nothing else.
ANYWHERE, REFUSED_ONLY, ALONE = "", "refused", "whole"


@dataclass(frozen=True)
class Mistake:
    """One way to spoil a workbook; one line of ``mistakes.csv``. ``reads`` is another sheet that the check looks at."""

    issue_code: str
    severity: str
    form: str
    entity: str
    field: str
    action: str
    value: str
    weight: int
    place: str
    reads: str

    @property
    def blocks(self) -> bool:
        """Whether a workbook with it is refused."""
        return self.severity == ERROR

    @property
    def entities(self) -> frozenset[str]:
        """The sheets that must be as they should for the finding to be found, and it alone."""
        return frozenset(filter(None, (self.entity, self.reads)))


@dataclass(frozen=True)
class Finding:
    """What a check must say; ``sheet`` is None where the file is wrong, ``cell`` where no single cell is."""

    sheet: str | None
    cell: str | None
    issue_code: str
    severity: str


@dataclass(frozen=True)
class Draft:
    """A workbook on a clerk's desk: the form as the clerk left it, the records, the name of the file, cells that are
    merged (sheet, range), and what a check must find."""

    form: Form
    workbook: Workbook
    file: str
    merged: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    def rows(self, entity: str) -> list[Row]:
        """The records of one sheet."""
        return self.workbook.get(entity, [])

    def with_rows(self, entity: str, rows: list[Row]) -> Draft:
        """The same with other records in one sheet."""
        return replace(self, workbook={**self.workbook, entity: rows})

    def found(self, *findings: Finding) -> Draft:
        """The same with more to find."""
        return replace(self, findings=(*self.findings, *findings))


@cache
def load_mistakes() -> tuple[Mistake, ...]:
    """All mistakes that the generator knows."""
    with Path(__file__).with_name("mistakes.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(Mistake(**{**row, "weight": int(row["weight"])}) for row in csv.DictReader(handle))  # type: ignore[arg-type]


def draw(rng: random.Random, choices: Iterable[Mistake]) -> Mistake:
    """One of ``choices`` by weight."""
    listed = list(choices)
    return rng.choices(listed, [mistake.weight for mistake in listed])[0]
