"""What the columns of a rule book may hold: types, allowed values and keys, as the seeds' definitions say.

The definitions are ``dbt_project/seeds/rulebook/*.yml``: ``column_types``, ``accepted_values`` and the key of a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import yaml

from warehouse.project import RULEBOOK_DIR


def _number(text: str) -> bool:
    return Decimal(text).is_finite()


def _day(text: str) -> bool:
    return bool(date.fromisoformat(text))


def _instant(text: str) -> bool:
    return bool(datetime.fromisoformat(text))


#: By the first word of a type: what a value must be, in words, and how to tell.
KINDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "decimal": ("a number", _number),
    "integer": ("a whole number", lambda text: str(int(text))),
    "boolean": ("true or false", lambda text: text in ("true", "false")),
    "date": ("a day such as 2025-12-31", _day),
    "timestamp": ("an instant such as 2025-12-31 16:00:00", _instant),
}


@dataclass(frozen=True)
class Definition:
    """A file of the rule book: type and allowed values of its columns, its key, and conditions (words and SQL)."""

    types: dict[str, str]
    values: dict[str, tuple[str, ...]]
    key: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]


@cache
def definitions() -> dict[str, Definition]:
    """The definition of each file, by its name such as ``rules.csv``."""
    seeds = [
        seed
        for path in sorted(RULEBOOK_DIR.glob("*.yml"))
        for seed in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]
    ]
    return {f"{seed['name']}.csv": _definition(seed) for seed in seeds}


def _arguments(tests: list[dict[str, Any]], name: str, argument: str) -> tuple[str, ...]:
    return tuple(value for test in tests if name in test for value in test[name]["arguments"][argument])


def _definition(seed: dict[str, Any]) -> Definition:
    tests = {column["name"]: column.get("data_tests", []) for column in seed["columns"]}
    return Definition(
        types=seed["config"]["column_types"],
        values={name: found for name in tests if (found := _arguments(tests[name], "accepted_values", "values"))},
        key=_arguments(seed.get("data_tests", []), "key_is_whole_and_unique", "columns"),
        conditions=tuple(
            (held["description"], held["arguments"]["expression"])
            for test in seed.get("data_tests", [])
            if (held := test.get("expression_holds"))
        ),
    )


def complaint(file: str, column: str, value: str) -> str | None:
    """What ``value`` should be and is not, such as ``a number``; None when it may stand there (nothing always may)."""
    definition = definitions()[file]
    allowed = definition.values.get(column)
    if not value:
        return None
    if allowed and value not in allowed:
        return f"one of {', '.join(allowed)}"
    words, is_one = KINDS.get(definition.types[column].partition("(")[0], ("a text", bool))
    try:
        return None if is_one(value) else words
    except (ValueError, InvalidOperation):
        return words
