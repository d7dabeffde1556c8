"""Copies of the rule book that differ: another folder or another version. ``warehouse.overrides`` sets single values.

A rule book is a folder of CSV files, the seeds of ``dbt_project/seeds/rulebook``. Nothing here changes our own.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from warehouse.project import DBT_PROJECT_DIR, RULEBOOK_DIR
from warehouse.rulebook_check import check_rulebook
from warehouse.rulebook_files import RulebookError, read_rows, write_rows

#: Parts of the dbt project that a copy shares with the original.
SHARED = ("dbt_project.yml", "profiles.yml", "macros", "models", "tests")


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
    write_rows(folder / "rulebook_versions.csv", header, [{**chosen, "valid_from": first, "valid_to": ""}])
    header, stages = read_rows(folder / "stages.csv")
    write_rows(folder / "stages.csv", header, [{**row, "rulebook_version": rulebook_version} for row in stages])


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
