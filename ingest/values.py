"""One cell to one typed value, by the type of its field. The table of parsers; the parsers stand by topic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from functools import cache, partial
from typing import TypeAlias

from ingest.cells import Cell
from ingest.codes import (
    parse_boolean,
    parse_code,
    parse_code_list,
    parse_community_code,
    parse_phone_tail,
    parse_street_code,
    parse_unit_code,
    parse_uscc,
)
from ingest.dates import is_period, parse_date, parse_period, parse_year
from ingest.forms import Field
from ingest.numbers import parse_count, parse_decimal, parse_money
from ingest.parsed import BLANK, Context, Parsed, is_missing, show
from ingest.settings import checks
from ingest.text import compact, trim

__all__ = ["PARSERS", "Parser", "is_period", "parse_name", "parse_text", "parser_for"]

Parser: TypeAlias = Callable[[Cell, Context], Parsed]


def _as_text(cell: Cell) -> Parsed | str:
    """A text cell, or what Excel made of it: a number without ``.0``, a date as it reads."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool) and abs(cell) >= 1e15:
        return Parsed(None, "digits_lost")
    if isinstance(cell, (date, time, timedelta)):
        return Parsed(show(cell), "value_repaired", show(cell))
    return show(cell)


def parse_text(cell: Cell, _context: Context) -> Parsed:
    """Free text without spaces at its ends; a word for nothing is an empty cell."""
    text = _as_text(cell)
    if isinstance(text, Parsed):
        return text
    return BLANK if is_missing(compact(text)) else Parsed(trim(text))


def parse_name(cell: Cell, _context: Context) -> Parsed:
    """A name in the one form in which names are joined: NFKC, no spaces, nothing invisible."""
    text = _as_text(cell)
    if isinstance(text, Parsed):
        return text
    name = compact(text)
    return BLANK if is_missing(name) else Parsed(name)


def _parse_known(cell: Cell, context: Context, register: str) -> Parsed:
    """A reference to a register outside the workbook: a stage or a clause."""
    parsed = parse_name(cell, context)
    known: frozenset[str] = getattr(context.registers, register)
    if parsed.value is None or parsed.value in known:
        return parsed
    shown = sorted(known)
    return Parsed(None, "reference_unknown", "、".join(shown[:6]) + ("……" if len(shown) > 6 else ""))


PARSERS: dict[str, Parser] = {
    "text": parse_text,
    "count": parse_count,
    "decimal": parse_decimal,
    "date": parse_date,
    "year": parse_year,
    "period": parse_period,
    "boolean": parse_boolean,
    "uscc": parse_uscc,
    "phone_tail": parse_phone_tail,
    "street_code": parse_street_code,
    "unit_code": parse_unit_code,
    "community_code": parse_community_code,
    "unit_ref": parse_name,
    "term_ref": parse_name,
    "leader_ref": parse_name,
    "stage_ref": partial(_parse_known, register="stage_codes"),
    "clause_ref": partial(_parse_known, register="clause_ids"),
}


@cache
def _named_endings() -> tuple[str, ...]:
    return tuple(checks()["name_endings"])


@cache
def parser_for(field: Field, money_factor: int = 1) -> Parser:
    """The parser of ``field``; ``money_factor`` is what its column's stated unit is worth in yuan.

    Raises KeyError on a type that no parser knows.
    """
    if field.type == "money":
        return partial(parse_money, factor=money_factor)
    if field.type in ("code", "code_list"):
        if field.code_list is None:
            raise KeyError(f"{field.name} is a {field.type} without a code list")
        return partial(parse_code if field.type == "code" else parse_code_list, code_list=field.code_list)
    if field.type == "text" and field.name.endswith(_named_endings()):
        return parse_name
    return PARSERS[field.type]
