"""The ledger only grows, tells the truth about what waits, and plans a broken-off batch the same way again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.ledger import Decision, Ledger, Receipt
from ingest.ledger.tables import DECISION, DECISION_RECORD, METADATA, RECEIPT

NOON = datetime(2026, 1, 10, 4)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.close()


def receipt(submission_id: str, unit: str = "440103001", at: datetime = NOON) -> Receipt:
    return Receipt(submission_id, "folder", unit, "a.xlsx", f"hash-{submission_id}", 10, at, at)


def decision(submission_id: str, *, batch_id: str = "b1", state: str = "accepted", at: datetime = NOON) -> Decision:
    return Decision(submission_id, batch_id, at, state, None, "street", "440103001", "2025-Q4", 0, 0, 0, 5)


def test_a_receipt_is_recorded_once(ledger: Ledger) -> None:
    assert ledger.add_receipt(receipt("s1"))
    assert not ledger.add_receipt(receipt("s1"))
    assert [waiting.submission_id for waiting in ledger.pending()] == ["s1"]


def test_a_decided_file_no_longer_waits_and_keeps_its_first_decision(ledger: Ledger) -> None:
    ledger.add_receipt(receipt("s1"))
    assert ledger.add_decisions([decision("s1")]) == 1
    assert ledger.add_decisions([decision("s1", state="rejected", batch_id="b2")]) == 0
    assert ledger.pending() == []
    [row] = ledger.submissions(NOON)
    assert (row["state"], row["batch_id"]) == ("accepted", "b1")


@pytest.mark.parametrize("statement", [sa.delete(RECEIPT), sa.update(DECISION).values(state="accepted")])
def test_what_was_recorded_can_be_neither_changed_nor_deleted(ledger: Ledger, statement: sa.Executable) -> None:
    ledger.add_receipt(receipt("s1"))
    ledger.add_decisions([decision("s1", state="rejected")])
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), ledger.engine.begin() as connection:
        connection.execute(statement)
    assert ledger.submissions(NOON)[0]["state"] == "rejected"


def test_only_what_was_decided_by_then_is_known(ledger: Ledger) -> None:
    for name, at in (("s1", NOON), ("s2", NOON + timedelta(days=1))):
        ledger.add_receipt(receipt(name))
        ledger.add_decisions([decision(name, at=at)])
    assert [row["submission_id"] for row in ledger.submissions(NOON)] == ["s1"]
    assert len(ledger.submissions(NOON + timedelta(days=1))) == 2


def test_a_batch_that_was_broken_off_is_planned_with_the_same_members_although_files_came_in(ledger: Ledger) -> None:
    for number in range(3):
        ledger.add_receipt(receipt(f"s{number}", unit=f"44010300{number + 5}"))
    before = ledger.plan_batches(2)
    ledger.add_receipt(receipt("new", unit="440103001"))
    after = ledger.plan_batches(2)
    assert before.items() <= after.items()
    assert sorted(member for members in after.values() for member in members) == ["new", "s0", "s1", "s2"]


def test_a_finished_batch_is_not_planned_again(ledger: Ledger) -> None:
    ledger.add_receipt(receipt("s1"))
    [batch_id] = ledger.plan_batches(10)
    ledger.add_decisions([decision("s1", batch_id=batch_id)])
    assert ledger.plan_batches(10) == {}
    assert [member.submission_id for member in ledger.batch_members(batch_id)] == ["s1"]


def record(record_id: str, at: datetime = NOON) -> dict[str, object]:
    """An override of one finding."""
    return {
        "record_id": record_id,
        "stage_code": "S1",
        "unit_code": "440103001",
        "rule_id": "3d",
        "subject_key": "440103001",
        "kind": "override",
        "outcome": "pass",
        "decided_at": at,
        "decided_by": "440103",
        "reason": "查实",
    }


def test_an_office_decision_is_known_from_its_instant_on(ledger: Ledger) -> None:
    ledger.add_decision_record(record("d1"))
    ledger.add_decision_record(record("d2", NOON + timedelta(days=1)))
    assert [row["record_id"] for row in ledger.decision_records(NOON)] == ["d1"]


def test_an_older_ledger_gets_the_tables_that_came_later_with_their_guards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = sa.create_engine(url)
    METADATA.create_all(engine, tables=[METADATA.tables[name] for name in ("receipt", "decision", "batch", "build")])
    engine.dispose()
    ledger = Ledger(url)
    ledger.add_decision_record(record("d1"))
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), ledger.engine.begin() as connection:
        connection.execute(sa.delete(DECISION_RECORD))
    ledger.close()
