"""What every channel speaks: deliveries with proof of who sends, and an acknowledgement that takes them away.

A delivery is what a channel acknowledges as one: a file in a folder, or a whole mail. `ingest.channels.collect` stores
its bytes and records its receipts; only then is it acknowledged and leaves the place where it lay. A crash at any point
leaves it there, and the next run finds the same receipts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ingest.archive import is_member_of_report
from ingest.ledger import Receipt

#: Names of files that are still being written, by browsers and programs that copy.
_UNFINISHED_SUFFIXES = (
    ".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download", ".downloading", ".opdownload", ".td",
)  # fmt: skip


class ChannelError(Exception):
    """A channel cannot be emptied now: no server, wrong password, unknown host key. The message says what to mend."""


@dataclass(frozen=True)
class File:
    """A file that arrived. ``place`` is where in its mail or zip it lay, "" when it came by itself."""

    name: str
    data: bytes
    place: str = ""


@dataclass(frozen=True)
class Refusal:
    """What cannot be taken, or is put aside: ``reason`` is a code of ``refusals.csv``, ``place`` as for a file."""

    reason: str
    detail: str = ""
    place: str = ""


@dataclass(frozen=True)
class Delivery:
    """One thing that arrived. ``key`` is the channel's own name of it, ``submitted_at`` UTC without a zone.

    ``scope`` says for whom the sender may speak (`ingest.scope`); ``message`` are the bytes of a whole mail. A delivery
    without files is refused. ``fallback_source`` names one whose bytes were never fetched.
    """

    key: str
    sender: str
    scope: str
    submitted_at: datetime
    files: tuple[File, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    message: bytes | None = None
    fallback_source: str = ""


@dataclass(frozen=True)
class Handled:
    """A delivery that may leave: its bytes are stored and its receipts (none: it is refused) stand in the ledger."""

    key: str
    source: str
    receipts: tuple[Receipt, ...]


class Session(Protocol):
    """An open channel. ``left`` grows while deliveries are read: what stays where it is, and why."""

    left: list[str]

    def deliveries(self) -> Iterator[Delivery]:
        """What waits, one at a time. Raises ChannelError."""

    def acknowledge(self, handled: Sequence[Handled]) -> None:
        """Let these deliveries leave. Raises ChannelError; what is there no longer is passed over."""


class Channel(Protocol):
    """A way in: ``name`` as in ``channels.yml``, ``kind`` as receipts state it."""

    @property
    def name(self) -> str:
        """Name of this channel."""

    @property
    def kind(self) -> str:
        """What kind of channel it is: folder, mailbox, sftp, s3."""

    def open(self, now: datetime) -> AbstractContextManager[Session]:
        """Connect; ``now`` (UTC) is the instant of the run. Raises ChannelError."""


def is_unfinished(name: str) -> bool:
    """Whether a file's name says that it is still being written, or is a program's own."""
    return not is_member_of_report(name) or name.lower().endswith(_UNFINISHED_SUFFIXES)
