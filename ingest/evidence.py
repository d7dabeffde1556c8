"""What else in a file tells for whom and for when it reports: its name, titles, the template's mark, its dates.

The cover decides; what speaks against it shows that a clerk took the wrong file, copied the last one, or put two
reports into one. A report is never taken apart by guessing: the file is put aside and both readings are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from ingest.dates import period_bounds, period_of
from ingest.forms import Form
from ingest.identity import Identity
from ingest.issues import Issue, make_issue
from ingest.locate import Located
from ingest.names import match_key, place_names, siblings, unit_key
from ingest.records import SheetRecords
from ingest.registers import Registers
from ingest.settings import checks
from ingest.text import address, compact

_QUARTER = re.compile(
    r"(?:(?P<year>20\d{2})年?度?[-_./]?)?"
    r"(?:第?(?P<numeral>[一二三四1-4])季度?|(?<![a-z])q(?P<letter>[1-4])(?!\d)|(?P<first>1|4|7|10)[-~—–至到](?P<last>3|6|9|12)月)"
)
_UNIT_CODE = re.compile(r"(?<!\d)\d{9}(?!\d)")


def stated_periods(text: str) -> list[tuple[str, str | None, int]]:
    """(as written, year or None, quarter) of every quarter that ``text`` names: 2025年第二季度, Q2, 4-6月."""
    found = []
    for match in _QUARTER.finditer(compact(text).lower()):
        numeral = match["numeral"] or match["letter"]
        if numeral:
            quarter = "一二三四".find(numeral) + 1 or int(numeral)
        elif int(match["last"]) - int(match["first"]) == 2:
            quarter = int(match["last"]) // 3
        else:
            continue
        found.append((match.group(), match["year"], quarter))
    return found


def other_period(text: str, period: str) -> str | None:
    """The quarter that ``text`` names beside ``period``; None when it names none, or ``period`` among others."""
    if period_bounds(period) is None:
        return None
    stated = stated_periods(text)
    if any(quarter == int(period[6]) and year in (None, period[:4]) for _, year, quarter in stated):
        return None
    return stated[0][0] if stated else None


def other_unit(text: str, unit_code: str, registers: Registers) -> str | None:
    """The other unit that ``text`` names by code or name; None when it names none, or the unit itself."""
    key = match_key(text)
    codes = [code for code in _UNIT_CODE.findall(compact(text)) if code in registers.unit_names]
    if unit_code in codes:
        return None
    if codes and len(unit_code) == len(codes[0]):
        return str(codes[0])
    places = place_names(unit_code, registers)
    # A street is called 街 as often as 街道.
    ending = "街" if len(unit_code) == 9 else ""

    def spoken(name: str) -> str:
        return unit_key(name, places) + ending if ending else match_key(name)

    near = {code: spoken(name) for code, name in siblings(unit_code, registers).items()}
    named = [code for code, name in near.items() if len(name) > 1 and name in key]
    return registers.unit_names[named[0]] if named and unit_code not in named else None


def _contradiction(text: str, identity: Identity, registers: Registers) -> str | None:
    if not identity.unit_code or not identity.period:
        return None
    unit = other_unit(text, identity.unit_code, registers)
    return unit or other_period(text, identity.period)


def _cover_says(identity: Identity, registers: Registers) -> str:
    name = registers.unit_names.get(identity.unit_code or "", identity.unit_code or "")
    return f"{name} {identity.period}"


def file_name_issue(file_name: str, identity: Identity, registers: Registers) -> Issue | None:
    """A file name that names another unit or period than the cover; only the words that do are quoted."""
    other = _contradiction(file_name.rpartition(".")[0] or file_name, identity, registers)
    return make_issue("file_name_contradicts", raw=other, expected=_cover_says(identity, registers)) if other else None


def template_issue(located: Located, identity: Identity) -> Issue | None:
    """A template that was made for another unit or period: likely the workbook of someone else, or the last one."""
    pairs = ((located.meta.get("unit_code"), identity.unit_code), (located.meta.get("period"), identity.period))
    for made_for, stated in pairs:
        if made_for and stated and made_for != stated:
            return make_issue("template_of_other", raw=made_for, expected=stated)
    return None


def title_issues(located: Located, identity: Identity, registers: Registers) -> list[Issue]:
    """Titles above a table that name another unit or period than the cover."""
    issues = []
    for entity, sheet in located.sheets.items():
        if not sheet.sheet.is_list or sheet.header_row is None:
            continue
        for row, column, text in sheet.titles:
            other = _contradiction(text, identity, registers)
            if other:
                says, cell = _cover_says(identity, registers), address(row, column)
                name = sheet.grid.name
                issues.append(
                    make_issue("title_contradicts", sheet=name, cell=cell, raw=other, expected=says, entity=entity)
                )
    return issues


def second_report(
    form: Form, sheets: Mapping[str, SheetRecords], identity: Identity, registers: Registers
) -> Issue | None:
    """A second table below the first one, with a title or dates of another unit or period: two reports in one file."""
    for entity, sheet in sheets.items():
        for table in sheet.further_tables:
            named = [
                (row, column, other)
                for row, column, text in table.titles
                if (other := _contradiction(text, identity, registers))
            ]
            dated = _other_quarter(_days(form, entity, sheet, from_row=table.header_row + 1), identity)
            if named or dated:
                row, column, other = named[0] if named else (table.header_row, 0, dated)
                says = f"“{sheet.located.grid.name}”表里有两张表：{_cover_says(identity, registers)} 和 {other}"
                name, cell = sheet.located.grid.name, address(row, column)
                return make_issue("two_reports", sheet=name, cell=cell, raw=other, expected=says, entity=entity)
    return None


def _days(form: Form, entity: str, sheet: SheetRecords, from_row: int = 0) -> list[date]:
    """Days of the events of one sheet below row ``from_row`` (counted from 1)."""
    name = checks()["event_dates"].get(form.code, {}).get(entity)
    if name is None:
        return []
    days = (record.values.get(name) for record in sheet.records if record.row > from_row)
    return [day for day in days if day is not None]


def _other_quarter(days: Iterable[date], identity: Identity) -> str | None:
    """The one other quarter in which all ``days`` lie."""
    quarters = {period_of(day) for day in days}
    other = quarters - {identity.period}
    return other.pop() if len(quarters) == len(other) == 1 else None


def events_issue(form: Form, sheets: Mapping[str, SheetRecords], identity: Identity) -> Issue | None:
    """All events of the report lie in one other quarter: the last report with a new cover."""
    if period_bounds(identity.period or "") is None:
        return None
    days = [day for entity, sheet in sheets.items() for day in _days(form, entity, sheet)]
    other = _other_quarter(days, identity) if len(days) >= checks()["other_period_from"] else None
    return make_issue("events_of_other_period", raw=other, expected=identity.period or "") if other else None
