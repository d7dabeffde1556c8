"""Waivers that offices have granted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import DECISION, WAIVER


class WaiverEvents(Store):
    """Which findings may stand, for whom and for when."""

    def add_waiver(self, waiver: dict[str, Any]) -> bool:
        """Record a waiver (columns of `WAIVER`); False when this very waiver is there already."""
        return self.append(WAIVER, [waiver]) == 1

    def waivers(self, known_at: datetime) -> list[dict[str, Any]]:
        """Waivers recorded by ``known_at``, in their order."""
        query = sa.select(WAIVER).where(WAIVER.c.recorded_at <= known_at)
        return self.rows(query.order_by(WAIVER.c.recorded_at, WAIVER.c.waiver_id))

    def is_waived_since(self, submission_id: str) -> bool:
        """Whether a waiver for unit and period came after the file was rejected: checking it again may accept it."""
        query = (
            sa.select(WAIVER.c.waiver_id)
            .join(DECISION, DECISION.c.unit_code.startswith(WAIVER.c.scope_code))
            .where(
                DECISION.c.submission_id == submission_id,
                DECISION.c.state == "rejected",
                WAIVER.c.recorded_at > DECISION.c.decided_at,
                WAIVER.c.from_period <= DECISION.c.period,
                sa.or_(WAIVER.c.to_period.is_(None), WAIVER.c.to_period >= DECISION.c.period),
            )
        )
        return bool(self.rows(query.limit(1)))
