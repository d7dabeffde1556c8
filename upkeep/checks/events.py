"""The ledger: whole, closed to changes, consistent in itself, and signed as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from ingest.home import Home
from ingest.ledger import Ledger
from ingest.ledger.tables import BATCH, DECISION, METADATA, ORIGIN, RECEIPT, SIGNED_RECEIPT
from ingest.receipts import known_keys
from ingest.signing import SignatureError, verify_signature
from upkeep.finding import Finding, finding, several
from upkeep.settings import settings

_SQLITE_GUARDS = "select tbl_name, count(*) from sqlite_master where type = 'trigger' group by 1"
_POSTGRES_GUARDS = """
select event_object_table, count(distinct event_manipulation) from information_schema.triggers
where action_statement like '%ledger_is_append_only%' and trigger_schema = current_schema() group by 1
"""


def check_damage(ledger: Ledger) -> Iterator[Finding]:
    """The database holds together; PostgreSQL proves its own pages."""
    if ledger.engine.dialect.name != "sqlite":
        return
    with ledger.engine.connect() as connection:
        said: str = connection.exec_driver_sql("pragma integrity_check(1)").scalar_one()
    if said != "ok":
        yield finding("ledger_damaged", error=said)


def check_guards(ledger: Ledger) -> Iterator[Finding]:
    """Every table refuses UPDATE and DELETE."""
    sql = _SQLITE_GUARDS if ledger.engine.dialect.name == "sqlite" else _POSTGRES_GUARDS
    with ledger.engine.connect() as connection:
        guards = {row[0]: row[1] for row in connection.exec_driver_sql(sql)}
    yield from several("ledger_open", [name for name in METADATA.tables if guards.get(name, 0) < 2])


def _without(ledger: Ledger, table: sa.Table, other: sa.Table) -> list[str]:
    """Submissions of ``table`` that ``other`` does not know."""
    key = other.c.submission_id
    query = (
        sa.select(table.c.submission_id).outerjoin(other, key == table.c.submission_id).where(key.is_(None)).distinct()
    )
    return [row["submission_id"] for row in ledger.rows(query)]


def check_lines(ledger: Ledger) -> Iterator[Finding]:
    """What follows from something is there only with it."""
    pairs = [
        (DECISION, RECEIPT, "decisions without a receipt"),
        (BATCH, RECEIPT, "planned files without a receipt"),
        (ORIGIN, RECEIPT, "origins without a receipt"),
        (SIGNED_RECEIPT, DECISION, "signed receipts without a decision"),
        (DECISION, SIGNED_RECEIPT, "decisions without a signed receipt"),
        (DECISION, BATCH, "decisions outside of a batch"),
    ]
    for table, other, what in pairs:
        yield from several("ledger_lines", _without(ledger, table, other), what=what)


def check_signatures(home: Home, ledger: Ledger) -> Iterator[Finding]:
    """Every signed receipt verifies with a key of the home and is about its submission."""
    keys = known_keys(home)
    wrong: list[str] = []
    with ledger.engine.connect() as connection:
        for row in connection.execute(sa.select(SIGNED_RECEIPT)).mappings():
            submission_id, document = str(row["submission_id"]), json.loads(str(row["document"]))
            try:
                key = verify_signature(document, keys)
                is_good = key.key_id in keys and document["receipt"]["submission_id"] == submission_id
            except SignatureError:
                is_good = False
            if not is_good:
                wrong.append(submission_id)
    yield from several("signature", wrong)


def check_waiting(ledger: Ledger, now: datetime) -> Iterator[Finding]:
    """No file waits for its decision since before the last night."""
    limit = now - timedelta(hours=settings()["doctor"]["waiting_hours"])
    waiting = [receipt.received_at for receipt in ledger.pending() if receipt.received_at < limit]
    if waiting:
        yield finding("waiting", count=len(waiting), since=f"{min(waiting):%Y-%m-%d %H:%M} UTC")


def check_builds(ledger: Ledger) -> Iterator[Finding]:
    """The last night did not fail."""
    events = sorted(ledger.builds(), key=lambda event: event["recorded_at"])
    if events and events[-1]["state"] == "failed":
        yield finding("night_failed", error=events[-1]["detail"])
