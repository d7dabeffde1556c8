"""Windows of the stages: when a stage opens, until when its reports are taken, and what that means for an instant.

The days stand in ``stages.csv``; which reports count after the last one is decided in ``fct_submission``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from warehouse.instants import midnight_after, to_local
from warehouse.rulebook_files import read_rows, stage_of

NOT_OPEN, OPEN, CLOSED = "not_open", "open", "closed"


class StageNotOpenError(Exception):
    """A stage that has not begun cannot be assessed or released; the message says when it does."""


@dataclass(frozen=True)
class StageWindow:
    """A stage with its first and last day (``closes_on`` belongs to it), in Shanghai."""

    stage_code: str
    name_zh: str
    first_period: str
    last_period: str
    opens_on: date
    closes_on: date
    late_policy: str
    appeal_days: int
    rulebook_version: str
    paper_code: str

    def state_at(self, instant: datetime) -> str:
        """not_open, open or closed at an instant (UTC)."""
        if to_local(instant).date() < self.opens_on:
            return NOT_OPEN
        return OPEN if instant < midnight_after(self.closes_on) else CLOSED


def _window(row: dict[str, str]) -> StageWindow:
    typed = {name: row[name] for name in StageWindow.__dataclass_fields__}
    days = {name: date.fromisoformat(row[name]) for name in ("opens_on", "closes_on")}
    return StageWindow(**{**typed, **days, "appeal_days": int(row["appeal_days"])})  # type: ignore[arg-type]


def window_of(rulebook: Path, stage_code: str) -> StageWindow:
    """The window of a stage in the rule book in folder ``rulebook``; raises RulebookError for an unknown stage."""
    return _window(stage_of(rulebook, stage_code))


def windows(rulebook: Path) -> list[StageWindow]:
    """All stages of a rule book, in the order of their quarters."""
    _, rows = read_rows(rulebook / "stages.csv")
    return sorted(map(_window, rows), key=lambda window: window.first_period)


def require_open(window: StageWindow, instant: datetime) -> str:
    """The state of a stage at ``instant`` (UTC): open or closed; raises StageNotOpenError before it opens."""
    state = window.state_at(instant)
    if state == NOT_OPEN:
        raise StageNotOpenError(
            f"stage {window.stage_code} opens on {window.opens_on}; "
            f"nothing can be assessed as known at {to_local(instant):%Y-%m-%d %H:%M}"
        )
    return state
