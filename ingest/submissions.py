"""What a sender may look at again: the submissions of the units of a scope, and what that sender sent."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ingest.ledger import Decision, Ledger, Receipt
from ingest.ledger.tables import DECISION, ORIGIN, RECEIPT


@dataclass(frozen=True)
class Submission:
    """A received file and what was decided about it; ``decision`` is None while it waits."""

    receipt: Receipt
    decision: Decision | None

    @property
    def unit_code(self) -> str | None:
        """The unit that answers for it, as far as that is known."""
        return self.decision.unit_code if self.decision else self.receipt.channel_unit_code


_OWNER = sa.func.coalesce(DECISION.c.unit_code, RECEIPT.c.channel_unit_code)


def _within(scope: str) -> sa.ColumnElement[bool]:
    parts = scope.split()
    below = [_OWNER.startswith(part[:-1], autoescape=True) for part in parts if part.endswith("+")]
    return sa.or_(sa.false(), _OWNER.in_([part for part in parts if not part.endswith("+")]), *below)


def _sent_by(sender: tuple[str, str]) -> sa.ColumnElement[bool]:
    """Files without a unit of their own that this (channel name, sender) sent: they wait, or their cover was wrong."""
    channel_name, name = sender
    mine = sa.select(ORIGIN.c.submission_id).where(ORIGIN.c.channel_name == channel_name, ORIGIN.c.sender == name)
    return sa.and_(_OWNER.is_(None), RECEIPT.c.submission_id.in_(mine))


def submissions(
    ledger: Ledger,
    scope: str,
    sender: tuple[str, str] | None = None,
    *,
    submission_id: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Submission]:
    """Submissions of the units of ``scope``, and those without a unit that ``sender`` sent; the latest first.

    With ``submission_id`` that one alone, if it is among them.
    """
    receipt = [column.label(f"receipt_{column.name}") for column in RECEIPT.c]
    decision = [column.label(f"decision_{column.name}") for column in DECISION.c]
    visible = sa.or_(_within(scope), _sent_by(sender)) if sender else _within(scope)
    query = (
        sa.select(*receipt, *decision)
        .outerjoin_from(RECEIPT, DECISION, DECISION.c.submission_id == RECEIPT.c.submission_id)
        .where(visible)
        .order_by(RECEIPT.c.received_at.desc(), RECEIPT.c.submission_id)
        .limit(limit)
        .offset(offset)
    )
    if submission_id is not None:
        query = query.where(RECEIPT.c.submission_id == submission_id)
    return [
        Submission(
            Receipt(**{column.name: row[f"receipt_{column.name}"] for column in RECEIPT.c}),
            Decision(**{column.name: row[f"decision_{column.name}"] for column in DECISION.c})
            if row["decision_submission_id"]
            else None,
        )
        for row in ledger.rows(query)
    ]
