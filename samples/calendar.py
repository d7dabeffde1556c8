"""Quarters, their deadlines and calendar months, worked out without the pipeline."""

from __future__ import annotations

import calendar
import csv
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

PERIOD_PATTERN = re.compile(r"(\d{4})-Q([1-4])")
#: Asia/Shanghai has had no summer time since 1991.
SHANGHAI_OFFSET = timedelta(hours=8)


@dataclass(frozen=True)
class Period:
    """One quarter. ``index`` counts from 0 within the sample; ``deadline_at`` is UTC."""

    code: str
    index: int
    year: int
    quarter: int
    starts_on: date
    ends_on: date
    deadline_at: datetime

    def day(self, share: float) -> date:
        """The day that lies ``share`` (0 to 1) of the way through the period."""
        return self.starts_on + timedelta(days=round((self.ends_on - self.starts_on).days * share))


def add_months(day: date, months: int) -> date:
    """``months`` calendar months later, at most the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_needed(start: date, end: date) -> int:
    """The smallest whole number of calendar months that reaches from ``start`` to ``end``."""
    months = 0
    while add_months(start, months) < end:
        months += 1
    return months


def _bounds(code: str) -> tuple[int, int, date, date]:
    found = PERIOD_PATTERN.fullmatch(code)
    if found is None:
        raise ValueError(f"{code!r} is no period; a period is written like 2025-Q1")
    year, quarter = int(found[1]), int(found[2])
    starts_on = date(year, 3 * quarter - 2, 1)
    return year, quarter, starts_on, add_months(starts_on, 3) - timedelta(days=1)


def _deadline(rulebook_dir: Path, code: str, ends_on: date) -> datetime:
    """Deadline of a quarter in UTC, from the reporting calendar; 24:00 is the midnight at the end of the day."""
    with (rulebook_dir / "reporting_calendar.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["first_period"] <= code and (not row["last_period"] or code <= row["last_period"]):
                hour, minute = map(int, row["deadline_time"].split(":"))
                days = int(row["deadline_days_after_end"])
                local = datetime(ends_on.year, ends_on.month, ends_on.day) + timedelta(days, hours=hour, minutes=minute)
                return local - SHANGHAI_OFFSET
    raise ValueError(f"the reporting calendar knows no period {code}")


def load_periods(codes: list[str], rulebook_dir: Path) -> tuple[Period, ...]:
    """The periods in order of time, each once; raises ValueError for what is no period or not in the calendar."""
    if not codes:
        raise ValueError("a sample needs at least one period")
    periods = []
    for index, code in enumerate(sorted(set(codes))):
        year, quarter, starts_on, ends_on = _bounds(code)
        deadline_at = _deadline(rulebook_dir, code, ends_on)
        periods.append(Period(code, index, year, quarter, starts_on, ends_on, deadline_at))
    return tuple(periods)


def contiguous_runs(periods: tuple[Period, ...]) -> list[tuple[str, str]]:
    """First and last code of every run of quarters without a gap."""
    runs: list[tuple[str, str]] = []
    for before, period in zip((None, *periods), periods, strict=False):
        if before is not None and before.ends_on + timedelta(days=1) == period.starts_on:
            runs[-1] = (runs[-1][0], period.code)
        else:
            runs.append((period.code, period.code))
    return runs
