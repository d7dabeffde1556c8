"""Workbook of any form: blank for a clerk to fill in, or filled with given rows.

The layout is the one of the forms (title, headers with ``*``, key-value sheets with the header in A and the value in
B), the same input gives the same bytes, and nothing in here knows a form, a sheet or a field by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from ingest import template_layout as layout
from ingest import template_package as package
from ingest.forms import Field, Form, Sheet, load_code_lists
from ingest.template_package import Formula

__all__ = ["Formula", "Rows", "write_workbook"]

Rows = Mapping[str, Sequence[Mapping[str, object]]]

#: Two runs must give the same bytes, so the creation date says nothing.
CREATED_AT = datetime(2026, 1, 1)
FONT = {"font_name": "等线", "font_size": 11}
TAB_COLOURS = {"key_value": "#2E75B6", "register": "#548235", "event": "#C55A11"}
TITLE_STYLE = {"font_name": "等线", "font_size": 14, "bold": True, "align": "center", "valign": "vcenter"}
HEADER_STYLE = {**FONT, "bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
HEADER_COLOURS = {True: {"bg_color": "#C00000", "font_color": "#FFFFFF"}, False: {"bg_color": "#D9E2F3"}}
GUIDE_HEADERS = ("工作表", "栏目", "是否必填", "类型", "填写要求")
GUIDE_WIDTHS = (16, 28, 10, 18, 90)
NOTE_STYLE = {"x_scale": 1.6, "y_scale": 0.8, "font_size": 9}
META_KEYS = ("form", "template_version", "unit_code", "period")
LAYOUT_LABELS = {
    "key_value": "每项填在B列。",
    "register": "登记表：列出期末在册的全部记录，每条一行。",
    "event": "台账：只列本期发生的记录，每条一行；本期没有的留空。",
}


class _Book:
    """One workbook being written: the formats it shares and the ranges of its drop-down lists."""

    def __init__(self, form: Form, target: BytesIO) -> None:
        options = {"in_memory": True, "strings_to_numbers": False, "strings_to_urls": False}
        self.form = form
        self.book = xlsxwriter.Workbook(target, options)
        self.book.set_properties({"created": CREATED_AT, "title": form.name_zh, "author": "", "comments": ""})
        self.title = self.book.add_format(TITLE_STYLE)
        self.header = {r: self.book.add_format({**HEADER_STYLE, **HEADER_COLOURS[r]}) for r in (True, False)}
        self.label = {
            r: self.book.add_format({**HEADER_STYLE, **HEADER_COLOURS[r], "align": "left"}) for r in (True, False)
        }
        self.wrapped = self.book.add_format({**FONT, "text_wrap": True, "valign": "top", "border": 1})
        self.section = self.book.add_format(
            {**FONT, "bold": True, "bg_color": "#D9E2F3", "text_wrap": True, "border": 1}
        )
        self._bodies: dict[tuple[str, str, bool], Format] = {}

    def body(self, field: Field, *, boxed: bool = False) -> Format:
        """Format of the values of ``field``; fields of one look share one."""
        style = layout.load_type_styles()[field.type]
        key = (style.number_format, "left" if boxed else style.align, boxed)
        if key not in self._bodies:
            settings = {**FONT, "num_format": key[0], "align": key[1], "border": 1 if boxed else 0}
            self._bodies[key] = self.book.add_format(settings)
        return self._bodies[key]


@cache
def _list_columns(form: Form) -> dict[str, str]:
    """Hidden range of each code list that ``form`` uses, e.g. ``'_lists'!$C$1:$C$7``; also the order of the columns."""
    used = dict.fromkeys(field.code_list for sheet in form.sheets for field in sheet.fields if field.code_list)
    lengths = {name: len(load_code_lists()[name]) for name in used}
    letters = ((name, xl_col_to_name(column)) for column, name in enumerate(used))
    return {name: f"'{layout.LISTS_SHEET}'!${letter}$1:${letter}${lengths[name]}" for name, letter in letters}


@cache
def _validations(form: Form) -> dict[tuple[str, str], dict[str, Any]]:
    """Validation settings by entity and field; computed once, since a thousand workbooks share them."""
    ranges = _list_columns(form)
    return {
        (sheet.entity, field.name): layout.validation(
            form, field, ranges, layout.hint_text(form, field, load_code_lists())
        )
        for sheet in form.sheets
        for field in sheet.fields
    }


def _validate(target: Worksheet, area: tuple[int, int, int, int], settings: Mapping[str, Any]) -> None:
    # xlsxwriter changes the settings it is given.
    if target.data_validation(*area, dict(settings)) != 0:
        raise ValueError(f"xlsxwriter refuses the validation of {settings['input_title']}")


def _write_title(book: _Book, target: Worksheet, text: str, last_column: int) -> None:
    """Row 1: one title over all columns (a single cell cannot be merged)."""
    if last_column:
        target.merge_range(0, 0, 0, last_column, text, book.title)
    else:
        target.write_string(0, 0, text, book.title)


def _write_guide(book: _Book) -> None:
    """The guide: what each sheet wants, and for each field its type, whether it is required and what is allowed."""
    target = book.book.add_worksheet(layout.GUIDE_SHEET)
    _write_title(book, target, f"{book.form.name_zh} {layout.GUIDE_SHEET}", len(GUIDE_HEADERS) - 1)
    target.set_row(0, 30)
    for column, (text, width) in enumerate(zip(GUIDE_HEADERS, GUIDE_WIDTHS, strict=True)):
        target.set_column(column, column, width)
        target.write_string(1, column, text, book.header[False])
    for row, line in enumerate(_guide_lines(book.form), start=2):
        shape = book.wrapped if line[1] else book.section
        for column, text in enumerate(line):
            target.write_string(row, column, text, shape)
    target.freeze_panes(2, 0)
    target.hide_gridlines(2)
    _prepare_print(target, repeat=1)


@cache
def _guide_lines(form: Form) -> tuple[tuple[str, ...], ...]:
    styles = layout.load_type_styles()
    lines: list[tuple[str, ...]] = []
    for sheet in form.sheets:
        lines.append((sheet.name_zh, "", "", "", f"{LAYOUT_LABELS[sheet.layout]}{sheet.guide_zh}"))
        for field in sheet.fields:
            need = "必填" if field.is_required else "选填"
            hint = layout.hint_text(form, field, load_code_lists())
            lines.append((sheet.name_zh, layout.header_text(field), need, styles[field.type].label_zh, hint))
    return tuple(lines)


def _prepare_print(target: Worksheet, *, repeat: int) -> None:
    """A4 across, one page wide, the header on every page."""
    target.set_landscape()
    target.set_paper(9)
    target.fit_to_pages(1, 0)
    target.repeat_rows(0, repeat)


def _write_list_sheet(book: _Book, sheet: Sheet) -> None:
    """A register or event sheet: title, headers, and prepared columns below them."""
    target = book.book.add_worksheet(sheet.name_zh)
    target.set_tab_color(TAB_COLOURS[sheet.layout])
    last = len(sheet.fields) - 1
    target.set_row(layout.TITLE_ROW - 1, 30)
    target.set_row(layout.HEADER_ROW - 1, 34)
    _write_title(book, target, sheet.title_zh, last)
    styles = layout.load_type_styles()
    rules = _validations(book.form)
    first_row, last_row = layout.FIRST_RECORD_ROW - 1, layout.FIRST_RECORD_ROW + layout.PREPARED_RECORDS - 2
    for column, field in enumerate(sheet.fields):
        header = layout.header_text(field)
        rule = rules[sheet.entity, field.name]
        target.set_column(column, column, max(styles[field.type].width, len(header) * 1.6 + 2), book.body(field))
        target.write_string(layout.HEADER_ROW - 1, column, header, book.header[field.is_required])
        target.write_comment(layout.HEADER_ROW - 1, column, rule["input_message"], NOTE_STYLE)
        _validate(target, (first_row, column, last_row, column), rule)
    # Codes are text on purpose: no green corner on each of them.
    target.ignore_errors({"number_stored_as_text": f"A{first_row + 1}:{xl_col_to_name(last)}{last_row + 1}"})
    target.freeze_panes(layout.FIRST_RECORD_ROW - 1, 1)
    _prepare_print(target, repeat=layout.HEADER_ROW - 1)


def _write_key_value_sheet(book: _Book, sheet: Sheet) -> None:
    """A sheet with one record: the header in column A, the (still blank) value in column B."""
    target = book.book.add_worksheet(sheet.name_zh)
    target.set_tab_color(TAB_COLOURS[sheet.layout])
    target.set_column(0, 0, 30)
    target.set_column(1, 1, 42)
    target.set_row(0, 30)
    _write_title(book, target, sheet.title_zh, 1)
    rules = _validations(book.form)
    for row, field in enumerate(sheet.fields, start=layout.FIRST_LINE_ROW - 1):
        rule = rules[sheet.entity, field.name]
        target.write_string(row, 0, layout.header_text(field), book.label[field.is_required])
        target.write_comment(row, 0, rule["input_message"], NOTE_STYLE)
        target.write_blank(row, 1, None, book.body(field, boxed=True))
        _validate(target, (row, 1, row, 1), rule)
    target.ignore_errors({"number_stored_as_text": f"B2:B{len(sheet.fields) + 1}"})
    target.freeze_panes(1, 0)
    target.hide_gridlines(2)


def _write_lists(book: _Book) -> None:
    """The hidden sheet with the values of the drop-down lists, one column per list."""
    target = book.book.add_worksheet(layout.LISTS_SHEET)
    for column, name in enumerate(_list_columns(book.form)):
        target.write_column(0, column, load_code_lists()[name])
    target.hide()


def _write_meta(book: _Book) -> None:
    """The very hidden sheet that says what the workbook is, whatever the clerk does to the rest; values still blank."""
    target = book.book.add_worksheet(layout.META_SHEET)
    for row, key in enumerate(META_KEYS):
        target.write_string(row, 0, key)
        target.write_blank(row, 1, None, book.wrapped)
    target.very_hidden()


@dataclass(frozen=True)
class _Blank:
    """The blank workbook of a form in parts: by package name what never changes, by entity what takes values."""

    fixed: Mapping[str, package.Part]
    order: tuple[str, ...]
    lists: Mapping[str, package.ListPart]
    key_values: Mapping[str, package.KeyValuePart]


def _list_part(book: _Book, sheet: Sheet, name: str, xml: str) -> package.ListPart:
    letters = package.column_letters(len(sheet.fields))
    columns = tuple(
        (field.name, letter, book.body(field).xf_index) for field, letter in zip(sheet.fields, letters, strict=True)
    )
    return package.ListPart(name, xml, columns, layout.FIRST_RECORD_ROW)


def _key_value_part(book: _Book, sheet: Sheet, name: str, xml: str) -> package.KeyValuePart:
    slots = [
        (field.name, f"B{row}", book.body(field, boxed=True).xf_index)
        for row, field in enumerate(sheet.fields, start=layout.FIRST_LINE_ROW)
    ]
    return package.key_value_part(name, xml, slots)


@lru_cache(maxsize=256)
def _blank(form: Form) -> _Blank:
    """Write the blank workbook of ``form`` with xlsxwriter and take it apart."""
    target = BytesIO()
    book = _Book(form, target)
    _write_guide(book)
    for sheet in form.sheets:
        (_write_list_sheet if sheet.is_list else _write_key_value_sheet)(book, sheet)
    _write_lists(book)
    _write_meta(book)
    # The file opens on the cover, the guide is the tab to its left.
    book.book.worksheets()[1].activate()
    names = {sheet.get_name(): f"xl/worksheets/sheet{n}.xml" for n, sheet in enumerate(book.book.worksheets(), 1)}
    book.book.close()
    files = package.read_zip(target.getvalue())
    fixed = {name: package.pack(name, content) for name, content in files.items()}
    texts = {sheet.entity: (names[sheet.name_zh], files[names[sheet.name_zh]].decode()) for sheet in form.sheets}
    lists = {s.entity: _list_part(book, s, *texts[s.entity]) for s in form.sheets if s.is_list}
    key_values = {s.entity: _key_value_part(book, s, *texts[s.entity]) for s in form.sheets if not s.is_list}
    meta = names[layout.META_SHEET]
    slots = [(key, f"B{row}", book.wrapped.xf_index) for row, key in enumerate(META_KEYS, start=1)]
    key_values[layout.META_SHEET] = package.key_value_part(meta, files[meta].decode(), slots)
    return _Blank(fixed, tuple(files), lists, key_values)


def _cover_values(form: Form, meta: Mapping[str, object], unit_name: str) -> dict[str, object]:
    """What we know of the cover before the clerk opens it."""
    known: dict[str, object] = {
        "template_version": meta["template_version"],
        form.unit_field: meta["unit_code"],
        form.period_field: meta["period"],
    }
    if form.unit_name_field:
        known[form.unit_name_field] = unit_name
    return {name: value for name, value in known.items() if any(f.name == name for f in form.cover.fields)}


def _refuse_strangers(form: Form, rows: Rows) -> None:
    for entity, records in rows.items():
        names = {field.name for field in form.sheet(entity).fields}
        strange = {name for record in records for name in record} - names
        if strange:
            raise KeyError(f"{form.code}.{entity} has no fields {sorted(strange)}")


def write_workbook(form: Form, *, unit_code: str, unit_name: str, period: str, rows: Rows | None = None) -> bytes:
    """Workbook of ``form`` for one unit and period (or notice), as the bytes of an ``.xlsx`` file.

    ``rows`` maps an entity to its records (field -> value; dates as ``date``, yes and no as ``bool``, several codes as
    a list, ``Formula``, anything else as it shall stand in the cell); a key-value sheet takes the first record. Unknown
    entities or fields raise KeyError, values that no cell can hold TypeError. What is given for the cover wins over
    what is prefilled. The same arguments give the same bytes.
    """
    filled = rows or {}
    _refuse_strangers(form, filled)
    meta = {"form": form.code, "template_version": form.template_version, "unit_code": unit_code, "period": period}
    blank = _blank(form)
    parts = dict(blank.fixed)
    for entity, list_part in blank.lists.items():
        if filled.get(entity):
            parts[list_part.name] = list_part.fill(filled[entity])
    records: dict[str, Mapping[str, object]] = {entity: (filled.get(entity) or ({},))[0] for entity in blank.key_values}
    records[form.cover.entity] = {**_cover_values(form, meta, unit_name), **records[form.cover.entity]}
    records[layout.META_SHEET] = meta
    for entity, part in blank.key_values.items():
        parts[part.name] = part.fill(records[entity])
    return package.write_zip(parts[name] for name in blank.order)
