"""What arrived and what was decided about it, and the batches in which it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import BATCH, DECISION, ORIGIN, RECEIPT, SIGNED_RECEIPT
from ingest.scope import sole_unit


@dataclass(frozen=True)
class Receipt:
    """Proof that a file arrived: who sent it by which channel, and its hash."""

    submission_id: str
    channel: str
    channel_unit_code: str | None
    file_name: str
    file_sha256: str
    file_size: int
    submitted_at: datetime
    received_at: datetime


@dataclass(frozen=True)
class Decision:
    """What came of a received file. ``batch_id`` names the Parquet files that hold its rows."""

    submission_id: str
    batch_id: str
    decided_at: datetime
    state: str
    reason: str | None
    form: str | None
    unit_code: str | None
    period: str | None
    error_count: int
    query_count: int
    note_count: int
    list_row_count: int


def submission_id_of(scope: str, file_sha256: str, submitted_at: datetime | None = None) -> str:
    """Identity of a submission: whom the sender may speak for, content, and the instant too when it is sent anew."""
    parts = [scope, file_sha256]
    if submitted_at is not None:
        parts.append(submitted_at.isoformat())
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


def _packed(groups: Iterable[list[str]], size: int) -> Iterator[list[str]]:
    """The groups in their order, as many together as make ``size``; none is taken apart."""
    batch: list[str] = []
    for group in groups:
        if batch and len(batch) + len(group) > size:
            yield batch
            batch = []
        batch = batch + group
    if batch:
        yield batch


class SubmissionEvents(Store):
    """Receipts, planned batches, decisions and their signed receipts."""

    def add_receipt(self, receipt: Receipt) -> bool:
        """Record that a file arrived; False when this very receipt is there already."""
        return self.add_receipts([receipt]) == 1

    def add_receipts(self, receipts: Iterable[Receipt]) -> int:
        """Record that files arrived, all or none; returns how many were not there already."""
        return self.append(RECEIPT, [vars(receipt) for receipt in receipts])

    def receipts(self, submission_ids: Sequence[str]) -> list[Receipt]:
        """Those of ``submission_ids`` that have a receipt."""
        query = sa.select(RECEIPT).where(RECEIPT.c.submission_id.in_(submission_ids))
        return [Receipt(**row) for row in self.rows(query)]

    def receipts_of(self, scope: str, file_sha256: str) -> list[Receipt]:
        """Receipts of the same content from senders who may speak for the same units, oldest first."""
        query = sa.select(RECEIPT).where(RECEIPT.c.file_sha256 == file_sha256)
        unit_code = sole_unit(scope)
        query = query.where(RECEIPT.c.channel_unit_code.is_not_distinct_from(unit_code))
        if unit_code is None and scope:
            query = query.where(
                RECEIPT.c.submission_id.in_(sa.select(ORIGIN.c.submission_id).where(ORIGIN.c.scope == scope))
            )
        return [Receipt(**row) for row in self.rows(query.order_by(RECEIPT.c.received_at, RECEIPT.c.submitted_at))]

    def add_decisions(self, decisions: Iterable[Decision], signed: Mapping[str, dict[str, Any]] | None = None) -> int:
        """Record what came of files and its signed receipts (`SIGNED_RECEIPT` by submission), all or none.

        A file decided before keeps its first decision and receipt; returns how many decisions were new.
        """
        new = 0
        with self.engine.begin() as connection:
            for decision in decisions:
                if self.insert(connection, DECISION, [vars(decision)]):
                    new += 1
                    if signed is not None:
                        connection.execute(sa.insert(SIGNED_RECEIPT).values(signed[decision.submission_id]))
        return new

    def decisions(self, submission_ids: Sequence[str]) -> list[Decision]:
        """What came of those of ``submission_ids`` that are decided."""
        query = sa.select(DECISION).where(DECISION.c.submission_id.in_(submission_ids))
        return [Decision(**row) for row in self.rows(query)]

    def signed_receipt(self, submission_id: str) -> str | None:
        """The signed receipt of the decision on a file, as JSON; None when there is none."""
        query = sa.select(SIGNED_RECEIPT.c.document).where(SIGNED_RECEIPT.c.submission_id == submission_id)
        rows = self.rows(query)
        return str(rows[0]["document"]) if rows else None

    def pending(self) -> list[Receipt]:
        """Received files without a decision, in a stable order."""
        query = (
            sa.select(RECEIPT)
            .outerjoin(DECISION, DECISION.c.submission_id == RECEIPT.c.submission_id)
            .where(DECISION.c.submission_id.is_(None))
            .order_by(RECEIPT.c.channel_unit_code.nulls_first(), RECEIPT.c.submitted_at, RECEIPT.c.submission_id)
        )
        return [Receipt(**row) for row in self.rows(query)]

    def plan_batches(self, size: int, units: Mapping[str, str] | None = None) -> dict[str, list[str]]:
        """Undecided submissions by batch, about ``size`` in each.

        The plan is an event too: a batch that a crash left half done is planned again with the same members, so that
        its files are written again under the same names. All waiting files of a unit stand in one batch, for those of
        a later period are compared with those of an earlier one; ``units`` names the unit where the receipt does not.
        """
        planned = {row["submission_id"]: row["batch_id"] for row in self.rows(sa.select(BATCH))}
        owner = {
            one.submission_id: one.channel_unit_code or (units or {}).get(one.submission_id) for one in self.pending()
        }
        waits_in = {unit: planned[one] for one, unit in owner.items() if unit and one in planned}
        groups: dict[str, list[str]] = {}
        for one, unit in owner.items():
            if one in planned:
                continue
            if unit in waits_in:
                self.append(BATCH, [{"submission_id": one, "batch_id": waits_in[unit]}])
            else:
                groups.setdefault(unit or one, []).append(one)
        for members in _packed(groups.values(), size):
            batch_id = hashlib.sha256("|".join(members).encode()).hexdigest()[:16]
            self.append(BATCH, [{"submission_id": member, "batch_id": batch_id} for member in members])
        query = (
            sa.select(BATCH)
            .outerjoin(DECISION, DECISION.c.submission_id == BATCH.c.submission_id)
            .where(DECISION.c.submission_id.is_(None))
            .order_by(BATCH.c.batch_id, BATCH.c.submission_id)
        )
        batches: dict[str, list[str]] = {}
        for row in self.rows(query):
            batches.setdefault(row["batch_id"], []).append(row["submission_id"])
        return batches

    def batch_members(self, batch_id: str) -> list[Receipt]:
        """Receipts of one planned batch, whether decided or not."""
        query = (
            sa.select(RECEIPT)
            .join(BATCH, BATCH.c.submission_id == RECEIPT.c.submission_id)
            .where(BATCH.c.batch_id == batch_id)
            .order_by(RECEIPT.c.submission_id)
        )
        return [Receipt(**row) for row in self.rows(query)]

    def submissions(self, known_at: datetime) -> list[dict[str, Any]]:
        """Receipt and decision of every file decided by ``known_at``, one record each, without the file's name."""
        columns = [column for column in DECISION.c if column.name != "submission_id"]
        receipt = [column for column in RECEIPT.c if column.name not in ("file_name", "file_size")]
        query = (
            sa.select(*receipt, *columns)
            .join(DECISION, DECISION.c.submission_id == RECEIPT.c.submission_id)
            .where(DECISION.c.decided_at <= known_at)
            .order_by(RECEIPT.c.submission_id)
        )
        return self.rows(query)
