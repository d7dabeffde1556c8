"""What clerks do to a workbook: cells, columns and sheets spoilt on purpose, with the finding that each must cause."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ingest.forms import Form, Sheet
from ingest.template import Formula
from ingest.template_layout import record_cell
from samples.street_context import Row, Workbook
from samples.words import CREDIT_ALPHABET

ERROR = "error"
FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
#: Actions on more than one cell.
STRUCTURAL = frozenset({"drop_sheet", "drop_column", "duplicate_row"})


@dataclass(frozen=True)
class Mistake:
    """One way to spoil a workbook; one line of ``mistakes.csv``."""

    issue_code: str
    severity: str
    form: str
    entity: str
    field: str
    action: str
    value: str
    weight: int

    @property
    def blocks(self) -> bool:
        """Whether a workbook with it is refused."""
        return self.severity == ERROR


@dataclass(frozen=True)
class Finding:
    """What a check must say; ``cell`` is None where no single cell is wrong."""

    sheet: str
    cell: str | None
    issue_code: str
    severity: str


@cache
def load_mistakes() -> tuple[Mistake, ...]:
    """All mistakes that the generator knows."""
    with Path(__file__).with_name("mistakes.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(Mistake(**{**row, "weight": int(row["weight"])}) for row in csv.DictReader(handle))  # type: ignore[arg-type]


def _break_check_digit(code: str) -> str:
    place = CREDIT_ALPHABET.index(code[-1])
    return code[:-1] + CREDIT_ALPHABET[(place + 7) % len(CREDIT_ALPHABET)]


def _spoilt_value(mistake: Mistake, row: Row) -> Any:
    """What the clerk puts where the value of ``mistake.field`` should be; raises ValueError on an unknown action."""
    value: Any = row.get(mistake.field)
    match mistake.action:
        case "blank":
            return None
        case "replace":
            return mistake.value
        case "replace_number":
            return int(mistake.value)
        case "append":
            return f"{value}{mistake.value}"
        case "full_width":
            return str(value).translate(FULL_WIDTH)
        case "dotted_date":
            return f"{value.year}.{value.month}.{value.day}"
        case "impossible_date":
            return f"{value.year}-02-30"
        case "year_before":
            return date(value.year - 1, value.month, min(value.day, 28))
        case "before":
            return row[mistake.value] - timedelta(days=40)
        case "break_check_digit":
            return _break_check_digit(value)
        case "formula_error":
            return Formula("=" + mistake.value, mistake.value)
        case _:
            raise ValueError(f"mistakes.csv: unknown action {mistake.action!r}")


#: Actions that need a value to spoil; the others put one where there was none.
NEEDS_VALUE = frozenset(
    {"blank", "append", "full_width", "dotted_date", "impossible_date", "year_before", "break_check_digit"}
)


def _without_column(form: Form, sheet: Sheet, name: str) -> Form:
    thinner = replace(sheet, fields=tuple(field for field in sheet.fields if field.name != name))
    return replace(form, sheets=tuple(thinner if one is sheet else one for one in form.sheets))


def candidates(mistake: Mistake, rows: list[Row]) -> list[int]:
    """Places of the records that the mistake can spoil."""
    if mistake.action in NEEDS_VALUE:
        return [at for at, row in enumerate(rows) if row.get(mistake.field) is not None]
    return list(range(len(rows)))


def _spoil_structure(form: Form, workbook: Workbook, mistake: Mistake) -> tuple[Form, Workbook, Finding]:
    sheet = form.sheet(mistake.entity)
    rows = workbook[mistake.entity]
    others = {entity: found for entity, found in workbook.items() if entity != mistake.entity}
    found = Finding(sheet.name_zh, None, mistake.issue_code, mistake.severity)
    match mistake.action:
        case "drop_sheet":
            return replace(form, sheets=tuple(one for one in form.sheets if one is not sheet)), others, found
        case "drop_column":
            kept = [{name: value for name, value in row.items() if name != mistake.field} for row in rows]
            return _without_column(form, sheet, mistake.field), {**others, mistake.entity: kept}, found
        case "duplicate_row":
            found = replace(found, cell=record_cell(sheet, mistake.field, len(rows)))
            return form, {**others, mistake.entity: [*rows, rows[0]]}, found
        case _:
            raise ValueError(f"mistakes.csv: unknown action {mistake.action!r}")


def plant(form: Form, workbook: Workbook, mistake: Mistake, at: int) -> tuple[Form, Workbook, Finding]:
    """Make one mistake in the record at place ``at``; returns form and records as they then are, and what to find."""
    if mistake.action in STRUCTURAL:
        return _spoil_structure(form, workbook, mistake)
    sheet = form.sheet(mistake.entity)
    rows = list(workbook[mistake.entity])
    rows[at] = {**rows[at], mistake.field: _spoilt_value(mistake, rows[at])}
    cell = record_cell(sheet, mistake.field, at)
    return form, {**workbook, mistake.entity: rows}, Finding(sheet.name_zh, cell, mistake.issue_code, mistake.severity)


def _draw(rng: random.Random, choices: Iterable[Mistake]) -> Mistake:
    listed = list(choices)
    return rng.choices(listed, [mistake.weight for mistake in listed])[0]


def spoil(
    form: Form, workbook: Workbook, rng: random.Random, *, count: int, blocks: bool
) -> tuple[Form, Workbook, list[Finding]]:
    """Spoil a workbook in up to ``count`` places, each on another sheet; ``blocks`` says whether it shall be refused.

    Returns the form as the clerk left it (a sheet or a column may be gone), the records and what a check must find. A
    workbook that offers nothing to spoil comes back as it was, with no finding.
    """
    open_ones = [
        mistake
        for mistake in load_mistakes()
        if mistake.form == form.code
        and (blocks or not mistake.blocks)
        and candidates(mistake, workbook.get(mistake.entity, []))
    ]
    findings: list[Finding] = []
    for place in range(count):
        # The first one decides whether the workbook is refused.
        fitting = [mistake for mistake in open_ones if mistake.blocks == blocks] if place == 0 else open_ones
        if not fitting:
            break
        mistake = _draw(rng, fitting)
        at = rng.choice(candidates(mistake, workbook[mistake.entity]))
        form, workbook, finding = plant(form, workbook, mistake, at)
        findings.append(finding)
        open_ones = [other for other in open_ones if other.entity != mistake.entity]
    return form, workbook, findings
