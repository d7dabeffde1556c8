"""Headers as clerks write them, matched to the fields of a form: stars, brackets, spaces, aliases."""

from __future__ import annotations

import re
from functools import cache

from ingest.forms import Field, Form, Sheet, load_forms
from ingest.settings import word_pattern, words
from ingest.text import compact

_MARKS = re.compile(r"\((?:必填|选填|可选|必报)\)|[*:;。]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_UNIT_STATED = re.compile(r"单位[:为是]?\(?((?:人民币)?(?:亿元|万元|千元|百元|元(?![旦宵])))")
_UNIT_IN_HEADER = re.compile(r"[(/:,\-\[]?(?:单位[:]?)?(亿元|万元|千元|百元|元)[)\]]?$")


def normal_header(text: str) -> str:
    """Header without what varies: width, spaces, stars, colons, 必填 marks, case."""
    return _MARKS.sub("", compact(text)).lower()


def short_header(text: str) -> str:
    """``normal_header`` without anything in brackets and without a money unit at its end."""
    short = _BRACKETS.sub("", normal_header(text))
    return _UNIT_IN_HEADER.sub("", short)


def stated_money_unit(text: str) -> str | None:
    """Money unit that a header or a corner note states, e.g. ``万元``; None when it states none."""
    normal = _MARKS.sub("", compact(text))
    found = _UNIT_STATED.search(normal) or _UNIT_IN_HEADER.search(normal)
    return found.group(1).removeprefix("人民币") if found else None


class HeaderIndex:
    """Finds the field that a header text means; remembers every text it has seen."""

    def __init__(self, sheet: Sheet) -> None:
        """Index the headers and aliases of ``sheet``."""
        self.sheet = sheet
        self._by_text: dict[str, Field] = {}
        shorts: dict[str, set[str]] = {}
        for field in sheet.fields:
            for name in (field.header_zh, *field.aliases):
                self._by_text.setdefault(normal_header(name), field)
                shorts.setdefault(short_header(name), set()).add(field.name)
        for name, fields in shorts.items():
            # A shortened header that two fields share says nothing.
            if len(fields) == 1:
                self._by_text.setdefault(name, sheet.field(next(iter(fields))))
        self._seen: dict[str, Field | None] = {}

    def field(self, text: str) -> Field | None:
        """The field that ``text`` names, or None."""
        try:
            return self._seen[text]
        except KeyError:
            found = self._by_text.get(normal_header(text)) or self._by_text.get(short_header(text))
            if len(self._seen) < 5000:
                self._seen[text] = found
            return found


@cache
def header_index(form_code: str, entity: str) -> HeaderIndex:
    """The index of one sheet of one form."""
    return HeaderIndex(load_forms()[form_code].sheet(entity))


def is_ignored_header(text: str) -> bool:
    """Whether a header is no field but needs no remark, such as 序号."""
    return normal_header(text) in words()["ignored_headers"]


def normal_sheet_name(name: str) -> str:
    """Sheet name without width and space variants."""
    return compact(name).lower()


def core_sheet_name(name: str) -> str:
    """Sheet name without numbering (附表7) before it and 表, 台账, (2) behind it."""
    core = word_pattern("sheet_name_before").sub("", normal_sheet_name(name))
    return word_pattern("sheet_name_after").sub("", core, count=1)


@cache
def sheet_names(form_code: str) -> dict[str, str]:
    """Entity by every name under which a sheet of the form is known; exact names win over shortened ones."""
    form: Form = load_forms()[form_code]
    found: dict[str, str] = {}
    for sheet in form.sheets:
        found[normal_sheet_name(sheet.name_zh)] = sheet.entity
    for sheet in form.sheets:
        for name in (sheet.title_zh, *sheet.aliases):
            found.setdefault(normal_sheet_name(name), sheet.entity)
    for sheet in form.sheets:
        for name in (sheet.name_zh, sheet.title_zh, *sheet.aliases):
            found.setdefault(core_sheet_name(name), sheet.entity)
    found.pop("", None)
    return found
