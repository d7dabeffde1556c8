"""The closed word lists of judging, read from the tables beside this file.

``operators.csv`` says which bounds an operator uses, ``outcomes.csv`` what becomes of a row by the status of its value
(met, unmet, null, threshold still a draft), ``severities.csv`` how the rule book's severities are called in Great
Expectations. A word that stands in none of them is an error of ours and raises `JudgeError`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

FOLDER = Path(__file__).parent


class JudgeError(Exception):
    """The rows to judge, the rule book or a Great Expectations result are not what judging can rely on."""


@dataclass(frozen=True)
class Operator:
    """Column of the rule book (`lower_bound`, `upper_bound`) that gives each end of the range; None = open end."""

    min_from: str | None
    max_from: str | None


#: What judging can find about a row: columns of ``outcomes.csv``.
WHEN = ("when_met", "when_unmet", "when_null", "when_draft")


@dataclass(frozen=True)
class StatusOutcomes:
    """Outcome of a row of one status. Rows that are not evaluated have the same outcome whatever their value."""

    is_evaluated: bool
    when_met: str
    when_unmet: str
    when_null: str
    when_draft: str


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def operators() -> Mapping[str, Operator]:
    """Operators by the name that the rule book uses."""
    return {
        row["operator"]: Operator(row["min_from"] or None, row["max_from"] or None) for row in _rows("operators.csv")
    }


@cache
def outcomes_by_status() -> Mapping[str, StatusOutcomes]:
    """Outcomes by the status of a value in ``indicators.int_rules__to_judge``."""
    return {
        row["status"]: StatusOutcomes(
            is_evaluated=row["is_evaluated"] == "true",
            **{when: row[when] for when in WHEN},
        )
        for row in _rows("outcomes.csv")
    }


@cache
def gx_severities() -> Mapping[str, str]:
    """Great Expectations' severity by the severity of a rule."""
    return {row["severity"]: row["gx_severity"] for row in _rows("severities.csv")}


def known(words: Mapping[str, T], word: str, kind: str) -> T:
    """The entry of a word; raises `JudgeError` naming the word and what is allowed when there is none."""
    if word not in words:
        raise JudgeError(f"unknown {kind} {word!r}; known: {', '.join(sorted(words))}")
    return words[word]
