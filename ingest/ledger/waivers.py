"""Waivers that offices have granted and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import DECISION, WAIVER, WAIVER_REVOCATION


class WaiverEvents(Store):
    """Which findings may stand, for whom and for when."""

    def add_waiver(self, waiver: dict[str, Any]) -> bool:
        """Record a waiver (columns of `WAIVER`); False when this very waiver is there already."""
        return self.append(WAIVER, [waiver]) == 1

    def revoke_waiver(self, revocation: dict[str, Any]) -> bool:
        """Record that a waiver ends (columns of `WAIVER_REVOCATION`); False when it has ended already."""
        return self.append(WAIVER_REVOCATION, [revocation]) == 1

    def waivers(self, known_at: datetime) -> list[dict[str, Any]]:
        """Waivers recorded by ``known_at``, in their order; with when, by whom and why each was revoked by then."""
        ended = WAIVER_REVOCATION.c
        query = sa.select(
            WAIVER,
            ended.recorded_at.label("revoked_at"),
            ended.office_name.label("revoked_by"),
            ended.reason.label("revocation_reason"),
        ).outerjoin_from(
            WAIVER, WAIVER_REVOCATION, sa.and_(ended.waiver_id == WAIVER.c.waiver_id, ended.recorded_at <= known_at)
        )
        query = query.where(WAIVER.c.recorded_at <= known_at)
        return self.rows(query.order_by(WAIVER.c.recorded_at, WAIVER.c.waiver_id))

    def is_waived_since(self, submission_id: str) -> bool:
        """Whether a waiver for unit and period that still holds came after the file was rejected: checking it again may
        accept it."""
        query = (
            sa.select(WAIVER.c.waiver_id)
            .join(DECISION, DECISION.c.unit_code.startswith(WAIVER.c.scope_code))
            .outerjoin(WAIVER_REVOCATION, WAIVER_REVOCATION.c.waiver_id == WAIVER.c.waiver_id)
            .where(
                DECISION.c.submission_id == submission_id,
                DECISION.c.state == "rejected",
                WAIVER.c.recorded_at > DECISION.c.decided_at,
                WAIVER.c.from_period <= DECISION.c.period,
                sa.or_(WAIVER.c.to_period.is_(None), WAIVER.c.to_period >= DECISION.c.period),
                WAIVER_REVOCATION.c.waiver_id.is_(None),
            )
        )
        return bool(self.rows(query.limit(1)))
