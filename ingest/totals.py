"""Figures that must agree: a row of totals with the rows above it, a part with its whole, a total with a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ingest.body import ADDITIVE
from ingest.findings import Findings
from ingest.forms import Form
from ingest.parsed import Context
from ingest.records import Record, SheetRecords, money_factor
from ingest.settings import checks
from ingest.values import parser_for


def check_totals(findings: Findings, sheet: SheetRecords, context: Context) -> None:
    """A row of totals must be the sum of all rows above it or of those since the total before it."""
    columns = [column for column in sheet.located.columns.values() if column.field.type in ADDITIVE]
    since = 0
    for total in sheet.totals:
        above = [record for record in sheet.records if record.row <= total.row]
        latest = [record for record in above if record.row > since]
        since = total.row
        for column in columns:
            name, cell = column.field.name, total.cells[column.column]
            stated = parser_for(column.field, money_factor(column))(cell, context).value if cell != "" else None
            if stated is None or any(name in record.wrong for record in above):
                continue
            if stated not in (whole := _sum(above, name), _sum(latest, name)):
                findings.add("subtotal_disagrees", sheet.located, column, total.row, cell, f"{whole:f}")


def _sum(records: Sequence[Record], name: str) -> Decimal:
    return sum((Decimal(record.values[name]) for record in records if record.values[name] is not None), Decimal())


def check_parts(findings: Findings, form: Form, sheets: Mapping[str, SheetRecords]) -> None:
    """A part cannot be more than its whole: who was there, and who was due."""
    for entity, pairs in checks()["parts"].get(form.code, {}).items():
        sheet = sheets.get(entity)
        if sheet is None:
            continue
        for part, whole in pairs:
            for record in sheet.records:
                less, more = record.values.get(part), record.values.get(whole)
                if less is not None and more is not None and less > more:
                    label = f"{sheet.located.columns[whole].field.header_zh}（{more}）"
                    findings.add("part_exceeds_whole", sheet.located, *sheet.place(record, part), less, label)


def _matching(sheet: SheetRecords, where: Mapping[str, Any]) -> int | None:
    """How many rows fulfil ``where``; None when a wrong cell makes the count uncertain."""
    if any(name not in sheet.located.columns or name in record.wrong for record in sheet.records for name in where):
        return None
    return sum(all(record.values[name] == value for name, value in where.items()) for record in sheet.records)


def check_counts(findings: Findings, form: Form, sheets: Mapping[str, SheetRecords]) -> None:
    """A figure must fit the list that it sums up (``counts`` in ``checks.yml``); the list is what counts."""
    tolerance = checks()["counts_tolerance"]
    for rule in checks()["counts"].get(form.code, []):
        sheet, listed = sheets.get(rule["entity"]), sheets.get(rule["list"])
        if sheet is None or listed is None or listed.located.header_row is None:
            continue
        count = _matching(listed, rule.get("where", {}))
        for record in sheet.records if count is not None else []:
            stated = record.values.get(rule["field"])
            if stated is None:
                continue
            if (count - stated if rule["relation"] == "at_least" else stated - count) > tolerance:
                label = f"{listed.located.sheet.name_zh}（{count} 行）"
                findings.add("total_disagrees", sheet.located, *sheet.place(record, rule["field"]), stated, label)
