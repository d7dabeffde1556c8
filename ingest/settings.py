"""The data files beside the code, read once: limits, words, checks, kinds of files."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


def _load_yaml(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return loaded


@cache
def limits() -> dict[str, dict[str, int]]:
    """``limits.yml``: what a file may be at most, by section (guard, channels, read, sandbox)."""
    return _load_yaml("limits.yml")


@cache
def words() -> dict[str, Any]:
    """``words.yml``: what clerks write for nothing, yes, no, units, subtotals and notes."""
    return _load_yaml("words.yml")


@cache
def word_set(name: str) -> frozenset[str]:
    """One list of ``words.yml`` as a set, in lower case."""
    return frozenset(word.lower() for word in words()[name])


@cache
def word_pattern(name: str) -> re.Pattern[str]:
    """One pattern of ``words.yml``, compiled."""
    return re.compile(words()[name], re.IGNORECASE)


@cache
def checks() -> dict[str, Any]:
    """``checks.yml``: references, date pairs, register keys and event dates by form and entity."""
    return _load_yaml("checks.yml")


@cache
def receipt_texts() -> dict[str, Any]:
    """``receipt_texts.yml``: what a receipt, and verifying it, says in Chinese."""
    return _load_yaml("receipt_texts.yml")


@cache
def marking_texts() -> dict[str, Any]:
    """``marking/texts.yml``: what a marked workbook says and how it looks."""
    return _load_yaml("marking/texts.yml")


@cache
def file_kinds() -> tuple[dict[str, str], ...]:
    """``file_kinds.csv``: how to tell what a file that is no workbook really is."""
    with (HERE / "file_kinds.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))
