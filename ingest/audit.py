"""The audit log of the portal: who signed in, sent and fetched what. Names of users only, never what they typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from ingest.ledger import Ledger
from ingest.ledger_tables import AUDIT


def record_event(ledger: Ledger, *, at: datetime, user_name: str, event: str, subject: str = "") -> None:
    """Append one event at ``at`` (UTC); ``user_name`` is "" when somebody unknown tried, ``subject`` a submission."""
    row = {"event_id": uuid4().hex, "recorded_at": at, "user_name": user_name, "event": event, "subject": subject}
    with ledger.engine.begin() as connection:
        connection.execute(sa.insert(AUDIT).values(row))


def audit_events(ledger: Ledger) -> list[dict[str, Any]]:
    """All events, oldest first."""
    query = sa.select(AUDIT).order_by(AUDIT.c.recorded_at, AUDIT.c.event_id)
    with ledger.engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
