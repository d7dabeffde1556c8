"""The folder channel: ``inbox/<unit_code>/`` of the home. Who may write into a unit's folder speaks for the unit.

The instant of submission is the file's modification time, never later than the run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ingest.channels.arrivals import Delivery, File, Handled, is_unfinished
from ingest.contacts import Contacts
from ingest.scope import make_scope
from ingest.settings import limits
from ingest.text import readable

#: A file that was changed within this time is looked at again after it; one that has grown is left until it is whole.
QUIET_SECONDS = 1.0


def scope_of_folder(contacts: Contacts, kind: str, folder: str, instant: datetime) -> str:
    """A unit's folder speaks for the unit, and for those beside it that the registry names."""
    more = contacts.scope_of(kind, folder, instant)
    return make_scope([(folder, False), *((part.rstrip("+"), part.endswith("+")) for part in more.split())])


@dataclass
class FolderSession:
    """The inbox while it is being emptied."""

    inbox: Path
    contacts: Contacts
    now: datetime
    quiet_seconds: float
    left: list[str] = field(default_factory=list)

    def deliveries(self) -> Iterator[Delivery]:
        """Finished files in units' folders, in the order of their paths."""
        found: dict[Path, os.stat_result] = {}
        for path in sorted(self.inbox.rglob("*")):
            if path.is_symlink():
                self.left.append(f"{readable(str(path.relative_to(self.inbox)))} (a link, which is not followed)")
            elif path.is_file() and not is_unfinished(path.name):
                found[path] = path.stat()
        # A copy that is under way has just been written to; what was changed earlier is whole.
        if any(abs(time.time() - before.st_mtime) < self.quiet_seconds for before in found.values()):
            time.sleep(self.quiet_seconds)
        for path, before in found.items():
            delivery = self._read(path, before)
            if delivery:
                yield delivery

    def _read(self, path: Path, before: os.stat_result) -> Delivery | None:
        shown = readable(str(path.relative_to(self.inbox)))
        unit_code, *below = path.relative_to(self.inbox).parts
        if not below or before.st_size > limits()["channels"]["max_fetched_bytes"]:
            self.left.append(f"{shown} ({'in no unit’s folder' if not below else 'far too large'})")
            return None
        if self.contacts.is_doubtful("folder", unit_code):
            self.left.append(f"{shown} (its folder stands in a line of contacts.csv that is wrong)")
            return None
        data = path.read_bytes()
        after = path.stat()
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, len(data)):
            self.left.append(f"{shown} (still being written)")
            return None
        modified_at = datetime.fromtimestamp(int(after.st_mtime), UTC).replace(tzinfo=None)
        submitted_at = min(modified_at, self.now)
        scope = scope_of_folder(self.contacts, "folder", unit_code, submitted_at)
        return Delivery(str(path), unit_code, scope, submitted_at, (File(readable(path.name), data),))

    def acknowledge(self, handled: Sequence[Handled]) -> None:
        """Remove the files."""
        for one in handled:
            Path(one.key).unlink(missing_ok=True)


@dataclass(frozen=True)
class FolderChannel:
    """The inbox of the home."""

    name: str
    inbox: Path
    contacts: Contacts
    kind: str = "folder"
    quiet_seconds: float = QUIET_SECONDS

    @contextmanager
    def open(self, now: datetime) -> Iterator[FolderSession]:
        """Nothing to connect to."""
        yield FolderSession(self.inbox, self.contacts, now, self.quiet_seconds)
