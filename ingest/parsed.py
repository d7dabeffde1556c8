"""What a parser gives back for one cell, and what it may know about the report around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from ingest.cells import Cell
from ingest.registers import Registers
from ingest.settings import word_set


class Parsed(NamedTuple):
    """``value`` is typed, None when the cell is empty or wrong; ``expected`` fills the text of ``issue``."""

    value: Any = None
    issue: str | None = None
    expected: str = ""


#: An empty cell.
BLANK = Parsed()


@dataclass(frozen=True)
class Context:
    """What cells of one report are read against: who reports, the year that fills dates without one, the calendar."""

    registers: Registers
    period_year: int | None = None
    unit_code: str | None = None
    counts_from_1904: bool = False


def show(cell: Cell | None) -> str:
    """A cell as a clerk sees it: 12 and not 12.0, 2025-03-01 for a date."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def is_missing(text: str) -> bool:
    """Whether ``text`` (after ``compact``) is one of the words for nothing."""
    return not text or text.lower() in word_set("missing")
