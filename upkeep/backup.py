"""Copy what cannot be made again into a folder of backups.

The ledger goes first, as of one instant: what it names was stored before it was recorded, so that all of it is there
when the folders are copied. What comes in meanwhile is in the copy or not, and in the next one in any case.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from ingest.home import Home
from ingest.ledger import Ledger
from upkeep.ledger_copy import write_ledger
from upkeep.repository import BackupSet, Entry, Repository, RepositoryError
from upkeep.settings import settings
from warehouse.results import sha256_of

#: Folder of a backup for the tables of the ledger; there is none of that name in a home.
LEDGER = "ledger"
RAW = "raw"
_PRIVATE = 0o600
#: Files between two words of progress.
_BEAT = 5_000


@dataclass(frozen=True)
class Backup:
    """A backup that was made: its name and list, what had to be copied, and raw files that are not what they were."""

    name: str
    made: BackupSet
    copied_files: int
    copied_bytes: int
    damaged: tuple[str, ...]
    removed_sets: int


def _files_of(home: Home, folder: str) -> Iterator[Path]:
    """The finished files of one folder of the home; those being written have names with a dot."""
    for path in sorted((home.root / folder).rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path.suffix not in settings()["passed_over"]:
            yield path


class _Copier:
    """Puts files of a home into the repository, reading only what may have changed since the last backup."""

    def __init__(self, home: Home, repository: Repository, progress: Callable[[str], None]) -> None:
        self._home = home
        self._repository = repository
        self._progress = progress
        names = repository.names()
        self._before = {entry.path: entry for entry in repository.read(names[-1]).entries} if names else {}
        self.entries: list[Entry] = []
        self.damaged: list[str] = []
        self.copied_files = 0
        self.copied_bytes = 0

    def add(self, path: Path, name: str, *, mode: int | None = None) -> None:
        """Take the file at ``path`` under ``name``."""
        facts = path.stat()
        before = self._before.get(name)
        if before and (before.size, before.changed_ns) == (facts.st_size, facts.st_mtime_ns):
            sha256 = before.sha256
        else:
            sha256 = path.name if name.startswith(f"{RAW}/") else ""
        sha256 = sha256 or sha256_of(path)
        if not self._repository.has(sha256, facts.st_size):
            sha256 = self._repository.put(path)
            self.copied_files += 1
            self.copied_bytes += facts.st_size
            if name.startswith(f"{RAW}/") and sha256 != path.name:
                self.damaged.append(name)
        self.entries.append(Entry(name, sha256, facts.st_size, mode or facts.st_mode & 0o777, facts.st_mtime_ns))
        if len(self.entries) % _BEAT == 0:
            self._progress(f"{len(self.entries)} files")

    def add_folder(self, folder: str) -> None:
        """Take the files of one folder of the home."""
        for path in _files_of(self._home, folder):
            self.add(path, path.relative_to(self._home.root).as_posix())


def _copy_users(users: Path, target: Path) -> None:
    """Copy the database of users while it may be in use."""
    with closing(sqlite3.connect(users)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def back_up(
    home: Home,
    target: Path,
    *,
    now: datetime,
    with_secrets: bool = True,
    keep: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Backup:
    """Make a backup of ``home`` in the folder ``target``, and keep only the newest ``keep`` there.

    Raises RepositoryError when ``target`` cannot be used; OSError when it is full: the earlier backups stay.
    """
    if target.resolve().is_relative_to(home.root):
        raise RepositoryError(f"{target} lies in the home that it shall save: name a folder on another disk")
    repository = Repository(target)
    repository.create()
    with repository.lock(), tempfile.TemporaryDirectory(prefix="jiedao-backup-") as work:
        copier = _Copier(home, repository, progress)
        ledger = Ledger(home.ledger_url)
        try:
            rows = write_ledger(ledger, Path(work))
        finally:
            ledger.close()
        progress(f"ledger: {sum(rows.values())} events")
        for path in sorted(Path(work).iterdir()):
            copier.add(path, f"{LEDGER}/{path.name}", mode=_PRIVATE)
        for folder in settings()["kept_folders"]:
            copier.add_folder(folder)
        if with_secrets:
            copier.add_folder(settings()["secret_folder"])
            if home.users.exists():
                _copy_users(home.users, Path(work) / home.users.name)
                name = home.users.relative_to(home.root).as_posix()
                copier.add(Path(work) / home.users.name, name, mode=_PRIVATE)
        left_out = () if with_secrets else (settings()["secret_folder"],)
        made_at = f"{now.isoformat(timespec='microseconds')}Z"
        made = BackupSet(made_at, version("jiedao"), tuple(copier.entries), rows, left_out)
        name = repository.add(made)
        removed = repository.prune(keep) if keep else 0
    return Backup(name, made, copier.copied_files, copier.copied_bytes, tuple(copier.damaged), removed)
