"""Instants at the edges of the program: Shanghai time in, UTC without a zone inside."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The present instant: for the edges of the program only."""
    return to_utc(datetime.now(UTC))


def to_utc(instant: datetime) -> datetime:
    """``instant`` as UTC without a zone; one without a zone is Shanghai time."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=LOCAL_ZONE)
    return aware.astimezone(UTC).replace(tzinfo=None)


def to_local(instant: datetime) -> datetime:
    """A stored instant (UTC without a zone) in Shanghai time."""
    return instant.replace(tzinfo=UTC).astimezone(LOCAL_ZONE)


def parse_instant(text: str) -> datetime:
    """An ISO instant, Shanghai time unless it names a zone, as UTC without a zone; raises ValueError."""
    return to_utc(datetime.fromisoformat(text))


def midnight_after(day: date) -> datetime:
    """The instant (UTC) at which a day is over in Shanghai."""
    return to_utc(datetime.combine(day + timedelta(days=1), time()))
