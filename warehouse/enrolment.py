"""Who takes part: ``programme/enrolment.csv`` as it stood on an instant, and units that report without being in it.

Nights and releases note each list that they read in the ledger. A build as of the past takes the list in force then,
so a line that is written later changes nothing that was known before.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.home import Home
from ingest.ledger import Ledger
from warehouse.inputs import ENROLMENT_SCHEMA

#: Batch of units that report without having been enrolled.
UNENROLLED_BATCH = "unenrolled"


class EnrolmentError(Exception):
    """``programme/enrolment.csv`` cannot be understood; the message names the line."""


def note_enrolment(home: Home, ledger: Ledger, now: datetime) -> None:
    """Note the list as it stands at ``now``, unless the last one noted says the same. Raises EnrolmentError."""
    ledger.note_enrolment(read_enrolment(home), now)


def enrolment_at(
    home: Home, ledger: Ledger, known_at: datetime, submissions: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The list in force at ``known_at``, with a line for each unit of ``submissions`` that nobody enrolled.

    Before any night the list is the file as it is. Raises EnrolmentError.
    """
    noted = ledger.enrolment(known_at)
    enrolled = read_enrolment(home) if noted is None else noted
    return [*enrolled, *_unenrolled(enrolled, submissions)]


def enrolment_hash(enrolment: Sequence[dict[str, Any]]) -> str:
    """Identity of a list."""
    return hashlib.sha256(json.dumps(enrolment, sort_keys=True).encode()).hexdigest()


def read_enrolment(home: Home) -> list[dict[str, Any]]:
    """Lines of ``programme/enrolment.csv``; none when the file is absent. Raises EnrolmentError."""
    path = home.programme / "enrolment.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [_line(path, number, row) for number, row in enumerate(csv.DictReader(handle), start=2)]


def is_quarter(period: str) -> bool:
    """Whether ``period`` is written like a quarter, ``2025-Q4``; notices are not."""
    return len(period) == 7 and period[4:6] == "-Q"


def _line(path: Path, number: int, row: dict[str, str]) -> dict[str, Any]:
    """One line of the file, typed; raises EnrolmentError when it cannot be understood."""
    line = {name: (row.get(name) or "").strip() for name in ENROLMENT_SCHEMA.names}
    missing = [name for name in ENROLMENT_SCHEMA.names[:-1] if not line[name]]
    if missing:
        raise EnrolmentError(f"{path}, line {number}: {', '.join(missing)} is missing")
    if line["has_subtree"].lower() not in ("true", "false"):
        raise EnrolmentError(f"{path}, line {number}: has_subtree is {line['has_subtree']!r} and not true or false")
    for name in ("from_period", "to_period"):
        if line[name] and not is_quarter(line[name]):
            raise EnrolmentError(f"{path}, line {number}: {name} is {line[name]!r} and no quarter such as 2025-Q1")
    return {**line, "has_subtree": line["has_subtree"].lower() == "true", "to_period": line["to_period"] or None}


def _is_covered(unit_code: str, period: str, enrolment: Iterable[dict[str, Any]]) -> bool:
    """Whether a line enrols ``unit_code`` for ``period``; a code begins with the code of the unit above it."""
    return any(
        (unit_code == line["scope_code"] or (line["has_subtree"] and unit_code.startswith(line["scope_code"])))
        and line["from_period"] <= period <= (line["to_period"] or period)
        for line in enrolment
    )


def _unenrolled(enrolment: Sequence[dict[str, Any]], submissions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line for every unit that had a report accepted without being enrolled, from its first such period on."""
    first: dict[str, str] = {}
    for row in submissions:
        unit_code, period = row["unit_code"], row["period"]
        if row["state"] == "accepted" and is_quarter(period) and not _is_covered(unit_code, period, enrolment):
            first[unit_code] = min(period, first.get(unit_code, period))
    return [
        {
            "scope_code": unit_code,
            "has_subtree": False,
            "batch_code": UNENROLLED_BATCH,
            "from_period": period,
            "to_period": None,
        }
        for unit_code, period in sorted(first.items())
    ]
