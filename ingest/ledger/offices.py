"""What offices did: reviews, locks, decisions on stages, appeals and releases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import (
    APPEAL,
    APPEAL_DECISION,
    DECISION_RECORD,
    PERIOD_LOCK,
    RELEASE,
    REVIEW,
)


class OfficeEvents(Store):
    """Acts of people with an office to answer for them; what holds is worked out from those known at an instant."""

    def add_review(self, review: dict[str, Any]) -> None:
        """Record a word about an accepted report (columns of `REVIEW`)."""
        self.append(REVIEW, [review])

    def reviews(self, known_at: datetime) -> list[dict[str, Any]]:
        """Words about reports given by ``known_at``, in their order."""
        query = sa.select(REVIEW).where(REVIEW.c.reviewed_at <= known_at)
        return self.rows(query.order_by(REVIEW.c.reviewed_at, REVIEW.c.review_id))

    def reviews_of(self, submission_ids: Sequence[str]) -> list[dict[str, Any]]:
        """All words about these reports, in their order."""
        query = sa.select(REVIEW).where(REVIEW.c.submission_id.in_(submission_ids))
        return self.rows(query.order_by(REVIEW.c.reviewed_at, REVIEW.c.review_id))

    def add_lock(self, event: dict[str, Any]) -> None:
        """Record a lock of a period or an exception from it (columns of `PERIOD_LOCK`)."""
        self.append(PERIOD_LOCK, [event])

    def locks(self, known_at: datetime) -> list[dict[str, Any]]:
        """Locks and exceptions recorded by ``known_at``, in their order."""
        query = sa.select(PERIOD_LOCK).where(PERIOD_LOCK.c.recorded_at <= known_at)
        return self.rows(query.order_by(PERIOD_LOCK.c.recorded_at, PERIOD_LOCK.c.lock_id))

    def add_decision_record(self, record: dict[str, Any]) -> None:
        """Record an office's decision (columns of `DECISION_RECORD`)."""
        self.append(DECISION_RECORD, [record])

    def decision_records(self, known_at: datetime) -> list[dict[str, Any]]:
        """Decisions of offices taken by ``known_at``, in the order in which they were taken."""
        query = sa.select(DECISION_RECORD).where(DECISION_RECORD.c.decided_at <= known_at)
        return self.rows(query.order_by(DECISION_RECORD.c.decided_at, DECISION_RECORD.c.record_id))

    def add_appeal(self, appeal: dict[str, Any]) -> bool:
        """Record an appeal (columns of `APPEAL`); False when this very appeal is there already."""
        return self.append(APPEAL, [appeal]) == 1

    def decide_appeal(self, decision: dict[str, Any], record: dict[str, Any] | None) -> bool:
        """Record the decision of an appeal and, when it is upheld, the override that follows: both or neither.

        False when the appeal has been decided before; nothing is written then.
        """
        with self.engine.begin() as connection:
            is_new = self.insert(connection, APPEAL_DECISION, [decision]) == 1
            if is_new and record is not None:
                connection.execute(sa.insert(DECISION_RECORD).values(record))
            return is_new

    def appeals(self) -> list[dict[str, Any]]:
        """Every appeal with its decision (null while it is open), oldest first."""
        decided = [column for column in APPEAL_DECISION.c if column.name not in ("appeal_id", "reason")]
        query = (
            sa.select(APPEAL, *decided, APPEAL_DECISION.c.reason.label("decision_reason"))
            .outerjoin(APPEAL_DECISION, APPEAL_DECISION.c.appeal_id == APPEAL.c.appeal_id)
            .order_by(APPEAL.c.filed_at, APPEAL.c.appeal_id)
        )
        return self.rows(query)

    def add_release(self, event: dict[str, Any]) -> bool:
        """Record that a release reached a state (columns of `RELEASE`); False when it has reached it before."""
        return self.append(RELEASE, [event]) == 1

    def releases(self, stage_code: str | None = None) -> list[dict[str, Any]]:
        """Events of all releases (or of one stage), oldest first."""
        query = sa.select(RELEASE).order_by(RELEASE.c.stage_code, RELEASE.c.version, RELEASE.c.recorded_at)
        return self.rows(query if stage_code is None else query.where(RELEASE.c.stage_code == stage_code))
