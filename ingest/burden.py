"""What a workbook asks of a unit, in cells, and what of it a report spares the next one.

The same figures stand on a prefilled workbook (``ingest.prefill``) and, of every accepted report, in the lake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingest.forms import Form, Sheet

Records = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class SheetBurden:
    """One sheet: how many cells it asks for (a list with as many rows as last time), and how many are filled in."""

    sheet: str
    layout: str
    row_count: int
    asked_count: int
    prefilled_count: int


def _kept(form: Form, sheet: Sheet, records: Sequence[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    if sheet.layout == "event":
        return []
    if sheet is not form.cover:
        return [dict(record) for record in records]
    required = {field.name for field in sheet.fields if field.is_required} - form.own_fields
    kept = {name: value for name, value in (records[0] if records else {}).items() if name in required}
    return [{**kept, **({form.prepared_field: today} if form.prepared_field else {})}]


def kept_records(form: Form, last: Mapping[str, Sequence[Mapping[str, Any]]], today: date) -> Records:
    """What of the records of the last report, by entity, goes into the next workbook, which is prepared ``today``.

    Registers and key figures; of the cover only what it cannot do without; events are left to the clerk.
    """
    return {sheet.entity: _kept(form, sheet, last.get(sheet.entity, []), today) for sheet in form.sheets}


def burden_of(
    form: Form, last: Mapping[str, Sequence[Mapping[str, Any]]], filled: Mapping[str, Sequence[Mapping[str, Any]]]
) -> tuple[SheetBurden, ...]:
    """What each sheet asks for after the report ``last``, ``filled`` being filled in. Unit and period the workbook
    fills in itself."""
    found = []
    for sheet in form.sheets:
        count = len(last.get(sheet.entity, ())) if sheet.is_list else 1
        there = sum(value is not None for record in filled.get(sheet.entity, ()) for value in record.values())
        if sheet is form.cover:
            there += sum(field.name in form.own_fields for field in sheet.fields)
        found.append(SheetBurden(sheet.name_zh, sheet.layout, count, count * len(sheet.fields), there))
    return tuple(found)
