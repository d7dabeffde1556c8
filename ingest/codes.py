"""Codes: list values, yes and no, credit codes, unit and community codes. Codes are text, always."""

from __future__ import annotations

import re
from functools import cache

from ingest.cells import Cell
from ingest.forms import load_code_lists
from ingest.parsed import BLANK, Context, Parsed, is_missing, show
from ingest.settings import word_set
from ingest.text import compact, trim

_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_TYPED_NUMBER = re.compile(r"(?<=\d)\.0+$")
#: A street, district, city or province code filled up with zeros to twelve digits.
_FILLED_UP = re.compile(r"^(?:(\d{6}(?!000)\d{3})000|(\d{4}(?!00)\d{2})0{6}|(\d{2}(?!00)\d{2})0{8}|(\d{2})0{10})$")
_SEPARATOR = re.compile(r"[、;,，；/|\n]")
#: GB 32100-2015: characters without I, O, S, V, Z, and the weight of each of the first 17 places.
_USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE = {character: value for value, character in enumerate(_USCC_CHARACTERS)}
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_USCC_SHAPE = re.compile(rf"[{_USCC_CHARACTERS}]{{2}}\d{{6}}[{_USCC_CHARACTERS}]{{10}}")
_UNIT_CODE_LENGTHS = (2, 4, 6, 9)
#: How many values of a code list a message names.
_SHOWN_VALUES = 20


def _code_text(cell: Cell) -> str:
    """A code as text; a number loses its ``.0``, a text the quote that keeps Excel from changing it."""
    return _TYPED_NUMBER.sub("", compact(cell).strip("'\"`‘’“”")) if isinstance(cell, str) else show(cell)


def _place_code(cell: Cell) -> str:
    """A code of a place; the statistics bureau writes all of them with twelve digits, filled up with zeros."""
    text = _code_text(cell).upper()
    return _FILLED_UP.sub(lambda found: found[1] or found[2] or found[3] or found[4], text)


def _has_lost_digits(cell: Cell, text: str) -> bool:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return abs(cell) >= 1e15 or not float(cell).is_integer()
    return _SCIENTIFIC.fullmatch(text) is not None


def _repaired(value: str, cell: Cell) -> Parsed:
    """A note when more than outer spaces had to change; a code typed as a number is restored without a word."""
    if (trim(cell) if isinstance(cell, str) else show(cell)) != value:
        return Parsed(value, "value_repaired", value)
    return Parsed(value)


def parse_boolean(cell: Cell, _context: Context) -> Parsed:
    """是 or 否."""
    if isinstance(cell, bool):
        return Parsed(cell, "value_repaired", "是" if cell else "否")
    text = _code_text(cell)
    if text == "是":
        return Parsed(True)
    if text == "否":
        return Parsed(False)
    low = text.lower()
    if low in word_set("is_true"):
        return Parsed(True, "value_repaired", "是")
    if low in word_set("is_false"):
        return Parsed(False, "value_repaired", "否")
    return BLANK if is_missing(text) else Parsed(None, "boolean_invalid")


@cache
def _allowed(code_list: str) -> dict[str, str]:
    """Canonical value by its compacted form."""
    return {compact(value): value for value in load_code_lists()[code_list]}


def _allowed_text(code_list: str) -> str:
    values = load_code_lists()[code_list]
    return "、".join(values[:_SHOWN_VALUES]) + ("……" if len(values) > _SHOWN_VALUES else "")


def parse_code(cell: Cell, _context: Context, code_list: str) -> Parsed:
    """One value of a code list."""
    allowed = _allowed(code_list)
    if isinstance(cell, str) and cell in allowed:
        return Parsed(allowed[cell])
    text = _code_text(cell)
    value = allowed.get(text)
    if value is not None:
        return _repaired(value, cell)
    return BLANK if is_missing(text) else Parsed(None, "code_unknown", _allowed_text(code_list))


def parse_code_list(cell: Cell, _context: Context, code_list: str) -> Parsed:
    """Several values of a code list, separated by 、 or ; or , and landed joined by 、."""
    raw = cell if isinstance(cell, str) else show(cell)
    if is_missing(compact(raw)):
        return BLANK
    allowed = _allowed(code_list)
    parts = [compact(part) for part in _SEPARATOR.split(raw) if compact(part)]
    if any(part not in allowed for part in parts):
        return Parsed(None, "code_unknown", _allowed_text(code_list))
    value = "、".join(dict.fromkeys(allowed[part] for part in parts))
    return Parsed(value) if set(_SEPARATOR.findall(raw)) <= set("、;,，；") else Parsed(value, "value_repaired", value)


def uscc_check_character(first: str) -> str:
    """Check character of the first 17 characters of a unified social credit code (GB 32100-2015)."""
    total = sum(_USCC_VALUE[character] * weight for character, weight in zip(first, _USCC_WEIGHTS, strict=True))
    return _USCC_CHARACTERS[(31 - total % 31) % 31]


def parse_uscc(cell: Cell, _context: Context) -> Parsed:
    """A unified social credit code of 18 characters with a right check character."""
    text = _code_text(cell).upper().replace("-", "") if not is_missing(_code_text(cell)) else ""
    if not text:
        return BLANK
    if _has_lost_digits(cell, text):
        return Parsed(None, "digits_lost")
    if len(text) != 18:
        return Parsed(None, "uscc_invalid", f"现有 {len(text)} 位")
    if not _USCC_SHAPE.fullmatch(text) or uscc_check_character(text[:17]) != text[17]:
        return Parsed(None, "uscc_invalid", "校验位不符")
    return _repaired(text, cell)


def parse_phone_tail(cell: Cell, _context: Context) -> Parsed:
    """The last four digits of a phone number; a number that lost its leading zeros gets them back."""
    text = _code_text(cell)
    if is_missing(text):
        return BLANK
    if isinstance(cell, float | int) and text.isdigit() and len(text) < 4:
        return Parsed(text.zfill(4), "value_repaired", text.zfill(4))
    if not re.fullmatch(r"[0-9]{4}", text):
        return Parsed(None, "phone_tail_invalid")
    return _repaired(text, cell)


def parse_street_code(cell: Cell, context: Context) -> Parsed:
    """A known street code of 9 digits."""
    text = _place_code(cell)
    if is_missing(text):
        return BLANK
    if _has_lost_digits(cell, text):
        return Parsed(None, "digits_lost")
    if len(text) != 9 or text not in context.registers.unit_names:
        return Parsed(
            None, "street_code_invalid", next(code for code in context.registers.unit_names if len(code) == 9)
        )
    return _repaired(text, cell)


def parse_unit_code(cell: Cell, context: Context) -> Parsed:
    """A known unit code of 2, 4, 6 or 9 characters."""
    text = _place_code(cell)
    if is_missing(text):
        return BLANK
    if _has_lost_digits(cell, text):
        return Parsed(None, "digits_lost")
    if len(text) not in _UNIT_CODE_LENGTHS or text not in context.registers.unit_names:
        return Parsed(None, "unit_code_invalid")
    return _repaired(text, cell)


def parse_community_code(cell: Cell, context: Context) -> Parsed:
    """A known community code of 12 digits."""
    text = _code_text(cell)
    if is_missing(text):
        return BLANK
    if _has_lost_digits(cell, text):
        return Parsed(None, "digits_lost")
    if text not in context.registers.community_codes:
        return Parsed(None, "community_code_invalid")
    return _repaired(text, cell)
