"""Which units are to be told something today: the lines of ``mart_message_line`` that nobody has been told of yet.

Who gets what is decided by the mart. Here stands only what keeps messages apart: one a day and unit at most, and no
line a second time. Both are read from the ledger, so that a run that starts again goes on where the last one ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import duckdb

from ingest.ledger import Ledger
from warehouse.ask import ask_on

LINES_SQL = """
select * from marts.mart_message_line
where $1 is null or unit_code = $1
order by unit_code, period desc, section, about_unit_code, line_key
"""
Row = dict[str, Any]


@dataclass(frozen=True)
class DueMessage:
    """What one unit is to be told on one day; ``new_keys`` are the lines that it has not been told before."""

    unit_code: str
    unit_name: str
    unit_level: str
    as_of_on: date
    lines: tuple[Row, ...]
    new_keys: tuple[str, ...]

    @property
    def message_id(self) -> str:
        """A unit gets one message a day: unit and day are its identity."""
        return hashlib.sha256(f"{self.unit_code}|{self.as_of_on}".encode()).hexdigest()[:24]


def due_messages(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, unit_code: str | None = None
) -> Iterator[DueMessage]:
    """Messages of the published build's day, by unit; of one unit when ``unit_code`` is given."""
    told = ledger.told_lines()
    written = {event["message_id"] for event in ledger.messages()}
    for code, group in groupby(ask_on(connection, LINES_SQL, [unit_code]).records(), key=lambda row: row["unit_code"]):
        lines = tuple(group)
        new = tuple(line["line_key"] for line in lines if (code, line["line_key"]) not in told)
        message = DueMessage(code, lines[0]["unit_name"], lines[0]["unit_level"], lines[0]["as_of_on"], lines, new)
        if new and message.message_id not in written:
            yield message
