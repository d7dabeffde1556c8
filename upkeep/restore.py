"""Put a backup into an empty home.

All contents are proven before the home is touched; a restore that broke off goes on when it is repeated.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest.home import Home
from ingest.ledger import Ledger
from upkeep.backup import LEDGER
from upkeep.ledger_copy import count_rows, read_ledger
from upkeep.repository import BackupSet, Entry, Repository, RepositoryError
from upkeep.settings import settings
from warehouse.results import sha256_of

#: Lies in a home while a restore is under way.
MARKER = "restoring.json"
_BEAT = 5_000


class RestoreError(Exception):
    """The backup cannot be put into this home; the message says why and what to do."""


@dataclass(frozen=True)
class Restored:
    """What was put in place."""

    name: str
    made: BackupSet
    file_count: int
    event_count: int


def damaged_files(repository: Repository, entries: Iterable[Entry], progress: Callable[[str], None]) -> list[str]:
    """Files whose content is missing or is not what was saved."""
    found = []
    for number, entry in enumerate(entries, 1):
        path = repository.path_of(entry.sha256)
        if not path.exists() or sha256_of(path) != entry.sha256:
            found.append(entry.path)
        if number % _BEAT == 0:
            progress(f"{number} files proven")
    return found


def _require_place(home: Home, marker: Path, wish: dict[str, str]) -> None:
    """Raise RestoreError unless the home is empty, or a restore of the same backup broke off in it."""
    if marker.exists():
        if json.loads(marker.read_text(encoding="utf-8")) != wish:
            raise RestoreError(
                f"a restore of another backup broke off in {home.root}: empty the folder, or repeat that one"
            )
        return
    folders = (*settings()["kept_folders"], settings()["secret_folder"], home.published.parent.name)
    if any(path.is_file() for folder in folders for path in (home.root / folder).rglob("*")):
        raise RestoreError(f"{home.root} holds something already: set JIEDAO_HOME to an empty folder")
    ledger = Ledger(home.ledger_url)
    try:
        if count_rows(ledger):
            raise RestoreError("the ledger holds events already: name an empty one in JIEDAO_LEDGER_URL")
    finally:
        ledger.close()


def _place(repository: Repository, entry: Entry, target: Path) -> None:
    """Copy one content to its place, whole or not at all, with the rights and the time that it had."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(repository.path_of(entry.sha256), part)
    part.chmod(entry.mode)
    part.replace(target)


def restore(
    home: Home, source: Path, *, name: str | None = None, progress: Callable[[str], None] = lambda _: None
) -> Restored:
    """Put backup ``name`` (default: the newest) of the folder ``source`` into the empty ``home`` and its ledger.

    Raises RepositoryError and RestoreError, having changed nothing, and `upkeep.ledger_copy.ForeignLedgerError`.
    """
    repository = Repository(source)
    repository.require()
    names = repository.names()
    if not names:
        raise RepositoryError(f"{source} holds no finished backup")
    name = name or names[-1]
    made = repository.read(name)
    if damaged := damaged_files(repository, made.entries, progress):
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        raise RestoreError(f"{damaged[0]}{more} of backup {name} is damaged: take another one with --set")
    marker = home.root / MARKER
    home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    wish = {"source": str(source.resolve()), "set": name}
    _require_place(home, marker, wish)
    marker.write_text(json.dumps(wish), encoding="utf-8")
    home.prepare()
    tables = {}
    for number, entry in enumerate(made.entries, 1):
        if entry.path.startswith(f"{LEDGER}/"):
            tables[Path(entry.path).stem] = repository.path_of(entry.sha256)
        else:
            _place(repository, entry, home.root / entry.path)
        if number % _BEAT == 0:
            progress(f"{number} of {len(made.entries)} files in place")
    ledger = Ledger(home.ledger_url)
    try:
        read_ledger(ledger, tables)
        events = count_rows(ledger)
    finally:
        ledger.close()
    marker.unlink()
    return Restored(name, made, len(made.entries) - len(tables), events)
