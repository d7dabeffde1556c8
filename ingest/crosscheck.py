"""Checks that need more than one cell: references, order of dates, doubles, dates outside the period, money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from ingest.dates import period_bounds
from ingest.findings import Findings
from ingest.forms import Form
from ingest.locate import Column
from ingest.names import match_key, place_names, short_key
from ingest.parsed import Context, show
from ingest.records import Record, SheetRecords, money_factor
from ingest.settings import checks, words
from ingest.totals import check_counts, check_parts, check_totals


def _known_names(aim: SheetRecords, name: str) -> dict[str, Any]:
    """Names of a sheet as they stand there, by the key under which another spelling finds them."""
    known: dict[str, Any] = {}
    for record in aim.records:
        value = record.values[name]
        if value is not None:
            known.setdefault(match_key(value), value)
    return known


def check_references(findings: Findings, sheets: Mapping[str, SheetRecords]) -> None:
    """A name or number must stand in the sheet it refers to; one in variant characters is read as it stands there.

    Nothing is said when that sheet is missing or a wrong cell of it may be the one that is meant.
    """
    references: dict[str, dict[str, str]] = checks()["references"]
    for sheet in sheets.values():
        for column in sheet.located.columns.values():
            target = references.get(column.field.type)
            if target is None or target["entity"] not in sheets:
                continue
            aim = sheets[target["entity"]]
            if target["field"] not in aim.located.columns:
                continue
            known = _known_names(aim, target["field"])
            has_wrong = any(target["field"] in record.wrong for record in aim.records)
            title = f"{aim.located.sheet.name_zh}·{aim.located.sheet.field(target['field']).header_zh}"
            for record in sheet.records:
                _resolve(findings, sheet, column, record, known, title, has_wrong)


def _resolve(
    findings: Findings,
    sheet: SheetRecords,
    column: Column,
    record: Record,
    known: Mapping[str, Any],
    title: str,
    has_wrong: bool,
) -> None:
    name = column.field.name
    value = record.values[name]
    if value is None:
        return
    meant = known.get(match_key(value))
    if meant is None:
        record.wrong.add(name)
        if not has_wrong:
            findings.add("reference_unknown", sheet.located, column, record.row - 1, value, title)
    elif meant != value:
        record.values[name] = meant
        findings.add("value_repaired", sheet.located, column, record.row - 1, value, meant)


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


def _key(record: Record, names: Sequence[str], places: Sequence[str]) -> tuple[Any, ...] | None:
    """What makes two lines one thing: names without their dress, everything else as it is."""
    values = [record.values.get(name) for name in names]
    if values[0] is None:
        return None
    endings = tuple(checks()["name_endings"])
    return tuple(
        short_key(value, places) if isinstance(value, str) and name.endswith(endings) else value
        for name, value in zip(names, values, strict=True)
    )


def check_duplicates(findings: Findings, form: Form, sheets: Mapping[str, SheetRecords], places: Sequence[str]) -> None:
    """The same thing twice is asked about on the later line: by any key of a register, by all values of an event."""
    for entity, sheet in sheets.items():
        if not sheet.located.sheet.is_list:
            continue
        names = [field.name for field in sheet.located.sheet.fields]
        keys = checks()["register_keys"].get(form.code, {}).get(entity, [names])
        seen: dict[tuple[Any, ...], int] = {}
        for record in sheet.records:
            found = {(at, *key) for at, names in enumerate(keys) if (key := _key(record, names, places)) is not None}
            earlier = min((seen[key] for key in found if key in seen), default=None)
            column = sheet.located.columns.get(keys[0][0])
            if earlier is not None and column is not None:
                raw = record.values[keys[0][0]]
                findings.add("row_duplicate", sheet.located, column, record.row - 1, raw, str(earlier))
            for key in found:
                seen.setdefault(key, record.row)


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
    """Ask, at its header, about a money column whose usual amount does not fit the unit.

    A tiny one without a stated unit may be in 万元; a huge one under a stated 万元 may be in yuan.
    """
    for sheet in sheets.values():
        for column in sheet.located.columns.values():
            if column.field.type != "money":
                continue
            amounts = [record.values[column.field.name] for record in sheet.records]
            filled = [amount for amount in amounts if amount]
            factor = money_factor(column)
            if not filled:
                continue
            raw = show(float(filled[0] / factor))
            if column.money_unit is None and median(filled) < words()["money_unclear_below"]:
                findings.add("money_unit_unclear", sheet.located, column, column.row, raw, at_header=True)
            elif factor > 1 and median(filled) / factor >= words()["money_doubtful_from"]:
                unit = column.money_unit or ""
                findings.add("money_unit_doubtful", sheet.located, column, column.row, raw, unit, at_header=True)


def cross_check(
    findings: Findings, form: Form, sheets: Mapping[str, SheetRecords], period: str, context: Context
) -> None:
    """All checks beyond one cell, in the order in which a clerk mends them."""
    check_references(findings, sheets)
    check_date_pairs(findings, form, sheets)
    check_duplicates(findings, form, sheets, place_names(context.unit_code or "", context.registers))
    check_event_dates(findings, form, sheets, period)
    check_parts(findings, form, sheets)
    for sheet in sheets.values():
        check_totals(findings, sheet, context)
    check_counts(findings, form, sheets)
    check_money_units(findings, sheets)
