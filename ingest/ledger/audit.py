"""The audit log: who signed in, sent, fetched and took away what. Names of users only, never what they typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import AUDIT


class AuditEvents(Store):
    """What users of the portal and of the command line did."""

    def add_audit_event(self, *, at: datetime, user_name: str, event: str, subject: str = "") -> None:
        """Append one event at ``at`` (UTC); ``user_name`` is "" for somebody unknown, ``subject`` a submission."""
        row = {"event_id": uuid4().hex, "recorded_at": at, "user_name": user_name, "event": event, "subject": subject}
        self.append(AUDIT, [row])

    def audit_events(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The latest events, oldest first; all of them without a ``limit``."""
        query = sa.select(AUDIT).order_by(AUDIT.c.recorded_at.desc(), AUDIT.c.event_id.desc()).limit(limit)
        return self.rows(query)[::-1]
