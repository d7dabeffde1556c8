"""Whether a folder of CSV files is a whole rule book; every fault is told with its file and line.

Types, allowed values, keys and conditions of a line are those of the seeds' definitions. Which lines need which lines
of other files is data: ``rulebook_links.csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import combinations
from pathlib import Path

import duckdb

from warehouse.overrides import targets
from warehouse.project import RULEBOOK_DIR
from warehouse.rulebook_files import RulebookError, read_rows
from warehouse.rulebook_types import complaint, definitions

LINKS_FILE = Path(__file__).with_name("rulebook_links.csv")
EXAMPLES_FILE = "rule_examples.csv"
#: Files whose lines stand for what the document says or the models compute or ask for: none may be left out.
REGISTERS = {
    "clauses.csv": "clause_id",
    "indicators.csv": "indicator_code",
    "parameters.csv": "parameter_code",
    "code_classes.csv": "class_code",
}
#: Files whose lines hold from a first to a last column and do not overlap, and whether the last belongs to it.
SPANS = {
    "stages.csv": ("first_period", "last_period", True),
    "rulebook_versions.csv": ("valid_from", "valid_to", False),
}
#: How many faults of a rule book a message tells one by one.
SHOWN_FAULTS = 5
#: Up to so many values that there are a message lists; of more it tells those that look alike.
SHOWN_VALUES = 8
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Link:
    """Lines of a file (those with a value in a column, or all) that need a line of another file with their values."""

    file: str
    columns: tuple[str, ...]
    only: tuple[str, str]
    other_file: str
    other_columns: tuple[str, ...]
    other_only: tuple[str, str]

    def needs(self, row: dict[str, str]) -> bool:
        """Whether the line needs another one; what is left empty asks for nothing."""
        return _is_one(row, self.only) and all(row[name] for name in self.columns)

    def found_in(self, rows: Rows) -> set[tuple[str, ...]]:
        """The values that there are."""
        return {tuple(row[name] for name in self.other_columns) for row in rows if _is_one(row, self.other_only)}


def _is_one(row: dict[str, str], only: tuple[str, str]) -> bool:
    return not only[0] or row[only[0]] == only[1]


@cache
def links() -> tuple[Link, ...]:
    """All links of ``rulebook_links.csv``."""
    return tuple(
        Link(
            row["file"],
            tuple(row["columns"].split()),
            (row["only_column"], row["only_value"]),
            row["other_file"],
            tuple(row["other_columns"].split()),
            (row["other_only_column"], row["other_only_value"]),
        )
        for row in read_rows(LINKS_FILE)[1]
    )


def check_rulebook(folder: Path, *, with_examples: bool = True) -> None:
    """Raise RulebookError with all lines of the rule book in ``folder`` that cannot stand, or that are missing.

    ``with_examples`` asks for the examples of every rule too; a value that is only tried out has none.
    """
    found = [fault for file in sorted(definitions()) for fault in _faults_in(folder, file)]
    if not found:
        book = {file: read_rows(folder / file)[1] for file in sorted(definitions())}
        found = [
            *_unknown_choices(book),
            *(fault for link in links() if with_examples or not _is_example(link) for fault in _loose_ends(book, link)),
            *_left_out(book),
            *_overlaps(book),
            *(fault for file in sorted(definitions()) for fault in _unmet_conditions(folder, file)),
        ]
    if found:
        more = f"; and {len(found) - SHOWN_FAULTS} more" if len(found) > SHOWN_FAULTS else ""
        raise RulebookError("the rule book cannot be used: " + "; ".join(found[:SHOWN_FAULTS]) + more)


def _is_example(link: Link) -> bool:
    return EXAMPLES_FILE in (link.file, link.other_file)


def _faults_in(folder: Path, file: str) -> Iterator[str]:
    """What is wrong with a file by itself: columns, cells, keys."""
    definition = definitions()[file]
    try:
        header, rows = read_rows(folder / file)
    except UnicodeDecodeError:
        yield f"{file} is no text in UTF-8"
        return
    except csv.Error as error:
        yield f"{file} is no table: {error}"
        return
    if missing := [name for name in definition.types if name not in header]:
        yield f"{file} has no column {', '.join(missing)}"
        return
    keys: dict[tuple[str, ...], int] = {}
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header) or None in row.values():
            yield f"{file}, line {line}: not as many cells as the header"
            continue
        for name in definition.types:
            if wanted := complaint(file, name, row[name]):
                yield f"{file}, line {line}: {name} is {wanted}, and {row[name]!r} is none"
        key = tuple(row[name] for name in definition.key)
        if "" in key:
            yield f"{file}, line {line}: {definition.key[key.index('')]} is missing"
        elif keys.setdefault(key, line) != line:
            yield f"{file}, line {line}: {', '.join(key)} stands in line {keys[key]} already"


def _unknown_choices(book: dict[str, Rows]) -> Iterator[str]:
    """Rulings whose choice is none of theirs, or without a reading of a choice: nothing would be judged."""
    readings = {(row["rulebook_version"], row["ruling_code"], row["ruling_choice"]) for row in book["rules.csv"]}
    for target in targets().values():
        if not target.choices_column:
            continue
        for line, row in enumerate(book[target.file], start=2):
            place, key = f"{target.file}, line {line}", row[target.key_column]
            choices = row[target.choices_column].split("|")
            if row[target.value_column] not in choices:
                yield f"{place}: {key} cannot be {row[target.value_column]!r}; the choices are {', '.join(choices)}"
            for choice in choices:
                if (row["rulebook_version"], key, choice) not in readings:
                    yield f"{place}: rules.csv has no reading of {key} for {choice!r}"


def _loose_ends(book: dict[str, Rows], link: Link) -> Iterator[str]:
    """Lines that need a line of another file which is not there."""
    found = link.found_in(book[link.other_file])
    for line, row in enumerate(book[link.file], start=2):
        key = tuple(row[name] for name in link.columns)
        if link.needs(row) and key not in found:
            kind = f"{link.other_only[1]} " if link.other_only[0] else ""
            there = _alike(key[-1], sorted({one[-1] for one in found if one[:-1] == key[:-1]}))
            yield (
                f"{link.file}, line {line}: {', '.join(link.columns)} is {', '.join(key)}, "
                f"and {link.other_file} has no {kind}line for it{there}"
            )


def _alike(value: str, known: list[str]) -> str:
    """The values that there are in words: all if they are few, else those that look like ``value``."""
    shown = known if len(known) <= SHOWN_VALUES else get_close_matches(value, known, SHOWN_VALUES, 0.5)
    return (
        f", only for {', '.join(shown)}"
        if shown and shown == known
        else f"; alike: {', '.join(shown)}"
        if shown
        else ""
    )


def _left_out(book: dict[str, Rows]) -> Iterator[str]:
    """Clauses of the document, and what the models compute or ask for, that have no line in a version that is used."""
    versions = sorted({row["rulebook_version"] for row in book["stages.csv"]})
    for file, column in REGISTERS.items():
        ours = sorted({row[column] for row in read_rows(RULEBOOK_DIR / file)[1]})
        if "rulebook_version" not in definitions()[file].types:
            there = {row[column] for row in book[file]}
            yield from (f"{file} has no line with the {column} {code}" for code in ours if code not in there)
            continue
        for version in versions:
            there = {row[column] for row in book[file] if row["rulebook_version"] == version}
            place = f"{file} has no line of {version} with the {column}"
            yield from (f"{place} {code}" for code in ours if code not in there)


def _overlaps(book: dict[str, Rows]) -> Iterator[str]:
    """Lines whose spans overlap: a quarter would belong to two."""
    for file, (first, last, is_inclusive) in SPANS.items():
        spans = sorted((row[first], row[last] or "9999", line) for line, row in enumerate(book[file], start=2))
        for (_, end, line), (begin, _, later) in combinations(spans, 2):
            if begin < end or (is_inclusive and begin == end):
                yield f"{file}, line {later}: it begins with {begin}, before line {line} is over"


def _unmet_conditions(folder: Path, file: str) -> Iterator[str]:
    """Lines for which a condition of the seed's definition does not hold."""
    definition = definitions()[file]
    for words, expression in definition.conditions:
        # The conditions come from the seeds' definitions; a fault of types has been told before.
        sql = (
            "select line from (select row_number() over () + 1 as line, * from read_csv($1, header = true,"  # noqa: S608
            f" columns = $2, nullstr = '')) where not coalesce(({expression}), false) order by line"
        )
        types = {name: "varchar" if kind == "string" else kind for name, kind in definition.types.items()}
        with duckdb.connect() as connection:
            lines = connection.execute(sql, [str(folder / file), types]).fetchall()
        yield from (f"{file}, line {line}: {words}" for (line,) in lines)
