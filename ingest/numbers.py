"""Numbers as clerks write them: 12人, １２, 1,200, 十二, 约50, 1.5万元. Pure functions, one cell each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from ingest.cells import Cell
from ingest.parsed import BLANK, Context, Parsed, is_missing
from ingest.settings import word_set, words
from ingest.text import compact

_CHINESE = "[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟点]+"
_MULTIPLES = "百千万亿佰仟"
#: A double carries 15 decimal digits; beyond, Excel has already lost some.
_EXACT_BELOW = 1e15
_CENT = Decimal("0.01")
_TEN_THOUSANDTH = Decimal("0.0001")


@dataclass(frozen=True)
class Reading:
    """A number, and whether anything but plain digits had to be understood; ``unit`` is what stood behind it."""

    value: Decimal
    is_plain: bool
    unit: str = ""
    has_multiplier: bool = False
    is_estimate: bool = False

    @property
    def issue(self) -> str | None:
        """What must be noted about a number that was not written plainly."""
        return "value_estimated" if self.is_estimate else None if self.is_plain else "value_repaired"


def _alternatives(items: list[str]) -> str:
    return "|".join(re.escape(item) for item in sorted(items, key=len, reverse=True))


@cache
def _number_pattern() -> re.Pattern[str]:
    known = words()
    return re.compile(
        rf"(?:{_alternatives(known['number_beginnings'])})?"
        rf"(?P<before>{_alternatives(known['approximate_before'])})?"
        rf"(?:{_alternatives(known['currency_signs'])})?"
        r"(?P<sign>[+\-−])?"
        r"(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<fraction>\.\d+)?"
        rf"(?P<after1>{_alternatives(known['approximate_after'])})?"
        rf"(?P<multiplier>{_alternatives(list(known['multipliers']))})?"
        rf"(?P<after2>{_alternatives(known['approximate_after'])})?"
        rf"\(?(?P<unit>{_alternatives(known['number_units'])})?\)?"
        rf"(?:{_alternatives(known['number_endings'])})?"
        rf"(?P<after3>{_alternatives(known['approximate_after'])})?",
        re.IGNORECASE,
    )


@cache
def _numeral_pattern() -> re.Pattern[str]:
    known = words()
    after = _alternatives(known["approximate_after"])
    return re.compile(
        rf"(?:{_alternatives(known['number_beginnings'])})?"
        rf"(?P<before>{_alternatives(known['approximate_before'])})?"
        rf"(?P<numeral>{_CHINESE}?)(?P<after1>{after})?"
        rf"(?P<unit>{_alternatives(known['number_units'])})?(?:{_alternatives(known['number_endings'])})?"
        rf"(?P<after2>{after})?"
    )


def _chinese_number(text: str) -> Reading | None:
    match = _numeral_pattern().fullmatch(text)
    if match is None:
        return None
    import cn2an  # 0.1 s to load, and few workbooks need it

    is_estimate = any(match[name] for name in ("before", "after1", "after2"))
    # 百余人 leaves out the 一 of 一百; a bare 百 may be anything.
    numeral = "一" + match["numeral"] if is_estimate and match["numeral"][0] in _MULTIPLES else match["numeral"]
    try:
        value = cn2an.cn2an(numeral, "normal")
    except ValueError:
        return None
    return Reading(Decimal(str(value)), is_plain=False, unit=match["unit"] or "", is_estimate=is_estimate)


def read_number(cell: Cell) -> Reading | None:
    """The number that ``cell`` states, or None when it states none (or more than one)."""
    if isinstance(cell, (bool, date, time, timedelta)):
        return None
    if isinstance(cell, (int, float)):
        return Reading(Decimal(format(cell, ".15g")), is_plain=True) if abs(cell) < _EXACT_BELOW else None
    text = compact(cell)
    match = _number_pattern().fullmatch(text)
    if match is None:
        return _chinese_number(text)
    value = Decimal(match["digits"].replace(",", "") + (match["fraction"] or ""))
    if match["multiplier"]:
        value *= words()["multipliers"][match["multiplier"].lower()]
    if match["sign"] in ("-", "−"):
        value = -value
    is_plain = text == cell.strip() and re.fullmatch(r"\d+(\.\d+)?", text) is not None
    is_estimate = any(match[name] for name in ("before", "after1", "after2", "after3"))
    return Reading(value, is_plain, match["unit"] or "", bool(match["multiplier"]), is_estimate)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def parse_count(cell: Cell, _context: Context) -> Parsed:
    """A whole number >= 0; words for nothing mean 0, other missing words an empty cell."""
    if isinstance(cell, str):
        text = compact(cell)
        if text.lower() in word_set("zero_words"):
            return Parsed(0, "value_repaired", "0")
        if is_missing(text):
            return BLANK
    reading = read_number(cell)
    if reading is None or reading.value != reading.value.to_integral_value():
        return Parsed(None, "count_invalid")
    if reading.value < 0:
        return Parsed(None, "negative_value")
    if reading.value > words()["max_count"]:
        return Parsed(None, "count_invalid")
    value = int(reading.value)
    return Parsed(value) if reading.is_plain else Parsed(value, reading.issue, str(value))


def parse_decimal(cell: Cell, _context: Context) -> Parsed:
    """A number >= 0 with at most four decimal places kept (half up)."""
    if isinstance(cell, str) and is_missing(compact(cell)):
        return BLANK
    reading = read_number(cell)
    if reading is None or reading.value > words()["max_decimal"]:
        return Parsed(None, "decimal_invalid")
    if reading.value < 0:
        return Parsed(None, "negative_value")
    value = reading.value.quantize(_TEN_THOUSANDTH, ROUND_HALF_UP)
    return Parsed(value) if reading.is_plain else Parsed(value, reading.issue, _plain(value))


def parse_money(cell: Cell, _context: Context, factor: int = 1) -> Parsed:
    """An amount in yuan with two decimal places (half up).

    ``factor`` is what the column's stated unit is worth in yuan; a unit in the cell itself wins over it.
    """
    if isinstance(cell, str) and is_missing(compact(cell)):
        return BLANK
    reading = read_number(cell)
    if reading is None:
        return Parsed(None, "money_invalid")
    if reading.value < 0:
        return Parsed(None, "negative_value")
    states_unit = reading.has_multiplier or reading.unit.startswith(("元", "块"))
    value = (reading.value * (1 if states_unit else factor)).quantize(_CENT, ROUND_HALF_UP)
    if value > words()["max_decimal"]:
        return Parsed(None, "money_invalid")
    return Parsed(value) if reading.is_plain else Parsed(value, reading.issue, f"{_plain(value)} 元")
