"""Where things stand in a workbook that we wrote, and how each field type looks and is validated.

The look and the texts are data (``template_types.csv``); this module turns a line of it into the settings that
xlsxwriter wants. Nothing here knows a form, a sheet or a field by name.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from ingest.forms import Field, Form, Sheet
from ingest.template_package import YES_NO

#: Sheets of the workbook that belong to no form.
GUIDE_SHEET = "填报说明"
META_SHEET = "_meta"
LISTS_SHEET = "_lists"

#: Mark at the end of a required header.
REQUIRED_MARK = "*"

#: Excel row numbers (from 1): title; header and first record of a list sheet; first line of a key-value sheet.
TITLE_ROW = 1
HEADER_ROW = 2
FIRST_RECORD_ROW = 3
FIRST_LINE_ROW = 2
#: Records per list sheet for which drop-downs and checks are prepared.
PREPARED_RECORDS = 500

#: Limits of Excel for the texts of a validation.
TITLE_LIMIT = 32
MESSAGE_LIMIT = 255


@dataclass(frozen=True)
class TypeStyle:
    """How a field type is shown and validated; one line of ``template_types.csv``."""

    label_zh: str
    number_format: str
    align: str
    width: float
    validate: str
    minimum: str
    maximum: str
    error_zh: str
    hint_zh: str


@cache
def load_type_styles() -> dict[str, TypeStyle]:
    """Style of every field type by its name."""
    path = Path(__file__).with_name("template_types.csv")
    styles: dict[str, TypeStyle] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            name, width = row.pop("type"), float(row.pop("width"))
            styles[name] = TypeStyle(width=width, **row)
    return styles


@cache
def _references() -> dict[str, tuple[str, str]]:
    """Entity and field that each reference type points to within a workbook."""
    checks = yaml.safe_load(Path(__file__).with_name("checks.yml").read_text(encoding="utf-8"))
    return {name: (target["entity"], target["field"]) for name, target in checks["references"].items()}


def header_text(field: Field) -> str:
    """The header as printed: required ones end in ``*``."""
    return field.header_zh + REQUIRED_MARK if field.is_required else field.header_zh


def field_position(sheet: Sheet, field_name: str) -> int:
    """Index of a field in its sheet, from 0; raises KeyError."""
    for position, field in enumerate(sheet.fields):
        if field.name == field_name:
            return position
    raise KeyError(f"{sheet.entity} has no field {field_name}")


def record_cell(sheet: Sheet, field_name: str, record: int = 0) -> str:
    """Address of a value, e.g. ``C5``; ``record`` counts from 0 and is ignored on a key-value sheet."""
    position = field_position(sheet, field_name)
    if sheet.is_list:
        return str(xl_rowcol_to_cell(FIRST_RECORD_ROW - 1 + record, position))
    return str(xl_rowcol_to_cell(FIRST_LINE_ROW - 1 + position, 1))


def column_range(sheet: Sheet, field_name: str) -> str:
    """Absolute range of a list sheet's prepared column, e.g. ``'辖区单位'!$A$3:$A$502``."""
    letter = xl_col_to_name(field_position(sheet, field_name))
    last = FIRST_RECORD_ROW + PREPARED_RECORDS - 1
    return f"'{sheet.name_zh}'!${letter}${FIRST_RECORD_ROW}:${letter}${last}"


def referred_sheet(form: Form, field: Field) -> Sheet | None:
    """The sheet of ``form`` whose entries ``field`` must name, if it is a reference and the form has that sheet."""
    entity, _ = _references().get(field.type, (None, None))
    return next((sheet for sheet in form.sheets if sheet.entity == entity), None)


def hint_text(form: Form, field: Field, code_lists: Mapping[str, tuple[str, ...]]) -> str:
    """What to enter, in one Chinese sentence or two, for the guide, the header note and the prompt."""
    style = load_type_styles()[field.type]
    referred = referred_sheet(form, field)
    hint = style.hint_zh.format(ref_sheet=referred.name_zh if referred else "")
    if field.code_list:
        hint += "可填：" + "、".join(code_lists[field.code_list]) + "。"
    return hint


def _limits(style: TypeStyle) -> dict[str, Any]:
    """Minimum and maximum in the type that the validation compares."""
    convert = date.fromisoformat if style.validate == "date" else int
    return {"criteria": "between", "minimum": convert(style.minimum), "maximum": convert(style.maximum)}


def _condition(form: Form, field: Field, style: TypeStyle, list_ranges: Mapping[str, str]) -> dict[str, Any]:
    """The part of a validation that says what is allowed."""
    match style.validate:
        case "length" | "integer" | "decimal" | "date":
            return {"validate": style.validate, **_limits(style)}
        case "boolean":
            return {"validate": "list", "source": list(YES_NO)}
        case "code_list" | "suggestion":
            # Several values in one cell cannot be checked by Excel: the list is then only a help.
            strict = style.validate == "code_list"
            return {"validate": "list", "source": "=" + list_ranges[field.code_list or ""], "show_error": strict}
        case "reference":
            referred = referred_sheet(form, field)
            if referred is None:
                return {"validate": "any"}
            return {"validate": "list", "source": "=" + column_range(referred, _references()[field.type][1])}
        case _:
            raise ValueError(f"template_types.csv: unknown validation {style.validate!r}")


def validation(form: Form, field: Field, list_ranges: Mapping[str, str], prompt: str) -> dict[str, Any]:
    """Settings of one data validation for xlsxwriter; ``list_ranges`` holds the hidden range of each code list."""
    style = load_type_styles()[field.type]
    referred = referred_sheet(form, field)
    message = style.error_zh.format(header=field.header_zh, ref_sheet=referred.name_zh if referred else "")
    settings = {
        "ignore_blank": True,
        "input_title": header_text(field)[:TITLE_LIMIT],
        "input_message": prompt[:MESSAGE_LIMIT],
        "error_title": "填写有误",
        "error_message": message[:MESSAGE_LIMIT],
    }
    return {**settings, **_condition(form, field, style, list_ranges)}
