"""How files came: origins, refusals and the emptying of channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import COLLECTION, ORIGIN, RECEIPT, REFUSAL


class ChannelEvents(Store):
    """What the channels brought, and what of it gave no submission."""

    def add_origins(self, origins: Iterable[dict[str, Any]]) -> None:
        """Record how files came (columns of `ORIGIN`). Must stand before their receipts: it limits who is believed."""
        self.append(ORIGIN, list(origins))

    def origins(self, source: str) -> list[dict[str, Any]]:
        """Receipt and place of every file of one mail or zip, in the order of the places."""
        query = (
            sa.select(RECEIPT, *(column for column in ORIGIN.c if column.name != "submission_id"))
            .join(ORIGIN, ORIGIN.c.submission_id == RECEIPT.c.submission_id)
            .where(ORIGIN.c.source == source)
            .order_by(ORIGIN.c.place, RECEIPT.c.submission_id)
        )
        return self.rows(query)

    def scopes(self, submission_ids: Sequence[str]) -> dict[str, str]:
        """For whom the senders of these submissions may speak, where it is more than the receipt's one unit."""
        query = sa.select(ORIGIN.c.submission_id, ORIGIN.c.scope).where(ORIGIN.c.submission_id.in_(submission_ids))
        return {row["submission_id"]: row["scope"] for row in self.rows(query)}

    def mails(self, since: datetime) -> list[str]:
        """SHA-256 of every mail of which something was received or refused since then (UTC), for the replies.

        A mail whose receipts are not all written is not among them: its collection was cut off and is repeated.
        """
        received = (
            sa.select(ORIGIN.c.source)
            .join(RECEIPT, RECEIPT.c.submission_id == ORIGIN.c.submission_id)
            .where(ORIGIN.c.is_mail, RECEIPT.c.received_at >= since)
        )
        refused = sa.select(REFUSAL.c.source).where(REFUSAL.c.is_mail, REFUSAL.c.recorded_at >= since)
        unsettled = (
            sa.select(ORIGIN.c.source)
            .outerjoin(RECEIPT, RECEIPT.c.submission_id == ORIGIN.c.submission_id)
            .where(ORIGIN.c.is_mail, RECEIPT.c.submission_id.is_(None))
        )
        found = {row["source"] for row in self.rows(sa.union(received, refused))}  # type: ignore[arg-type]
        return sorted(found - {row["source"] for row in self.rows(unsettled)})

    def add_refusals(self, refusals: Iterable[dict[str, Any]]) -> None:
        """Record what came and gave no submission (columns of `REFUSAL`)."""
        self.append(REFUSAL, list(refusals))

    def refusals(self, source: str | None = None) -> list[dict[str, Any]]:
        """What came and gave no submission, of one mail or in all, oldest first."""
        query = sa.select(REFUSAL).order_by(REFUSAL.c.recorded_at, REFUSAL.c.source, REFUSAL.c.place)
        return self.rows(query if source is None else query.where(REFUSAL.c.source == source))

    def add_collection(self, collection: dict[str, Any]) -> None:
        """Record that a channel was emptied, or could not be (columns of `COLLECTION`)."""
        self.append(COLLECTION, [collection])

    def collections(self) -> list[dict[str, Any]]:
        """Emptyings of channels that brought something or failed, oldest first."""
        return self.rows(sa.select(COLLECTION).order_by(COLLECTION.c.run_at, COLLECTION.c.channel_name))
