"""What happens to an accepted report afterwards: reviewed by the level above, withdrawn by its unit, locked out.

All of it are events of the ledger; what holds is worked out from those known at an instant.

- A **review** accepts a report or sends it back with a reason. The latest word counts; the first one says how long the
  report waited.
- A **withdrawal** is the unit's own word about its report.
- A **lock** closes a period, for everyone or for a unit and all below it, from an instant on: what is received later is
  kept and gets its receipt, but does not count, unless an **exception** covers the unit on that day.

A report that was sent back, withdrawn or locked out does not stand; the one accepted before it, if any, stands again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

APPROVED, RETURNED, WITHDRAWN = "approved", "returned", "withdrawn"
CLOSED, EXCEPTION = "closed", "exception"
#: Words after which a report no longer stands.
OUT = (RETURNED, WITHDRAWN)


def _covers(event: Mapping[str, Any], unit_code: str | None, period: str | None) -> bool:
    """Whether a lock event is about this unit and period; a code begins with the code of the unit above it."""
    return event["period"] == period and (unit_code or "").startswith(event["scope_code"])


def is_locked(
    events: Iterable[Mapping[str, Any]], unit_code: str | None, period: str | None, received_at: datetime
) -> bool:
    """Whether a report that was received then is locked out by ``events`` (rows of the ledger's `PERIOD_LOCK`)."""
    mine = [event for event in events if _covers(event, unit_code, period)]
    closed = any(event["kind"] == CLOSED and event["effective_at"] < received_at for event in mine)
    excepted = any(event["kind"] == EXCEPTION and received_at <= event["effective_at"] for event in mine)
    return closed and not excepted


def latest_reviews(reviews: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The last word about each submission; ``reviews`` in the order in which they were given."""
    return {review["submission_id"]: review for review in reviews}


def with_afterwards(
    submissions: Sequence[Mapping[str, Any]],
    reviews: Sequence[Mapping[str, Any]],
    locks: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """``submissions`` (decided ones, as the ledger gives them) with what happened to them afterwards.

    Adds ``is_locked``, ``review_kind``, ``reviewed_by`` and ``review_reason`` of the last word, and ``reviewed_at``,
    the instant at which the level above first spoke.
    """
    last = latest_reviews(reviews)
    first: dict[str, datetime] = {}
    for review in reviews:
        if review["kind"] != WITHDRAWN:
            first.setdefault(review["submission_id"], review["reviewed_at"])
    found = []
    for row in submissions:
        word = last.get(row["submission_id"], {})
        found.append(
            {
                **row,
                "is_locked": row["state"] == "accepted"
                and is_locked(locks, row["unit_code"], row["period"], row["received_at"]),
                "review_kind": word.get("kind"),
                "reviewed_at": first.get(row["submission_id"]),
                "reviewed_by": word.get("reviewed_by"),
                "review_reason": word.get("reason"),
            }
        )
    return found
