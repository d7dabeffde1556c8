"""Take what arrived: the raw store first, then the receipt, and only then anything that looks at the file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import get_native_id

from ingest.home import Home
from ingest.ledger import Ledger, Receipt, submission_id_of
from ingest.scope import sole_unit


def raw_path(raw_dir: Path, file_sha256: str) -> Path:
    """Where the bytes with this hash lie."""
    return raw_dir / file_sha256[:2] / file_sha256


def store_raw(raw_dir: Path, data: bytes) -> str:
    """Put ``data`` into the raw store, durably and once; returns its SHA-256."""
    digest = write_raw(raw_dir, data)
    sync_folder(raw_path(raw_dir, digest).parent)
    return digest


def write_raw(raw_dir: Path, data: bytes) -> str:
    """`store_raw` but for `sync_folder`, which several files share."""
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


def sync_folder(path: Path) -> None:
    """Make the names of new files in a folder durable."""
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
    different report has replaced it since (then sending it again is a wish to go back) or a waiver may let it pass now:
    then it is a new submission.
    """
    digest = store_raw(home.raw, data)
    arrival = Arrival(channel, channel_unit_code or "", file_name, submitted_at, received_at)
    receipt = arrival.receipt(ledger, digest, len(data))
    return receipt, ledger.add_receipt(receipt)


@dataclass(frozen=True)
class Arrival:
    """How a file came: by which channel, for whom its sender may speak (`ingest.scope`), its name, and when (UTC)."""

    channel: str
    scope: str
    file_name: str
    submitted_at: datetime
    received_at: datetime

    def receipt(self, ledger: Ledger, digest: str, size: int) -> Receipt:
        """The receipt of a content by its SHA-256: the earlier one where the sender sent it before, else a new one."""
        earlier = ledger.receipts_of(self.scope, digest)
        for receipt in earlier:
            known = receipt.submission_id
            if receipt.submitted_at == self.submitted_at:
                return receipt
            if not ledger.is_superseded(known) and not ledger.is_waived_since(known):
                return receipt
        return Receipt(
            submission_id=submission_id_of(self.scope, digest, self.submitted_at if earlier else None),
            channel=self.channel,
            channel_unit_code=sole_unit(self.scope),
            file_name=self.file_name,
            file_sha256=digest,
            file_size=size,
            submitted_at=self.submitted_at,
            received_at=self.received_at,
        )
