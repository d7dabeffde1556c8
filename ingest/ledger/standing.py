"""Which report speaks for its unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.submissions import Decision
from ingest.ledger.tables import DECISION, PERIOD_LOCK, RECEIPT, REVIEW
from ingest.reviews import OUT, is_locked

#: What a report speaks for.
_KEY = ("form", "period")


class StandingReports(Store):
    """Accepted reports, without those that were sent back, withdrawn, locked out or followed by a later one."""

    def accepted(self, unit_code: str) -> list[dict[str, Any]]:
        """The unit's accepted reports that are not out, nil returns too: of each form and period the last one stands.

        Decisions, with ``submitted_at`` and ``received_at``, in the order in which they took each other's place.
        """
        query = (
            sa.select(DECISION, RECEIPT.c.submitted_at, RECEIPT.c.received_at)
            .join(RECEIPT, RECEIPT.c.submission_id == DECISION.c.submission_id)
            .where(DECISION.c.unit_code == unit_code, DECISION.c.state == "accepted", DECISION.c.period.is_not(None))
            .order_by(DECISION.c.decided_at, RECEIPT.c.submitted_at, DECISION.c.submission_id)
        )
        rows, locks = self.rows(query), self.rows(sa.select(PERIOD_LOCK))
        out = self._sent_back([row["submission_id"] for row in rows])
        return [
            row
            for row in rows
            if row["submission_id"] not in out and not is_locked(locks, unit_code, row["period"], row["received_at"])
        ]

    def last_accepted(self, form: str, unit_code: str, before: str) -> Decision | None:
        """The decision on a unit's standing report of its last period before the period ``before``; nil returns are
        passed over: they say that nothing is new and repeat nothing."""
        standing = {(row["form"], row["period"]): row for row in self.accepted(unit_code) if row["period"] < before}
        found = [row for (of_form, _), row in standing.items() if of_form == form and row["list_row_count"]]
        if not found:
            return None
        row = max(found, key=lambda row: row["period"])
        return Decision(**{name: row[name] for name in Decision.__dataclass_fields__})

    def is_superseded(self, submission_id: str) -> bool:
        """Whether the file no longer speaks for its unit: a later one stands, or it was accepted and does not stand."""
        query = (
            sa.select(DECISION, RECEIPT.c.submitted_at)
            .join(RECEIPT, RECEIPT.c.submission_id == DECISION.c.submission_id)
            .where(DECISION.c.submission_id == submission_id)
        )
        mine = next(iter(self.rows(query)), None)
        if mine is None or mine["unit_code"] is None:
            return False
        same = [row for row in self.accepted(mine["unit_code"]) if all(row[name] == mine[name] for name in _KEY)]
        if mine["state"] == "accepted" and submission_id not in {row["submission_id"] for row in same}:
            return True
        return any(row["submitted_at"] > mine["submitted_at"] for row in same)

    def _sent_back(self, submission_ids: Sequence[str]) -> set[str]:
        """Those of ``submission_ids`` of which the last word is that they were sent back or withdrawn."""
        query = sa.select(REVIEW.c.submission_id, REVIEW.c.kind).where(REVIEW.c.submission_id.in_(submission_ids))
        words = self.rows(query.order_by(REVIEW.c.reviewed_at, REVIEW.c.review_id))
        last = {row["submission_id"]: row["kind"] for row in words}
        return {submission_id for submission_id, kind in last.items() if kind in OUT}
