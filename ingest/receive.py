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
from pathlib import Path

from ingest.home import Home
from ingest.ledger import Ledger, Receipt, submission_id_of

#: Names of files that are still being written or are an editor's own.
_UNFINISHED_SUFFIXES = (".part", ".tmp", ".crdownload", ".filepart")
_EDITOR_PREFIXES = (".", "~$")


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
    digest = hashlib.sha256(data).hexdigest()
    path = raw_path(raw_dir, digest)
    if path.exists() and path.stat().st_size == len(data):
        return digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{digest}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return digest


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
    earlier = ledger.receipts_of(channel_unit_code, digest)
    for receipt in earlier:
        if receipt.submitted_at == submitted_at or not ledger.is_superseded(receipt.submission_id):
            return receipt, False
    receipt = Receipt(
        submission_id=submission_id_of(channel_unit_code, digest, submitted_at if earlier else None),
        channel=channel,
        channel_unit_code=channel_unit_code,
        file_name=file_name,
        file_sha256=digest,
        file_size=len(data),
        submitted_at=submitted_at,
        received_at=received_at,
    )
    return receipt, ledger.add_receipt(receipt)


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


def collect_folder(
    home: Home, ledger: Ledger, *, now: datetime, progress: Callable[[str], None] | None = None
) -> Collected:
    """Empty the inbox into raw store and ledger. ``now`` (UTC) is the instant of the run.

    The instant of submission is the file's modification time, never later than ``now``.
    """
    received: list[Receipt] = []
    left: list[str] = []
    seen_before = 0
    for unit_code, path in _inbox_files(home.inbox):
        if unit_code is None:
            left.append(path.name)
            continue
        before = path.stat()
        data = path.read_bytes()
        after = path.stat()
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, len(data)):
            left.append(str(path.relative_to(home.inbox)))
            continue
        modified_at = datetime.fromtimestamp(int(after.st_mtime), UTC).replace(tzinfo=None)
        receipt, is_new = receive(
            home,
            ledger,
            data,
            channel="folder",
            channel_unit_code=unit_code,
            file_name=path.name,
            submitted_at=min(modified_at, now),
            received_at=now,
        )
        path.unlink()
        if is_new:
            received.append(receipt)
        else:
            seen_before += 1
        if progress and len(received) % 500 == 499:
            progress(f"{len(received) + 1} files received")
    return Collected(tuple(received), seen_before, tuple(left))
