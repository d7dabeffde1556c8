"""Cells, columns, sheets and whole files spoilt on purpose, with the findings that each must cause."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from ingest.template import Formula
from ingest.template_layout import record_cell
from samples.mistakes import ALONE, ANYWHERE, Draft, Finding, Mistake, draw, load_mistakes
from samples.reshaping import COMBINED_CANDIDATES, RESHAPING, variants
from samples.street_context import Row
from samples.words import CREDIT_ALPHABET

FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


def _break_check_digit(code: str) -> str:
    place = CREDIT_ALPHABET.index(code[-1])
    return code[:-1] + CREDIT_ALPHABET[(place + 7) % len(CREDIT_ALPHABET)]


#: What the clerk puts where the value of a record should be, by action: from the value, the mistake and the record.
CELL_ACTIONS: dict[str, Callable[[Any, Mistake, Row], Any]] = {
    "blank": lambda _value, _mistake, _row: None,
    "replace": lambda _value, mistake, _row: mistake.value,
    "replace_number": lambda _value, mistake, _row: int(mistake.value),
    "append": lambda value, mistake, _row: f"{value}{mistake.value}",
    "prepend": lambda value, mistake, _row: f"{mistake.value}{value}",
    "full_width": lambda value, _mistake, _row: str(value).translate(FULL_WIDTH),
    "dotted_date": lambda value, _mistake, _row: f"{value.year}.{value.month}.{value.day}",
    "impossible_date": lambda value, _mistake, _row: f"{value.year}-02-30",
    "year_before": lambda value, _mistake, _row: date(value.year - 1, value.month, min(value.day, 28)),
    "before": lambda _value, mistake, row: row[mistake.value] - timedelta(days=40),
    "break_check_digit": lambda value, _mistake, _row: _break_check_digit(value),
    "formula_error": lambda _value, mistake, _row: Formula("=" + mistake.value, mistake.value),
    "formula": lambda _value, mistake, _row: Formula(mistake.value, None),
    "variant": lambda value, _mistake, _row: value.translate(variants()),
}

#: Actions that need a value to spoil; the others put one where there was none.
NEEDS_VALUE = frozenset(
    {
        *("blank", "append", "prepend", "full_width", "dotted_date", "impossible_date", "year_before"),
        *("break_check_digit", "variant", "merge", "wrong_total", "shorten"),
    }
)


def candidates(mistake: Mistake, rows: list[Row]) -> list[int]:
    """Places of the records that the mistake can spoil."""
    places = range(len(rows))
    if mistake.action in NEEDS_VALUE:
        places = [at for at in places if rows[at].get(mistake.field) is not None]  # type: ignore[assignment]
    fits = COMBINED_CANDIDATES.get(mistake.action)
    return [at for at in places if fits is None or fits(mistake, rows, at)]


def plant(draft: Draft, mistake: Mistake, at: int) -> Draft:
    """Make one mistake in the record at place ``at``; raises ValueError on an unknown action."""
    reshape = RESHAPING.get(mistake.action)
    if reshape is not None:
        return reshape(draft, mistake, at)
    spoil_cell = CELL_ACTIONS.get(mistake.action)
    if spoil_cell is None:
        raise ValueError(f"mistakes.csv: unknown action {mistake.action!r}")
    sheet, rows = draft.form.sheet(mistake.entity), list(draft.rows(mistake.entity))
    rows[at] = {**rows[at], mistake.field: spoil_cell(rows[at].get(mistake.field), mistake, rows[at])}
    cell = record_cell(sheet, mistake.field, at)
    return draft.with_rows(mistake.entity, rows).found(
        Finding(sheet.name_zh, cell, mistake.issue_code, mistake.severity)
    )


def spoil(draft: Draft, rng: random.Random, *, count: int, blocks: bool) -> Draft:
    """Spoil a workbook in up to ``count`` places, each on other sheets; ``blocks`` says whether it shall be refused.

    A workbook that offers nothing to spoil comes back as it was.
    """
    open_ones = [
        mistake
        for mistake in load_mistakes()
        if mistake.form == draft.form.code
        and (blocks or (not mistake.blocks and mistake.place == ANYWHERE))
        and candidates(mistake, draft.rows(mistake.entity))
    ]
    for number in range(count):
        # The first one decides whether the workbook is refused.
        fitting = [one for one in open_ones if (one.blocks == blocks if number == 0 else one.place != ALONE)]
        if not fitting:
            break
        mistake = draw(rng, fitting)
        at = rng.choice(candidates(mistake, draft.rows(mistake.entity)))
        draft = plant(draft, mistake, at)
        if mistake.place == ALONE:
            break
        open_ones = [other for other in open_ones if not other.entities & mistake.entities]
    return draft
