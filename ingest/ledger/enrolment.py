"""Who takes part, as it stood: every list of the programme that a night or a release has read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import ENROLMENT


class EnrolmentEvents(Store):
    """Changes of the list of units that take part."""

    def note_enrolment(self, lines: Sequence[dict[str, Any]], recorded_at: datetime) -> bool:
        """Record the list as read at ``recorded_at``; False when the last one on record says the same."""
        latest = self.rows(sa.select(ENROLMENT).order_by(ENROLMENT.c.recorded_at.desc()).limit(1))
        if latest and json.loads(latest[0]["lines"]) == list(lines):
            return False
        row = {"recorded_at": recorded_at, "lines": json.dumps(list(lines), ensure_ascii=False)}
        return self.append(ENROLMENT, [row]) == 1

    def enrolment(self, known_at: datetime) -> list[dict[str, Any]] | None:
        """The list in force at ``known_at``; the first one also holds for the time before. None before any is known."""
        listed = self.rows(sa.select(ENROLMENT).order_by(ENROLMENT.c.recorded_at))
        known = [row for row in listed if row["recorded_at"] <= known_at] or listed[:1]
        return list(json.loads(known[-1]["lines"])) if known else None
