"""Dates, years and periods as clerks write them. No day is ever invented: 2013.10 is not a date."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import cache

from ingest.cells import Cell
from ingest.parsed import BLANK, Context, Parsed, is_missing
from ingest.settings import words
from ingest.text import compact, trim

#: Day 0 of Excel's calendar (which believes in 29 February 1900; all our dates are later), and of that of old Macs.
_EXCEL_EPOCH, _MAC_EPOCH = date(1899, 12, 30), date(1904, 1, 1)
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
#: A time behind a day. It must go before spaces do: 3 and 14:30 would become 31.
_TIME_OF_DAY = re.compile(r"(?:T|\s+)\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\.\d+)?\s*$")
_WRITTEN = re.compile(r"(\d{4})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?")
_SHORT_YEAR = re.compile(r"['’]?(\d{2})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NO_YEAR = re.compile(r"(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?")
_WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天1-7]\)?$")
_CLOCK = re.compile(r"(?:上午|下午|晚上?|中午)?\d{1,2}[:点时]\d{0,2}分?(?::\d{2})?$")
_RANGE = re.compile(r"(.+?[日号\d])(?:[-~—–至到]+)(\d{1,4}[年月日号\d./-]*)")
_CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE_DATE = re.compile(
    r"(?:([〇零○一二三四五六七八九\d]{4})年)?([一二三四五六七八九十\d]{1,3})月([一二三四五六七八九十\d]{1,3})[日号]"
)
#: Marks that are typed for a dot or a dash.
_MARKS = str.maketrans({"。": ".", "．": ".", "、": ".", "·": ".", "—": "-", "–": "-", "−": "-", "_": "-", "\\": "/"})
_PERIOD = re.compile(r"(\d{4})年?度?[-_/.]?(?:q([1-4])|第?([一二三四1-4])季度?)")
_PERIOD_CANONICAL = re.compile(r"\d{4}-Q[1-4]")


@cache
def _limits() -> tuple[date, date]:
    known = words()["dates"]
    return known["first"], known["last"]


def _checked(year: int, month: int, day: int, note: bool) -> Parsed:
    try:
        value = date(year, month, day)
    except ValueError:
        return Parsed(None, "date_impossible")
    first, last = _limits()
    if not first <= value <= last:
        return Parsed(None, "date_impossible")
    return Parsed(value, "value_repaired", value.isoformat()) if note else Parsed(value)


def _small_number(text: str) -> int:
    """1 to 31 in digits or Chinese numerals."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int(text.translate(_CHINESE_DIGITS))
    return (int(tens.translate(_CHINESE_DIGITS)) if tens else 1) * 10 + (
        int(ones.translate(_CHINESE_DIGITS)) if ones else 0
    )


def _from_text(text: str, context: Context) -> Parsed | None:
    """A date from compacted text, with the right marks or such as are typed for them; None when no pattern fits."""
    parsed = _from_marked_text(text, context)
    if parsed is not None:
        return parsed
    marked = text.translate(_MARKS).rstrip(".")
    parsed = _from_marked_text(marked, context) if marked != text else None
    return Parsed(parsed.value, "value_repaired", str(parsed.value)) if parsed and parsed.value else parsed


def _from_marked_text(text: str, context: Context) -> Parsed | None:
    for pattern, note in ((_ISO, False), (_WRITTEN, True), (_PACKED, True)):
        match = pattern.fullmatch(text)
        if match:
            return _checked(int(match[1]), int(match[2]), int(match[3]), note)
    match = _SHORT_YEAR.fullmatch(text)
    if match:
        return _checked(2000 + int(match[1]), int(match[2]), int(match[3]), True)
    match = _CHINESE_DATE.fullmatch(text)
    year = int(match[1].translate(_CHINESE_DIGITS)) if match and match[1] else context.period_year
    if match and year is not None:
        return _checked(year, _small_number(match[2]), _small_number(match[3]), True)
    match = _NO_YEAR.fullmatch(text)
    if match and context.period_year is not None:
        return _checked(context.period_year, int(match[1]), int(match[2]), True)
    return None


def _from_number(number: float, context: Context) -> Parsed:
    if number.is_integer() and 19000101 <= number <= 21991231:
        text = str(int(number))
        return _checked(int(text[:4]), int(text[4:6]), int(text[6:]), True)
    first, last = _limits()
    epoch = _MAC_EPOCH if context.counts_from_1904 else _EXCEL_EPOCH
    if (first - epoch).days <= number <= (last - epoch).days:
        value = epoch + timedelta(days=int(number))
        return Parsed(value, "value_repaired", value.isoformat())
    return Parsed(None, "date_invalid", _example(None))


def _example(context: Context | None) -> str:
    year = context.period_year if context and context.period_year else words()["years"]["first"]
    return f"{year}-03-05"


def parse_date(cell: Cell, context: Context) -> Parsed:
    """A day. A range gives its first day, a missing year that of the period, each with a note."""
    if isinstance(cell, datetime):
        return _checked(cell.year, cell.month, cell.day, False)
    if isinstance(cell, date):
        return _checked(cell.year, cell.month, cell.day, False)
    if isinstance(cell, (bool, time, timedelta)):
        return Parsed(None, "date_invalid", _example(context))
    if isinstance(cell, (int, float)):
        return _from_number(float(cell), context)
    text = compact(_TIME_OF_DAY.sub("", cell))
    if is_missing(text):
        return BLANK
    parsed = _from_text(text, context)
    if parsed is not None:
        return parsed
    if text.isdigit() and len(text) == 5:
        return _from_number(float(text), context)
    bare = _CLOCK.sub("", _WEEKDAY.sub("", text))
    parsed = _from_text(bare, context) if bare != text else None
    if parsed is None:
        match = _RANGE.fullmatch(bare)
        parsed = _from_text(match[1], context) if match else None
    if parsed is None:
        return Parsed(None, "date_invalid", _example(context))
    return Parsed(parsed.value, "value_repaired", str(parsed.value)) if parsed.value else parsed


def parse_year(cell: Cell, context: Context) -> Parsed:
    """A year of four digits within the plausible years."""
    known = words()["years"]
    if isinstance(cell, (bool, time, timedelta)):
        return Parsed(None, "year_invalid", str(context.period_year or known["first"]))
    if isinstance(cell, date):
        return Parsed(cell.year, "value_repaired", str(cell.year))
    text = compact(cell) if isinstance(cell, str) else format(cell, ".15g")
    if is_missing(text):
        return BLANK
    digits = re.sub(r"年度?$", "", text)
    if not re.fullmatch(r"\d{4}", digits) or not known["first"] <= int(digits) <= known["last"]:
        return Parsed(None, "year_invalid", str(context.period_year or known["first"]))
    if isinstance(cell, str) and digits != trim(cell):
        return Parsed(int(digits), "value_repaired", digits)
    return Parsed(int(digits))


def parse_period(cell: Cell, _context: Context) -> Parsed:
    """A quarter as ``2026-Q3``; 2026年第三季度 and the like are understood with a note."""
    text = compact(cell) if isinstance(cell, str) else ""
    if isinstance(cell, str) and is_missing(text):
        return BLANK
    match = _PERIOD.fullmatch(text.lower())
    if match is None:
        return Parsed(None, "period_invalid", "2026-Q3")
    quarter = match[2] or str("一二三四".find(match[3]) + 1 or match[3])
    value = f"{match[1]}-Q{quarter}"
    if _PERIOD_CANONICAL.fullmatch(trim(str(cell))):
        return Parsed(value)
    return Parsed(value, "value_repaired", value)


def period_bounds(period: str) -> tuple[date, date] | None:
    """First and last day of ``2026-Q3``; None for anything else, such as a notice."""
    if not _PERIOD_CANONICAL.fullmatch(period):
        return None
    year, quarter = int(period[:4]), int(period[6])
    following = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return date(year, quarter * 3 - 2, 1), following - timedelta(days=1)


def period_of(day: date) -> str:
    """The quarter of ``day``, such as ``2026-Q3``."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def is_period(text: str) -> bool:
    """Whether ``text`` is a quarter as the product writes it, such as ``2026-Q3``."""
    return _PERIOD_CANONICAL.fullmatch(text) is not None
