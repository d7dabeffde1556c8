"""Which report speaks for its unit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.submissions import Decision
from ingest.ledger.tables import DECISION, RECEIPT, REVIEW
from ingest.reviews import OUT


class StandingReports(Store):
    """Accepted reports, without those that were sent back, withdrawn or followed by a later one."""

    def accepted(self, unit_code: str) -> list[dict[str, Any]]:
        """Accepted reports of a unit that are no nil returns, in the order in which they were handed in."""
        columns = [DECISION.c[name] for name in ("submission_id", "unit_code", "form", "period", "batch_id")]
        query = (
            sa.select(*columns)
            .join(RECEIPT, RECEIPT.c.submission_id == DECISION.c.submission_id)
            .where(
                DECISION.c.unit_code == unit_code,
                DECISION.c.state == "accepted",
                DECISION.c.period.is_not(None),
                DECISION.c.list_row_count > 0,
            )
            .order_by(RECEIPT.c.submitted_at, DECISION.c.submission_id)
        )
        return self.rows(query)

    def last_accepted(self, form: str, unit_code: str, before: str) -> Decision | None:
        """The decision on a unit's standing report of its last period before the period ``before``."""
        query = (
            sa.select(DECISION)
            .join(RECEIPT, RECEIPT.c.submission_id == DECISION.c.submission_id)
            .where(DECISION.c.state == "accepted", DECISION.c.form == form, DECISION.c.unit_code == unit_code)
            .where(DECISION.c.period < before)
            .order_by(
                DECISION.c.period.desc(),
                DECISION.c.decided_at.desc(),
                RECEIPT.c.submitted_at.desc(),
                DECISION.c.submission_id.desc(),
            )
        )
        standing = (row for row in self.rows(query) if not self._words(row["submission_id"]) & set(OUT))
        row = next(standing, None)
        return Decision(**row) if row else None

    def is_superseded(self, submission_id: str) -> bool:
        """Whether the file no longer speaks for its unit: a later one was accepted, it was sent back or withdrawn."""
        if self._words(submission_id) & set(OUT):
            return True
        mine = sa.alias(DECISION)
        later = sa.alias(DECISION)
        mine_receipt, later_receipt = sa.alias(RECEIPT), sa.alias(RECEIPT)
        query = (
            sa.select(later.c.submission_id)
            .join(later_receipt, later_receipt.c.submission_id == later.c.submission_id)
            .join(mine, sa.and_(*(mine.c[name] == later.c[name] for name in ("unit_code", "period", "form"))))
            .join(mine_receipt, mine_receipt.c.submission_id == mine.c.submission_id)
            .where(
                mine.c.submission_id == submission_id,
                later.c.submission_id != submission_id,
                later.c.state == "accepted",
                later_receipt.c.submitted_at > mine_receipt.c.submitted_at,
            )
        )
        return bool(self.rows(query.limit(1)))

    def _words(self, submission_id: str) -> set[str]:
        """The last word about a submission, in a set; an empty one where nobody spoke."""
        query = sa.select(REVIEW.c.kind).where(REVIEW.c.submission_id == submission_id)
        rows = self.rows(query.order_by(REVIEW.c.reviewed_at.desc(), REVIEW.c.review_id.desc()).limit(1))
        return {row["kind"] for row in rows}
