"""Single values of a rule book set by hand: ``rule.3d.lower_bound=8``, ``ruling.3d.off_establishment=not_counted``.

An override is a word of ``overrides.csv``, the key of the line, the column where the word has none of its own, and the
new value.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from warehouse.rulebook_files import RulebookError, read_rows, stage_of, write_rows
from warehouse.rulebook_types import complaint, definitions

OVERRIDES_FILE = Path(__file__).with_name("overrides.csv")
#: Columns by which a file holds the lines of several versions or papers; a stage is assessed by one of each.
SCOPES = ("rulebook_version", "paper_code")


@dataclass(frozen=True)
class Target:
    """What a word of an override stands for: a file, the column of its key, and the column that it sets, if fixed."""

    word: str
    file: str
    key_column: str
    value_column: str
    choices_column: str


@dataclass(frozen=True)
class Override:
    """One value of the rule book that is set by hand."""

    target: Target
    key: str
    column: str
    value: str


@cache
def targets() -> dict[str, Target]:
    """The words that an override may begin with."""
    with OVERRIDES_FILE.open(encoding="utf-8", newline="") as handle:
        return {row["word"]: Target(**row) for row in csv.DictReader(handle)}


def parse_override(text: str) -> Override:
    """An override such as ``rule.3d.lower_bound=8``; raises RulebookError when it is not written like that."""
    name, equals, value = text.partition("=")
    word, _, rest = name.strip().partition(".")
    target = targets().get(word)
    if not equals or not rest or target is None:
        raise RulebookError(
            f"{text!r} is no override such as rule.3d.lower_bound=8; it begins with one of {', '.join(targets())}"
        )
    if target.value_column:
        is_whole_key = not rest.endswith(f".{target.value_column}")
        return Override(target, rest if is_whole_key else rest.rpartition(".")[0], target.value_column, value.strip())
    key, _, column = rest.rpartition(".")
    if not key:
        raise RulebookError(f"{text!r} names no column, such as {word}.3d.lower_bound")
    return Override(target, key, column, value.strip())


def apply_override(folder: Path, override: Override, stage_code: str) -> None:
    """Set one value in the rule book in ``folder``, in every line with that key that the stage is assessed by.

    Raises RulebookError when line, column or choice do not exist, or a number is wanted and something else given.
    """
    target = override.target
    path = folder / target.file
    if not path.exists():
        raise RulebookError(f"this rule book has no {target.file}")
    header, rows = read_rows(path)
    stage = stage_of(folder, stage_code)
    used = [row for row in rows if all(row.get(name, stage[name]) == stage[name] for name in SCOPES if name in stage)]
    lines = [row for row in used if row[target.key_column] == override.key]
    if not lines:
        known = sorted({row[target.key_column] for row in used})
        raise RulebookError(f"there is no {target.word} {override.key!r}; known: {', '.join(known)}")
    free = [name for name in header if name not in (target.key_column, "rulebook_version")]
    if override.column not in free:
        raise RulebookError(f"a {target.word} has no column {override.column!r} to set; it has {', '.join(free)}")
    if target.choices_column:
        choices = lines[0][target.choices_column].split("|")
        if override.value not in choices:
            raise RulebookError(f"{override.key} cannot be {override.value!r}; the choices are {', '.join(choices)}")
    if wanted := complaint(target.file, override.column, override.value):
        raise RulebookError(f"{override.column} of {override.key} is {wanted}, and {override.value!r} is none")
    for row in _meant(folder, override, lines):
        row[override.column] = override.value
    write_rows(path, header, rows)


def _meant(folder: Path, override: Override, lines: Sequence[dict[str, str]]) -> Sequence[dict[str, str]]:
    """The lines to set: all readings of a rule, but what tells them apart only in the reading that is in force.

    Raises RulebookError when another reading has that value already.
    """
    if override.column not in definitions()[override.target.file].key or "ruling_code" not in lines[0]:
        return lines
    _, rulings = read_rows(folder / "rulings.csv")
    taken = {(row["rulebook_version"], row["ruling_code"], row["choice"]) for row in rulings}
    reading = ("rulebook_version", "ruling_code", "ruling_choice")
    in_force = [row for row in lines if not row["ruling_code"] or tuple(row[name] for name in reading) in taken]
    for row in lines:
        if row not in in_force and row[override.column] == override.value:
            raise RulebookError(
                f"{override.key} reads {override.value} under another choice: "
                f"set ruling.{row['ruling_code']}={row['ruling_choice']}"
            )
    return in_force
