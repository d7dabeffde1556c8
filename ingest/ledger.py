"""The ledger: an append-only record of what arrived, what was decided, built, released and appealed against.

State is derived from events and never updated in place; triggers in the database refuse UPDATE and DELETE. SQLite in
WAL mode by default, PostgreSQL by URL; the same SQLAlchemy tables serve both. Instants are UTC without a zone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ingest.ledger_tables import (
    APPEAL,
    APPEAL_DECISION,
    BATCH,
    BUILD,
    COLLECTION,
    DECISION,
    DECISION_RECORD,
    MESSAGE,
    MESSAGE_LINE,
    METADATA,
    ORIGIN,
    PERIOD_LOCK,
    POSTGRES_GUARD,
    RECEIPT,
    REFUSAL,
    RELEASE,
    REVIEW,
    SIGNED_RECEIPT,
    SQLITE_GUARD,
)
from ingest.reviews import OUT
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


def _configure_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


class Ledger:
    """Append and read the events of one ledger; safe to open from several processes at once."""

    def __init__(self, url: str) -> None:
        """Open the ledger at the SQLAlchemy ``url`` and make its tables on first use."""
        self.engine = sa.create_engine(url)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _configure_sqlite)
        self._create()

    def _create(self) -> None:
        """Make the tables that are not there yet: all of a new ledger, the latest ones of an older ledger."""
        there = set(sa.inspect(self.engine).get_table_names())
        missing = [table for table in METADATA.sorted_tables if table.name not in there]
        if not missing:
            return
        with self.engine.begin() as connection:
            METADATA.create_all(connection, tables=missing)
            for table in (table.name for table in missing):
                if self.engine.dialect.name == "sqlite":
                    for verb in ("UPDATE", "DELETE"):
                        connection.exec_driver_sql(SQLITE_GUARD.format(table=table, verb=verb))
                else:
                    connection.exec_driver_sql(POSTGRES_GUARD.format(table=table))

    def close(self) -> None:
        """Release the connections."""
        self.engine.dispose()

    def _append(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
        """Insert ``rows``, passing over those that are there already; returns how many were new."""
        if not rows:
            return 0
        with self.engine.begin() as connection:
            return self._insert(connection, table, rows)

    def _insert(self, connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        # One statement a row: the driver's count of a multi-row insert says nothing about the rows passed over.
        results = (connection.execute(insert(table).values(row).on_conflict_do_nothing()) for row in rows)
        return sum(result.rowcount for result in results)

    def add_receipt(self, receipt: Receipt) -> bool:
        """Record that a file arrived; False when this very receipt is there already."""
        return self.add_receipts([receipt]) == 1

    def add_receipts(self, receipts: Iterable[Receipt]) -> int:
        """Record that files arrived, all or none; returns how many were not there already."""
        return self._append(RECEIPT, [vars(receipt) for receipt in receipts])

    def add_decisions(self, decisions: Iterable[Decision], signed: Mapping[str, dict[str, Any]] | None = None) -> int:
        """Record what came of files and its signed receipts (`SIGNED_RECEIPT` by submission), all or none.

        A file decided before keeps its first decision and receipt; returns how many decisions were new.
        """
        new = 0
        with self.engine.begin() as connection:
            for decision in decisions:
                if self._insert(connection, DECISION, [vars(decision)]):
                    new += 1
                    if signed is not None:
                        connection.execute(sa.insert(SIGNED_RECEIPT).values(signed[decision.submission_id]))
        return new

    def signed_receipt(self, submission_id: str) -> str | None:
        """The signed receipt of the decision on a file, as JSON; None when there is none."""
        query = sa.select(SIGNED_RECEIPT.c.document).where(SIGNED_RECEIPT.c.submission_id == submission_id)
        rows = self._rows(query)
        return str(rows[0]["document"]) if rows else None

    def add_origins(self, origins: Iterable[dict[str, Any]]) -> None:
        """Record how files came (columns of `ORIGIN`). Must stand before their receipts: it limits who is believed."""
        self._append(ORIGIN, list(origins))

    def add_refusals(self, refusals: Iterable[dict[str, Any]]) -> None:
        """Record what came and gave no submission (columns of `REFUSAL`)."""
        self._append(REFUSAL, list(refusals))

    def add_collection(self, collection: dict[str, Any]) -> None:
        """Record that a channel was emptied, or could not be (columns of `COLLECTION`)."""
        self._append(COLLECTION, [collection])

    def collections(self) -> list[dict[str, Any]]:
        """Emptyings of channels that brought something or failed, oldest first."""
        return self._rows(sa.select(COLLECTION).order_by(COLLECTION.c.run_at, COLLECTION.c.channel_name))

    def refusals(self, source: str | None = None) -> list[dict[str, Any]]:
        """What came and gave no submission, of one mail or in all, oldest first."""
        query = sa.select(REFUSAL).order_by(REFUSAL.c.recorded_at, REFUSAL.c.source, REFUSAL.c.place)
        return self._rows(query if source is None else query.where(REFUSAL.c.source == source))

    def origins(self, source: str) -> list[dict[str, Any]]:
        """Receipt and place of every file of one mail or zip, in the order of the places."""
        query = (
            sa.select(RECEIPT, *(column for column in ORIGIN.c if column.name != "submission_id"))
            .join(ORIGIN, ORIGIN.c.submission_id == RECEIPT.c.submission_id)
            .where(ORIGIN.c.source == source)
            .order_by(ORIGIN.c.place, RECEIPT.c.submission_id)
        )
        return self._rows(query)

    def scopes(self, submission_ids: Sequence[str]) -> dict[str, str]:
        """For whom the senders of these submissions may speak, where it is more than the receipt's one unit."""
        query = sa.select(ORIGIN.c.submission_id, ORIGIN.c.scope).where(ORIGIN.c.submission_id.in_(submission_ids))
        return {row["submission_id"]: row["scope"] for row in self._rows(query)}

    def mails(self, since: datetime) -> list[str]:
        """SHA-256 of every mail of which something was received or refused since then (UTC), for the replies."""
        received = (
            sa.select(ORIGIN.c.source)
            .join(RECEIPT, RECEIPT.c.submission_id == ORIGIN.c.submission_id)
            .where(ORIGIN.c.is_mail, RECEIPT.c.received_at >= since)
        )
        refused = sa.select(REFUSAL.c.source).where(REFUSAL.c.is_mail, REFUSAL.c.recorded_at >= since)
        return sorted(row["source"] for row in self._rows(sa.union(received, refused)))  # type: ignore[arg-type]

    def add_build(self, build_id: str, state: str, *, recorded_at: datetime, known_at: datetime, detail: str) -> None:
        """Record that a build ``started``, was ``published`` or ``failed``."""
        row = {"build_id": build_id, "state": state, "recorded_at": recorded_at, "known_at": known_at, "detail": detail}
        self._append(BUILD, [row])

    def receipts_of(self, scope: str, file_sha256: str) -> list[Receipt]:
        """Receipts of the same content from senders who may speak for the same units, oldest first."""
        query = sa.select(RECEIPT).where(RECEIPT.c.file_sha256 == file_sha256)
        unit_code = sole_unit(scope)
        query = query.where(RECEIPT.c.channel_unit_code.is_not_distinct_from(unit_code))
        if unit_code is None and scope:
            query = query.where(
                RECEIPT.c.submission_id.in_(sa.select(ORIGIN.c.submission_id).where(ORIGIN.c.scope == scope))
            )
        return [Receipt(**row) for row in self._rows(query.order_by(RECEIPT.c.received_at, RECEIPT.c.submitted_at))]

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
        return bool(self._rows(query.limit(1)))

    def pending(self) -> list[Receipt]:
        """Received files without a decision, in a stable order."""
        query = (
            sa.select(RECEIPT)
            .outerjoin(DECISION, DECISION.c.submission_id == RECEIPT.c.submission_id)
            .where(DECISION.c.submission_id.is_(None))
            .order_by(RECEIPT.c.channel_unit_code.nulls_first(), RECEIPT.c.submitted_at, RECEIPT.c.submission_id)
        )
        return [Receipt(**row) for row in self._rows(query)]

    def receipts(self, submission_ids: Sequence[str]) -> list[Receipt]:
        """Those of ``submission_ids`` that have a receipt."""
        query = sa.select(RECEIPT).where(RECEIPT.c.submission_id.in_(submission_ids))
        return [Receipt(**row) for row in self._rows(query)]

    def decisions(self, submission_ids: Sequence[str]) -> list[Decision]:
        """What came of those of ``submission_ids`` that are decided."""
        query = sa.select(DECISION).where(DECISION.c.submission_id.in_(submission_ids))
        return [Decision(**row) for row in self._rows(query)]

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
        standing = (row for row in self._rows(query) if not self._words(row["submission_id"]) & set(OUT))
        row = next(standing, None)
        return Decision(**row) if row else None

    def plan_batches(self, size: int) -> dict[str, list[str]]:
        """Undecided submissions by batch, at most ``size`` in each.

        The plan is an event too: a batch that a crash left half done is planned again with the same members, so that
        its files are written again under the same names.
        """
        planned = {row["submission_id"]: row["batch_id"] for row in self._rows(sa.select(BATCH))}
        pending = [receipt.submission_id for receipt in self.pending()]
        fresh = [submission_id for submission_id in pending if submission_id not in planned]
        for start in range(0, len(fresh), size):
            members = fresh[start : start + size]
            batch_id = hashlib.sha256("|".join(members).encode()).hexdigest()[:16]
            self._append(BATCH, [{"submission_id": member, "batch_id": batch_id} for member in members])
        query = (
            sa.select(BATCH)
            .outerjoin(DECISION, DECISION.c.submission_id == BATCH.c.submission_id)
            .where(DECISION.c.submission_id.is_(None))
            .order_by(BATCH.c.batch_id, BATCH.c.submission_id)
        )
        batches: dict[str, list[str]] = {}
        for row in self._rows(query):
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
        return [Receipt(**row) for row in self._rows(query)]

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
        return self._rows(query)

    def add_review(self, review: dict[str, Any]) -> None:
        """Record a word about an accepted report (columns of `REVIEW`)."""
        self._append(REVIEW, [review])

    def reviews(self, known_at: datetime) -> list[dict[str, Any]]:
        """Words about reports given by ``known_at``, in their order."""
        query = sa.select(REVIEW).where(REVIEW.c.reviewed_at <= known_at)
        return self._rows(query.order_by(REVIEW.c.reviewed_at, REVIEW.c.review_id))

    def _words(self, submission_id: str) -> set[str]:
        """The last word about a submission, in a set; an empty one where nobody spoke."""
        query = sa.select(REVIEW.c.kind).where(REVIEW.c.submission_id == submission_id)
        rows = self._rows(query.order_by(REVIEW.c.reviewed_at.desc(), REVIEW.c.review_id.desc()).limit(1))
        return {row["kind"] for row in rows}

    def add_lock(self, event: dict[str, Any]) -> None:
        """Record a lock of a period or an exception from it (columns of `PERIOD_LOCK`)."""
        self._append(PERIOD_LOCK, [event])

    def locks(self, known_at: datetime) -> list[dict[str, Any]]:
        """Locks and exceptions recorded by ``known_at``, in their order."""
        query = sa.select(PERIOD_LOCK).where(PERIOD_LOCK.c.recorded_at <= known_at)
        return self._rows(query.order_by(PERIOD_LOCK.c.recorded_at, PERIOD_LOCK.c.lock_id))

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
        return self._rows(query)

    def builds(self) -> list[dict[str, Any]]:
        """All build events, oldest first."""
        return self._rows(sa.select(BUILD).order_by(BUILD.c.recorded_at, BUILD.c.state.desc()))

    def add_decision_record(self, record: dict[str, Any]) -> None:
        """Record an office's decision (columns of `DECISION_RECORD`)."""
        self._append(DECISION_RECORD, [record])

    def decision_records(self, known_at: datetime) -> list[dict[str, Any]]:
        """Decisions of offices taken by ``known_at``, in the order in which they were taken."""
        query = sa.select(DECISION_RECORD).where(DECISION_RECORD.c.decided_at <= known_at)
        return self._rows(query.order_by(DECISION_RECORD.c.decided_at, DECISION_RECORD.c.record_id))

    def add_release(self, event: dict[str, Any]) -> bool:
        """Record that a release reached a state (columns of `RELEASE`); False when it has reached it before."""
        return self._append(RELEASE, [event]) == 1

    def releases(self, stage_code: str | None = None) -> list[dict[str, Any]]:
        """Events of all releases (or of one stage), oldest first."""
        query = sa.select(RELEASE).order_by(RELEASE.c.stage_code, RELEASE.c.version, RELEASE.c.recorded_at)
        return self._rows(query if stage_code is None else query.where(RELEASE.c.stage_code == stage_code))

    def add_appeal(self, appeal: dict[str, Any]) -> bool:
        """Record an appeal (columns of `APPEAL`); False when this very appeal is there already."""
        return self._append(APPEAL, [appeal]) == 1

    def decide_appeal(self, decision: dict[str, Any], record: dict[str, Any] | None) -> bool:
        """Record the decision of an appeal and, when it is upheld, the override that follows: both or neither.

        False when the appeal has been decided before; nothing is written then.
        """
        with self.engine.begin() as connection:
            is_new = self._insert(connection, APPEAL_DECISION, [decision]) == 1
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
        return self._rows(query)

    def add_messages(self, events: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]] = ()) -> None:
        """Record what became of messages (columns of `MESSAGE`) and what they told (of `MESSAGE_LINE`), all or none."""
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        with self.engine.begin() as connection:
            for table, rows in ((MESSAGE, events), (MESSAGE_LINE, lines)):
                if rows:
                    connection.execute(insert(table).on_conflict_do_nothing(), list(rows))

    def messages(self, unit_code: str | None = None) -> list[dict[str, Any]]:
        """Events of all messages (or of those to one unit), oldest first."""
        query = sa.select(MESSAGE).order_by(MESSAGE.c.recorded_at, MESSAGE.c.unit_code, MESSAGE.c.state.desc())
        return self._rows(query if unit_code is None else query.where(MESSAGE.c.unit_code == unit_code))

    def told_lines(self) -> set[tuple[str, str]]:
        """What which unit has been told: pairs of unit code and line key."""
        query = sa.select(MESSAGE_LINE.c.unit_code, MESSAGE_LINE.c.line_key)
        return {(row["unit_code"], row["line_key"]) for row in self._rows(query)}

    def _rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]
