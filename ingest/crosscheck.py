"""Checks that need more than one cell: references, order of dates, doubles, dates outside the period, money units."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from ingest.dates import period_bounds
from ingest.forms import Form
from ingest.parsed import show
from ingest.records import Findings, Record, SheetRecords
from ingest.settings import checks, words


def check_references(findings: Findings, sheets: Mapping[str, SheetRecords]) -> None:
    """A name or number must stand in the sheet it refers to; nothing is said when that sheet itself is missing."""
    references: dict[str, dict[str, str]] = checks()["references"]
    for sheet in sheets.values():
        for column in sheet.located.columns.values():
            target = references.get(column.field.type)
            if target is None or target["entity"] not in sheets:
                continue
            aim = sheets[target["entity"]]
            if target["field"] not in aim.located.columns:
                continue
            known = {record.values[target["field"]] for record in aim.records}
            title = f"{aim.located.sheet.name_zh}·{aim.located.sheet.field(target['field']).header_zh}"
            for record in sheet.records:
                value = record.values[column.field.name]
                if value is not None and value not in known:
                    findings.add("reference_unknown", sheet.located, column, record.row - 1, value, title)
                    record.wrong.add(column.field.name)


def check_date_pairs(findings: Findings, form: Form, sheets: Mapping[str, SheetRecords]) -> None:
    """The end must not stand before the start."""
    for entity, pairs in checks()["date_pairs"].get(form.code, {}).items():
        sheet = sheets.get(entity)
        if sheet is None:
            continue
        for first, second in pairs:
            for record in sheet.records:
                start, end = record.values.get(first), record.values.get(second)
                if start is not None and end is not None and end < start:
                    column = sheet.located.columns[second]
                    expected = f"{sheet.located.columns[first].field.header_zh}（{start}）"
                    findings.add("dates_reversed", sheet.located, column, record.row - 1, end, expected)
                    record.wrong.add(second)


def _key(record: Record, names: list[str]) -> tuple[Any, ...] | None:
    values = tuple(record.values.get(name) for name in names)
    return values if values[0] is not None else None


def check_duplicates(findings: Findings, form: Form, sheets: Mapping[str, SheetRecords]) -> None:
    """The same thing twice in a register is asked about, on the later line."""
    for entity, names in checks()["register_keys"].get(form.code, {}).items():
        sheet = sheets.get(entity)
        if sheet is None or names[0] not in sheet.located.columns:
            continue
        column = sheet.located.columns[names[0]]
        seen: dict[tuple[Any, ...], int] = {}
        for record in sheet.records:
            key = _key(record, names)
            if key is None:
                continue
            if key in seen:
                raw = record.values[names[0]]
                findings.add("row_duplicate", sheet.located, column, record.row - 1, raw, str(seen[key]))
            else:
                seen[key] = record.row


def check_event_dates(findings: Findings, form: Form, sheets: Mapping[str, SheetRecords], period: str) -> None:
    """An event should have happened in the period reported."""
    bounds = period_bounds(period)
    if bounds is None:
        return
    first, last = bounds
    for entity, name in checks()["event_dates"].get(form.code, {}).items():
        sheet = sheets.get(entity)
        column = sheet.located.columns.get(name) if sheet else None
        if sheet is None or column is None:
            continue
        for record in sheet.records:
            day = record.values[name]
            if day is not None and not first <= day <= last:
                findings.add("event_outside_period", sheet.located, column, record.row - 1, day, f"{first} 至 {last}")


def check_money_units(findings: Findings, sheets: Mapping[str, SheetRecords]) -> None:
    """A yuan column without a stated unit whose usual amount is tiny may be in 万元: ask, at its header."""
    below = words()["money_unclear_below"]
    for sheet in sheets.values():
        for column in sheet.located.columns.values():
            if column.field.type != "money" or column.money_unit is not None:
                continue
            amounts = [record.values[column.field.name] for record in sheet.records]
            filled = [amount for amount in amounts if amount]
            if filled and median(filled) < below:
                raw = show(float(filled[0]))
                findings.add("money_unit_unclear", sheet.located, column, column.row, raw, at_header=True)


def cross_check(findings: Findings, form: Form, sheets: Mapping[str, SheetRecords], period: str) -> None:
    """All checks beyond one cell, in the order in which a clerk mends them."""
    check_references(findings, sheets)
    check_date_pairs(findings, form, sheets)
    check_duplicates(findings, form, sheets)
    check_event_dates(findings, form, sheets, period)
    check_money_units(findings, sheets)
