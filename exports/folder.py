"""A folder that appears whole or not at all, and says what it holds."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import duckdb

#: Packages that write what we hand out.
WRITERS = ("jiedao", "duckdb", "xlsxwriter")


class ExportRefusedError(Exception):
    """The files cannot be written as asked; the message says why and what to do."""


@contextmanager
def whole_folder(target: Path, *, replace: bool) -> Iterator[Path]:
    """A draft folder beside ``target`` that takes its place at the end, in one step; on a failure it is gone.

    Raises ExportRefusedError when something lies at ``target`` already and ``replace`` is not set.
    """
    if target.is_file() or (target.is_dir() and any(target.iterdir()) and not replace):
        raise ExportRefusedError(f"{target} is there already: choose another folder, or replace it with --force")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ExportRefusedError(f"{target} cannot be written: {error.strerror}") from error
    try:
        yield draft
        _take_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _take_place(draft: Path, target: Path) -> None:
    if not target.exists():
        draft.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    target.rename(aside / "before")
    try:
        draft.rename(target)
    except OSError:
        (aside / "before").rename(target)
        raise
    finally:
        shutil.rmtree(aside)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def build_of(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The record of the build that the attached ``warehouse`` holds, instants in ISO form (UTC)."""
    cursor = connection.execute("select * from warehouse.meta.build")
    names = [column[0] for column in cursor.description]
    [row] = cursor.fetchall()
    return {
        name: value if isinstance(value, str) else value.isoformat() for name, value in zip(names, row, strict=True)
    }


def versions() -> dict[str, str]:
    """Versions of what writes the files."""
    return {name: version(name) for name in WRITERS}
