"""Take what arrived: the raw store first, then the receipt, and only then anything that looks at the file.

The folder channel empties ``inbox/<unit_code>/``: a file leaves the inbox once its bytes lie in the raw store and its
receipt stands in the ledger. A crash in between leaves the file where it was, and the next run finds the same receipt.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from threading import get_native_id

from ingest.home import Home
from ingest.ledger import Ledger, Receipt, submission_id_of

#: Names of files that are still being written or are an editor's own.
_UNFINISHED_SUFFIXES = (".part", ".tmp", ".crdownload", ".filepart")
_EDITOR_PREFIXES = (".", "~$")


#: Files whose receipts are recorded together: a transaction of the ledger costs more than a file.
GROUP_SIZE = 200


@dataclass(frozen=True)
class Collected:
    """What one emptying of the inbox found; ``left`` are paths in no unit's folder or still growing."""

    received: tuple[Receipt, ...]
    seen_before: int
    left: tuple[str, ...]


def raw_path(raw_dir: Path, file_sha256: str) -> Path:
    """Where the bytes with this hash lie."""
    return raw_dir / file_sha256[:2] / file_sha256


def store_raw(raw_dir: Path, data: bytes) -> str:
    """Put ``data`` into the raw store, durably and once; returns its SHA-256."""
    digest = _write_raw(raw_dir, data)
    _sync_folder(raw_path(raw_dir, digest).parent)
    return digest


def _write_raw(raw_dir: Path, data: bytes) -> str:
    """`store_raw` but for the folder, which several files share."""
    digest = hashlib.sha256(data).hexdigest()
    path = raw_path(raw_dir, digest)
    if path.exists() and path.stat().st_size == len(data):
        return digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{digest}.{get_native_id()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    return digest


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def receive(
    home: Home,
    ledger: Ledger,
    data: bytes,
    *,
    channel: str,
    channel_unit_code: str | None,
    file_name: str,
    submitted_at: datetime,
    received_at: datetime,
) -> tuple[Receipt, bool]:
    """Store ``data`` and record its receipt; returns the receipt and whether it is new.

    A content already received from the same sender is recognised by its hash and gives the old receipt, unless a
    different report has replaced it since: then sending it again is a wish to go back, and a new submission.
    """
    digest = store_raw(home.raw, data)
    arrival = Arrival(channel, channel_unit_code, file_name, submitted_at, received_at)
    receipt = arrival.receipt(ledger, digest, len(data))
    return receipt, ledger.add_receipt(receipt)


@dataclass(frozen=True)
class Arrival:
    """How a file came: by which channel, from whom (None: nobody's folder), under which name, and when (UTC)."""

    channel: str
    channel_unit_code: str | None
    file_name: str
    submitted_at: datetime
    received_at: datetime

    def receipt(self, ledger: Ledger, digest: str, size: int) -> Receipt:
        """The receipt of a content by its SHA-256: the earlier one where the sender sent it before, else a new one."""
        earlier = ledger.receipts_of(self.channel_unit_code, digest)
        for receipt in earlier:
            if receipt.submitted_at == self.submitted_at or not ledger.is_superseded(receipt.submission_id):
                return receipt
        return Receipt(
            submission_id=submission_id_of(self.channel_unit_code, digest, self.submitted_at if earlier else None),
            channel=self.channel,
            channel_unit_code=self.channel_unit_code,
            file_name=self.file_name,
            file_sha256=digest,
            file_size=size,
            submitted_at=self.submitted_at,
            received_at=self.received_at,
        )


def _inbox_files(inbox: Path) -> Iterator[tuple[str | None, Path]]:
    """Finished files of the inbox with the unit whose folder they lie in (None: in no unit's folder)."""
    for path in sorted(inbox.rglob("*")):
        name = path.name
        if not path.is_file() or path.is_symlink() or name.startswith(_EDITOR_PREFIXES):
            continue
        if name.lower().endswith(_UNFINISHED_SUFFIXES):
            continue
        parts = path.relative_to(inbox).parts
        yield (parts[0] if len(parts) > 1 else None), path


def _take(home: Home, ledger: Ledger, unit_code: str, path: Path, now: datetime) -> Receipt | None:
    """Store the bytes of one inbox file and give its receipt; None when the file was still growing."""
    before = path.stat()
    data = path.read_bytes()
    after = path.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, len(data)):
        return None
    digest = _write_raw(home.raw, data)
    modified_at = datetime.fromtimestamp(int(after.st_mtime), UTC).replace(tzinfo=None)
    return Arrival("folder", unit_code, path.name, min(modified_at, now), now).receipt(ledger, digest, len(data))


def _settle(home: Home, ledger: Ledger, taken: dict[Path, Receipt]) -> list[Receipt]:
    """Record the receipts of files whose bytes are stored, then let the files go; returns the new receipts."""
    for folder in {raw_path(home.raw, receipt.file_sha256).parent for receipt in taken.values()}:
        _sync_folder(folder)
    unique = {receipt.submission_id: receipt for receipt in taken.values()}
    known = {receipt.submission_id for receipt in ledger.receipts(list(unique))}
    ledger.add_receipts(unique.values())
    for path in taken:
        path.unlink()
    return [receipt for submission_id, receipt in unique.items() if submission_id not in known]


def collect_folder(
    home: Home, ledger: Ledger, *, now: datetime, progress: Callable[[str], None] | None = None
) -> Collected:
    """Empty the inbox into raw store and ledger, a group of files at a time. ``now`` (UTC) is the instant of the run.

    The instant of submission is the file's modification time, never later than ``now``.
    """
    received: list[Receipt] = []
    left: list[str] = []
    file_count = 0
    files = _inbox_files(home.inbox)
    while group := list(islice(files, GROUP_SIZE)):
        taken: dict[Path, Receipt] = {}
        for unit_code, path in group:
            receipt = _take(home, ledger, unit_code, path, now) if unit_code else None
            if receipt:
                taken[path] = receipt
            else:
                left.append(str(path.relative_to(home.inbox)))
        received += _settle(home, ledger, taken)
        file_count += len(taken)
        if progress and file_count >= GROUP_SIZE:
            progress(f"    {file_count} files collected")
    return Collected(tuple(received), file_count - len(received), tuple(left))
