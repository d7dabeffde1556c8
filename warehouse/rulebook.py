"""Copies of the rule book that differ: another folder, another version, or single values set by hand.

A rule book is a folder of CSV files, the seeds of ``dbt_project/seeds/rulebook``. An override is written
``rule.3d.lower_bound=8`` or ``ruling.3d.off_establishment=not_counted``: a word of ``overrides.csv``, the key of the
line, the column where the word has none of its own, and the new value. Nothing here changes the rule book itself.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from warehouse.project import DBT_PROJECT_DIR, RULEBOOK_DIR
from warehouse.rulebook_types import complaint, definitions

OVERRIDES_FILE = Path(__file__).with_name("overrides.csv")
#: Columns by which a file holds the lines of several versions or papers; a stage is assessed by one of each.
SCOPES = ("rulebook_version", "paper_code")
#: How many faults of a rule book a message tells one by one.
SHOWN_FAULTS = 5
#: Parts of the dbt project that a copy shares with the original.
SHARED = ("dbt_project.yml", "profiles.yml", "macros", "models", "tests")


class RulebookError(Exception):
    """A rule book or an override that cannot be used; the message says why and what there is."""


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


def read_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Header and rows of one file of a rule book."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        rows = [dict(row) for row in reader]
        return list(reader.fieldnames or []), rows


def _write_rows(path: Path, header: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def copy_rulebook(source: Path, folder: Path) -> Path:
    """Copy the CSV files of the rule book ``source`` to ``folder``; raises RulebookError when one is missing."""
    if not source.is_dir():
        raise RulebookError(f"there is no folder {source} with a rule book")
    missing = sorted(path.name for path in RULEBOOK_DIR.glob("*.csv") if not (source / path.name).exists())
    if missing:
        raise RulebookError(
            f"the rule book in {source} lacks {', '.join(missing)}; begin with a copy of {RULEBOOK_DIR.name}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(RULEBOOK_DIR.glob("*.csv")):
        try:
            shutil.copyfile(source / path.name, folder / path.name)
        except OSError as error:
            raise RulebookError(f"{source / path.name} cannot be read: {error.strerror}") from error
    return folder


def check_rulebook(folder: Path) -> None:
    """Raise RulebookError with all cells of the rule book in ``folder`` that cannot stand where they do."""
    found = [fault for file in sorted(definitions()) for fault in _faults_in(folder, file)] or _unknown_choices(folder)
    if found:
        more = f"; and {len(found) - SHOWN_FAULTS} more" if len(found) > SHOWN_FAULTS else ""
        raise RulebookError("the rule book cannot be used: " + "; ".join(found[:SHOWN_FAULTS]) + more)


def _unknown_choices(folder: Path) -> list[str]:
    """Rulings whose choice is none of theirs: nothing would be judged."""
    return [
        f"{target.file}: {row[target.key_column]} cannot be {row[target.value_column]!r}"
        for target in targets().values()
        if target.choices_column
        for row in read_rows(folder / target.file)[1]
        if row[target.value_column] not in row[target.choices_column].split("|")
    ]


def _faults_in(folder: Path, file: str) -> Iterator[str]:
    definition = definitions()[file]
    try:
        header, rows = read_rows(folder / file)
    except UnicodeDecodeError:
        yield f"{file} is no text in UTF-8"
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
        if keys.setdefault(key, line) != line:
            yield f"{file}, line {line}: {', '.join(key)} stands in line {keys[key]} already"


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
    for row in lines:
        row[override.column] = override.value
    _write_rows(path, header, rows)


def stage_of(folder: Path, stage_code: str) -> dict[str, str]:
    """The line of a stage; raises RulebookError for an unknown one."""
    _, stages = read_rows(folder / "stages.csv")
    found = [row for row in stages if row["stage_code"] == stage_code]
    if not found:
        known = ", ".join(row["stage_code"] for row in stages)
        raise RulebookError(f"the rule book has no stage {stage_code!r}, only {known}")
    return found[0]


def version_of_stage(folder: Path, stage_code: str) -> str:
    """The version of the rule book that a stage is assessed by; raises RulebookError for an unknown stage."""
    return stage_of(folder, stage_code)["rulebook_version"]


def put_in_force(folder: Path, rulebook_version: str) -> None:
    """Let one version of the rule book in ``folder`` be in force always and for every stage; raises RulebookError."""
    header, versions = read_rows(folder / "rulebook_versions.csv")
    if rulebook_version not in {row["rulebook_version"] for row in versions}:
        known = ", ".join(row["rulebook_version"] for row in versions)
        raise RulebookError(
            f"there is no rule book {rulebook_version!r}: neither a folder nor one of the versions {known}"
        )
    [chosen] = [row for row in versions if row["rulebook_version"] == rulebook_version]
    first = min(row["valid_from"] for row in versions)
    _write_rows(folder / "rulebook_versions.csv", header, [{**chosen, "valid_from": first, "valid_to": ""}])
    header, stages = read_rows(folder / "stages.csv")
    _write_rows(folder / "stages.csv", header, [{**row, "rulebook_version": rulebook_version} for row in stages])


def prepare_rulebook(folder: Path, rulebook: str | None) -> Path:
    """The rule book to use, copied to ``folder``: ours, that of another folder, or one version of ours put in force.

    Raises RulebookError.
    """
    if rulebook and Path(rulebook).is_dir():
        copied = copy_rulebook(Path(rulebook), folder)
        check_rulebook(copied)
        return copied
    copied = copy_rulebook(RULEBOOK_DIR, folder)
    if rulebook:
        put_in_force(copied, rulebook)
    return copied


def make_project(folder: Path, rulebook: Path) -> Path:
    """A dbt project in ``folder`` with our models and the seeds of the rule book ``rulebook``; returns it."""
    folder.mkdir(parents=True)
    for name in SHARED:
        if (DBT_PROJECT_DIR / name).exists():
            (folder / name).symlink_to(DBT_PROJECT_DIR / name)
    seeds = DBT_PROJECT_DIR / "seeds"
    shutil.copytree(seeds, folder / "seeds", ignore=lambda _, names: [name for name in names if name.endswith(".csv")])
    for path in sorted(seeds.rglob("*.csv")):
        source = rulebook / path.name if path.parent == RULEBOOK_DIR else path
        shutil.copyfile(source, folder / "seeds" / path.relative_to(seeds))
    return folder
