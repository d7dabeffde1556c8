"""The upload page as a channel: one file from a signed-in user, stored and given a receipt as by any other channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from ingest.channels.arrivals import Delivery, File, Handled, Session
from ingest.channels.collect import Collected, collect
from ingest.home import Home
from ingest.ledger import Ledger, Receipt

#: Name and kind of the channel, in receipts, the ledger and the registry of contacts.
PAGE = "page"


@dataclass
class _Upload:
    """An upload that waits to be collected, and the receipts that it got."""

    delivery: Delivery
    name: str = PAGE
    kind: str = PAGE
    left: list[str] = field(default_factory=list)
    receipts: tuple[Receipt, ...] = ()

    @contextmanager
    def open(self, _now: datetime) -> Iterator[Session]:
        """The upload is its own session: its bytes are here already."""
        yield self

    def deliveries(self) -> Iterator[Delivery]:
        """The one upload."""
        yield self.delivery

    def acknowledge(self, handled: Sequence[Handled]) -> None:
        """Keep the receipts; there is nothing to take away."""
        self.receipts = tuple(receipt for one in handled for receipt in one.receipts)


def receive_upload(
    home: Home, ledger: Ledger, file: File, *, sender: str, scope: str, now: datetime
) -> tuple[tuple[Receipt, ...], Collected]:
    """Store an upload before anything looks at it; gives the receipts of its reports, of several in a zip too.

    ``scope`` says for whom the user ``sender`` may speak (`ingest.scope`), ``now`` is UTC.
    """
    upload = _Upload(Delivery(key="", sender=sender, scope=scope, submitted_at=now, files=(file,)))
    collected = collect(home, ledger, upload, now=now)
    return upload.receipts, collected
