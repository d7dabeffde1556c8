"""A folder of backups: every content once, by its SHA-256, and one list of files per backup.

``files/<aa>/<sha256>`` holds contents, ``sets/<made_at>.json`` says which of them a backup consists of. The list is
written last, so that a backup that broke off is none, and what it copied is used by the next.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from warehouse.results import as_json, sealed

FORMAT = "jiedao-backup-1"
MARKER = "backup.json"
_PIECE = 1 << 20


class RepositoryError(Exception):
    """The folder cannot be used as a folder of backups; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """One file of a backup: its place in the home, its content and size, its rights, and its time in nanoseconds."""

    path: str
    sha256: str
    size: int
    mode: int
    changed_ns: int


@dataclass(frozen=True)
class BackupSet:
    """What one backup consists of; ``rows`` counts the events of the ledger by table."""

    made_at: str
    version: str
    entries: tuple[Entry, ...]
    rows: dict[str, int]
    left_out: tuple[str, ...] = field(default=())

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)


class Repository:
    """Contents and lists of one folder of backups."""

    def __init__(self, root: Path) -> None:
        """The folder at ``root``; see ``create`` and ``require``."""
        self.root = root
        self._files = root / "files"
        self._sets = root / "sets"

    def create(self) -> None:
        """Make the folder on first use; raises RepositoryError on a folder that holds something else."""
        marker = self.root / MARKER
        if not marker.exists():
            if self.root.exists() and (not self.root.is_dir() or any(self.root.iterdir())):
                raise RepositoryError(f"{self.root} holds something else: name an empty or a new folder")
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            marker.write_text(json.dumps({"format": FORMAT}) + "\n", encoding="utf-8")
        self.require()
        for folder in (self._files, self._sets):
            folder.mkdir(exist_ok=True, mode=0o700)

    def require(self) -> None:
        """Raise RepositoryError unless this is a folder of backups that this version can read."""
        try:
            found = json.loads((self.root / MARKER).read_text(encoding="utf-8"))["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RepositoryError(f"{self.root} is no folder of backups: {MARKER} is missing or damaged") from error
        if found != FORMAT:
            raise RepositoryError(f"{self.root} is written as {found!r}, this version reads {FORMAT!r}")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second backup or cleaning away; raises RepositoryError while there is one."""
        with (self.root / ".lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RepositoryError(f"another backup is writing to {self.root}") from error
            yield

    def path_of(self, sha256: str) -> Path:
        """Where the content with this hash lies."""
        return self._files / sha256[:2] / sha256

    def has(self, sha256: str, size: int) -> bool:
        """Whether that content is there in full length."""
        path = self.path_of(sha256)
        return path.exists() and path.stat().st_size == size

    def put(self, source: Path) -> str:
        """Copy a file into the folder, durably; returns its SHA-256."""
        digest = hashlib.sha256()
        handle, draft = tempfile.mkstemp(dir=self._files, prefix=".")
        with source.open("rb") as content, os.fdopen(handle, "wb") as copy:
            while piece := content.read(_PIECE):
                digest.update(piece)
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
        target = self.path_of(digest.hexdigest())
        target.parent.mkdir(exist_ok=True, mode=0o700)
        Path(draft).replace(target)
        return digest.hexdigest()

    def names(self) -> list[str]:
        """Names of the backups, oldest first."""
        return sorted(path.stem for path in self._sets.glob("*.json"))

    def add(self, made: BackupSet) -> str:
        """Write the list of a backup whose contents are all there; returns its name."""
        name = made.made_at.replace("-", "").replace(":", "")
        part = self._sets / f".{name}.part"
        with part.open("w", encoding="utf-8") as stream:
            stream.write(as_json(sealed(asdict(made))))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self._sets / f"{name}.json")
        return name

    def read(self, name: str) -> BackupSet:
        """The backup of that name; raises RepositoryError when there is none or its list is damaged."""
        path = self._sets / f"{name}.json"
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            known = ", ".join(self.names()) or "none"
            raise RepositoryError(f"{self.root} has no backup {name!r}; there are: {known}") from error
        except ValueError as error:
            raise RepositoryError(f"{path} is damaged: take an earlier backup with --set") from error
        if as_json(sealed(found)) != path.read_text(encoding="utf-8"):
            raise RepositoryError(f"{path} is not what was written: take an earlier backup with --set")
        entries = tuple(Entry(**entry) for entry in found["entries"])
        return BackupSet(found["made_at"], found["version"], entries, found["rows"], tuple(found["left_out"]))

    def prune(self, keep: int) -> int:
        """Remove all but the newest ``keep`` backups and what only they held; returns how many went."""
        gone = self.names()[:-keep]
        used = {entry.sha256 for name in self.names()[-keep:] for entry in self.read(name).entries}
        for name in gone:
            (self._sets / f"{name}.json").unlink()
        for path in list(self._files.glob("*/*")):
            if path.name not in used:
                path.unlink()
        for draft in self._files.glob(".*"):
            draft.unlink()
        return len(gone)
