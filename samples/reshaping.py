"""Mistakes in more than one cell: columns and sheets that are gone or called otherwise, merged cells, lines too many,
money in another unit, and reports of another quarter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from ingest.forms import Sheet
from ingest.settings import checks, words
from ingest.template_layout import HEADER_ROW, record_cell
from samples.mistakes import Draft, Finding, Mistake
from samples.street_context import Row

#: Below this many yuan a column of money is asked about; a sum in 万元 looks so.
SMALL_MONEY = 1_000_000
TEN_THOUSAND = 10_000
#: So many events show of which quarter a report is.
ENOUGH_EVENTS = 3
_FILE_PERIOD = re.compile(r"(\d{4})年第(\d)季度")


@cache
def variants() -> dict[int, str]:
    """Characters as other clerks write them, by the usual ones."""
    return {ord(usual): variant for variant, usual in words()["variant_characters"].items()}


def _found(mistake: Mistake, sheet: Sheet | None, cell: str | None = None) -> Finding:
    return Finding(sheet.name_zh if sheet else None, cell, mistake.issue_code, mistake.severity)


def _with_sheet(draft: Draft, sheet: Sheet, changed: Sheet | None) -> Draft:
    """The draft with a sheet as the clerk left it; None: without it."""
    sheets = [changed if one is sheet else one for one in draft.form.sheets]
    return replace(draft, form=replace(draft.form, sheets=tuple(one for one in sheets if one is not None)))


def _drop_sheet(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    sheet = draft.form.sheet(mistake.entity)
    others = {entity: rows for entity, rows in draft.workbook.items() if entity != mistake.entity}
    return replace(_with_sheet(draft, sheet, None), workbook=others).found(_found(mistake, sheet))


def _drop_column(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    sheet = draft.form.sheet(mistake.entity)
    kept = tuple(field for field in sheet.fields if field.name != mistake.field)
    rows = [{name: value for name, value in row.items() if name != mistake.field} for row in draft.rows(sheet.entity)]
    changed = _with_sheet(draft, sheet, replace(sheet, fields=kept)).with_rows(sheet.entity, rows)
    return changed.found(_found(mistake, sheet))


def _header_cell(sheet: Sheet, field: str) -> str:
    return re.sub(r"\d+$", str(HEADER_ROW), record_cell(sheet, field))


def _with_header(draft: Draft, sheet: Sheet, field: str, header: str) -> Draft:
    fields = tuple(replace(one, header_zh=header) if one.name == field else one for one in sheet.fields)
    return _with_sheet(draft, sheet, replace(sheet, fields=fields))


def _rename_column(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    """A header that no one knows: the column is missing, and one is there that is not of the form."""
    sheet = draft.form.sheet(mistake.entity)
    stranger = Finding(sheet.name_zh, _header_cell(sheet, mistake.field), "column_unknown", "note")
    return _with_header(draft, sheet, mistake.field, mistake.value).found(_found(mistake, sheet), stranger)


def _rename_sheet(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    sheet = draft.form.sheet(mistake.entity)
    changed = replace(sheet, name_zh=mistake.value + sheet.name_zh)
    return _with_sheet(draft, sheet, changed).found(_found(mistake, changed))


def _merge(draft: Draft, mistake: Mistake, at: int) -> Draft:
    """Two equal cells below each other become one."""
    sheet, rows = draft.form.sheet(mistake.entity), list(draft.rows(mistake.entity))
    rows[at] = {**rows[at], mistake.field: None}
    top, bottom = (record_cell(sheet, mistake.field, place) for place in (at - 1, at))
    merged = (*draft.merged, (sheet.name_zh, f"{top}:{bottom}"))
    return replace(draft.with_rows(sheet.entity, rows), merged=merged).found(_found(mistake, sheet, top))


def _with_lines(draft: Draft, mistake: Mistake, lines: Sequence[Row], field: str) -> Draft:
    """More lines below the last one; what they cause is found in the first of them, in the column of ``field``."""
    sheet, rows = draft.form.sheet(mistake.entity), draft.rows(mistake.entity)
    cell = record_cell(sheet, field, len(rows))
    return draft.with_rows(sheet.entity, [*rows, *lines]).found(_found(mistake, sheet, cell))


def _duplicate_row(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    return _with_lines(draft, mistake, draft.rows(mistake.entity)[:1], mistake.field)


def _add_line(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    """A signature or a note right below the table."""
    return _with_lines(draft, mistake, [{mistake.field: mistake.value}], mistake.field)


def _wrong_total(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    """A line of totals that is one too many."""
    sheet, rows = draft.form.sheet(mistake.entity), draft.rows(mistake.entity)
    first = sheet.fields[0].name
    total = 1 + sum(row[mistake.field] or 0 for row in rows)
    note = Finding(sheet.name_zh, record_cell(sheet, first, len(rows)), "rows_dropped", "note")
    return _with_lines(draft, mistake, [{first: mistake.value, mistake.field: total}], mistake.field).found(note)


def _shorten(draft: Draft, mistake: Mistake, at: int) -> Draft:
    """The same unit once more under its short name, without its code."""
    row = draft.rows(mistake.entity)[at]
    short = {**row, mistake.field: str(row[mistake.field]).removesuffix(mistake.value), "uscc": None}
    return _with_lines(draft, mistake, [short], mistake.field)


def _second_role(draft: Draft, mistake: Mistake, at: int) -> Draft:
    """The same person once more as something else."""
    again = {**draft.rows(mistake.entity)[at], "person_kind": mistake.value}
    return _with_lines(draft, mistake, [again], mistake.field)


def _in_ten_thousands(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    """All amounts in 万元, said in the header or not."""
    sheet = draft.form.sheet(mistake.entity)
    rows = [{**row, mistake.field: row[mistake.field] / Decimal(TEN_THOUSAND)} for row in draft.rows(sheet.entity)]
    changed = draft.with_rows(sheet.entity, rows)
    if mistake.value:
        changed = _with_header(changed, sheet, mistake.field, sheet.field(mistake.field).header_zh + mistake.value)
    return changed.found(_found(mistake, sheet, _header_cell(sheet, mistake.field)))


def _quarter_before(day: date) -> date:
    months = day.year * 12 + day.month - 4
    return date(months // 12, months % 12 + 1, min(day.day, 28))


def _last_quarter(file: str) -> str:
    """The quarter before the one that a file is named after, as a clerk writes it."""
    found = _FILE_PERIOD.search(file)
    if found is None:
        raise ValueError(f"{file} names no quarter")
    year, quarter = int(found[1]), int(found[2])
    return f"{year - 1}年第4季度" if quarter == 1 else f"{year}年第{quarter - 1}季度"


def _title_of_last_quarter(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    sheet = draft.form.sheet(mistake.entity)
    changed = _with_sheet(draft, sheet, replace(sheet, title_zh=_last_quarter(draft.file) + mistake.value))
    return changed.found(_found(mistake, sheet, "A1"))


def _file_of_last_quarter(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    """The workbook under a name of the last quarter."""
    name = _FILE_PERIOD.sub(_last_quarter(draft.file), draft.file)
    stem, _, ending = name.rpartition(".")
    return replace(draft, file=f"{stem}{mistake.value}.{ending}").found(_found(mistake, None))


def _second_table(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    """Below the table that of the quarter before, with its title and header."""
    sheet, rows = draft.form.sheet(mistake.entity), draft.rows(mistake.entity)
    first = sheet.fields[0].name
    title: Row = {first: _last_quarter(draft.file)}
    header: Row = {field.name: field.header_zh for field in sheet.fields}
    old = [{**row, mistake.field: _quarter_before(row[mistake.field])} for row in rows]
    return _with_lines(draft, mistake, [title, header, *old], first)


def _events_of_last_quarter(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    """All that happened lies a quarter back: the last report under a new cover."""
    changed = draft
    for entity, name in checks()["event_dates"][draft.form.code].items():
        rows = [{**row, name: _quarter_before(row[name])} if row.get(name) else row for row in draft.rows(entity)]
        if rows:
            changed = changed.with_rows(entity, rows)
    return changed.found(_found(mistake, None))


def _name_for_code(draft: Draft, mistake: Mistake, _at: int) -> Draft:
    """The name of the unit where its code should stand."""
    sheet, cover = draft.form.cover, draft.rows(draft.form.cover.entity)[0]
    changed = draft.with_rows(sheet.entity, [{**cover, mistake.field: cover[str(draft.form.unit_name_field)]}])
    return changed.found(_found(mistake, sheet, record_cell(sheet, mistake.field)))


RESHAPING: dict[str, Callable[[Draft, Mistake, int], Draft]] = {
    "drop_sheet": _drop_sheet,
    "drop_column": _drop_column,
    "rename_column": _rename_column,
    "rename_sheet": _rename_sheet,
    "merge": _merge,
    "duplicate_row": _duplicate_row,
    "add_line": _add_line,
    "wrong_total": _wrong_total,
    "shorten": _shorten,
    "second_role": _second_role,
    "in_ten_thousands": _in_ten_thousands,
    "title_of_last_quarter": _title_of_last_quarter,
    "file_of_last_quarter": _file_of_last_quarter,
    "second_table": _second_table,
    "events_of_last_quarter": _events_of_last_quarter,
    "name_for_code": _name_for_code,
}

#: Records that an action can spoil where not every one will do.
COMBINED_CANDIDATES: dict[str, Callable[[Mistake, list[Row], int], bool]] = {
    "merge": lambda mistake, rows, at: at > 0 and rows[at][mistake.field] == rows[at - 1][mistake.field],
    "variant": lambda mistake, rows, at: rows[at][mistake.field] != rows[at][mistake.field].translate(variants()),
    "shorten": lambda mistake, rows, at: rows[at][mistake.field].endswith(mistake.value),
    "in_ten_thousands": lambda mistake, rows, _at: all(0 < row[mistake.field] < SMALL_MONEY for row in rows),
    "events_of_last_quarter": lambda _mistake, rows, _at: len(rows) >= ENOUGH_EVENTS,
}
