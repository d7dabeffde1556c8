"""The JSON in which a program may hand a report in: its schema, made from the forms.

The schema fixes the shape (which form, which sheets, which fields); what a value must be is judged by the same checks
as in a workbook, so that the same mistake gets the same finding.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ingest.forms import Field, Form, Sheet, load_code_lists, load_forms
from ingest.settings import limits
from ingest.template_layout import hint_text

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS = ["string", "number", "boolean", "null"]


def _field_schema(form: Form, field: Field) -> dict[str, Any]:
    types = [*_SCALARS, "array"] if field.type == "code_list" else _SCALARS
    schema: dict[str, Any] = {
        "title": field.header_zh,
        "description": hint_text(form, field, load_code_lists()),
        "type": types,
    }
    if field.type == "code_list":
        schema["items"] = {"type": "string"}
    return schema


def _sheet_schema(form: Form, sheet: Sheet) -> dict[str, Any]:
    record = {
        "type": "object",
        "properties": {field.name: _field_schema(form, field) for field in sheet.fields},
        "additionalProperties": False,
    }
    if not sheet.is_list:
        return {"title": sheet.name_zh, **record}
    return {"title": sheet.name_zh, "type": "array", "maxItems": limits()["guard"]["max_rows"], "items": record}


@cache
def form_schema(code: str) -> dict[str, Any]:
    """Schema of the reports of one form; raises KeyError."""
    form = load_forms()[code]
    return {
        "title": form.name_zh,
        "type": "object",
        "properties": {
            "form": {"const": code},
            **{sheet.entity: _sheet_schema(form, sheet) for sheet in form.sheets},
        },
        "required": ["form", form.cover.entity],
        "additionalProperties": False,
    }


def submission_schema() -> dict[str, Any]:
    """Schema of any report, for those who write programs that send some."""
    codes = list(load_forms())
    return {
        "$schema": DIALECT,
        "title": "jiedao submission",
        "oneOf": [{"$ref": f"#/$defs/{code}"} for code in codes],
        "$defs": {code: form_schema(code) for code in codes},
    }
