"""What happens to an accepted report afterwards follows from events, as known at an instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ingest.reviews import is_locked, with_afterwards

NOON = datetime(2026, 1, 10, 4)
DAY = timedelta(days=1)
STREET = "440103001"


def lock(kind: str, at: datetime, scope: str = "", period: str = "2025-Q4") -> dict[str, Any]:
    return {"kind": kind, "scope_code": scope, "period": period, "effective_at": at}


def word(submission_id: str, kind: str, at: datetime) -> dict[str, Any]:
    by = STREET if kind == "withdrawn" else "440103"
    return {"submission_id": submission_id, "kind": kind, "reviewed_at": at, "reviewed_by": by, "reason": f"因{kind}"}


def submission(submission_id: str, at: datetime = NOON, state: str = "accepted") -> dict[str, Any]:
    return {
        "submission_id": submission_id,
        "unit_code": STREET,
        "period": "2025-Q4",
        "state": state,
        "received_at": at,
    }


def test_a_lock_holds_for_what_is_received_after_it_below_its_scope_and_for_its_period() -> None:
    closed = [lock("closed", NOON, "440103")]
    assert is_locked(closed, STREET, "2025-Q4", NOON + DAY)
    assert not is_locked(closed, STREET, "2025-Q4", NOON)
    assert not is_locked(closed, STREET, "2025-Q3", NOON + DAY)
    assert not is_locked(closed, "440104001", "2025-Q4", NOON + DAY)
    assert is_locked([lock("closed", NOON)], "440104001", "2025-Q4", NOON + DAY)
    assert not is_locked([], STREET, "2025-Q4", NOON + DAY)


def test_an_exception_covers_what_is_received_until_its_last_instant() -> None:
    events = [lock("closed", NOON), lock("exception", NOON + 3 * DAY, STREET)]
    assert not is_locked(events, STREET, "2025-Q4", NOON + 3 * DAY)
    assert is_locked(events, STREET, "2025-Q4", NOON + 4 * DAY)
    assert is_locked(events, "440103002", "2025-Q4", NOON + DAY)


def test_the_last_word_counts_and_the_first_review_ends_the_wait() -> None:
    words = [word("s1", "returned", NOON + DAY), word("s1", "approved", NOON + 2 * DAY), word("s2", "withdrawn", NOON)]
    first, second, third = with_afterwards([submission("s1"), submission("s2"), submission("s3")], words, [])
    assert (first["review_kind"], first["reviewed_at"], first["review_reason"]) == (
        "approved",
        NOON + DAY,
        "因approved",
    )
    assert (second["review_kind"], second["reviewed_at"], second["reviewed_by"]) == ("withdrawn", None, STREET)
    assert (third["review_kind"], third["reviewed_at"], third["is_locked"]) == (None, None, False)


def test_only_what_the_checks_accepted_can_be_locked_out() -> None:
    rows = [submission("s1", NOON + DAY), submission("s2", NOON + DAY, "rejected")]
    assert [row["is_locked"] for row in with_afterwards(rows, [], [lock("closed", NOON)])] == [True, False]
