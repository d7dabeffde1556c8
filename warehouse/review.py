"""Words about accepted reports: the level above accepts them or sends them back, a unit withdraws, an office locks."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from ingest.dates import period_bounds
from ingest.home import Home
from ingest.ledger import Decision, Ledger
from ingest.registers import Registers
from ingest.reviews import APPROVED, CLOSED, EXCEPTION, WITHDRAWN, is_locked, with_afterwards
from warehouse.instants import to_local, to_utc
from warehouse.night import open_ledger
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR
from warehouse.rulebook_files import read_rows


class ReviewError(Exception):
    """A report cannot be reviewed, withdrawn or locked like this; the message says why."""


def _identity(*parts: object) -> str:
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:12]


def _decision(ledger: Ledger, submission_id: str) -> Decision:
    found = ledger.decisions([submission_id])
    if not found:
        raise ReviewError(f"there is no decided submission {submission_id}")
    if found[0].state != "accepted":
        raise ReviewError(f"submission {submission_id} was rejected by the checks; there is nothing to review")
    return found[0]


def _refuse_withdrawn(ledger: Ledger, submission_id: str, now: datetime) -> None:
    kinds = [row["kind"] for row in ledger.reviews(now) if row["submission_id"] == submission_id]
    if WITHDRAWN in kinds:
        raise ReviewError(f"submission {submission_id} has been withdrawn")


def _record(ledger: Ledger, decision: Decision, kind: str, by: str, reason: str, now: datetime) -> dict[str, Any]:
    review = {
        "review_id": _identity(decision.submission_id, kind, by, now),
        "submission_id": decision.submission_id,
        "unit_code": decision.unit_code,
        "form": decision.form,
        "period": decision.period,
        "kind": kind,
        "reviewed_at": now,
        "reviewed_by": by,
        "reason": reason,
    }
    ledger.add_review(review)
    return review


def review(home: Home, submission_id: str, kind: str, *, by: str, reason: str, now: datetime) -> dict[str, Any]:
    """Record that the unit ``by``, which stands above, approves a report or returns it; returns the event.

    Raises ReviewError.
    """
    with open_ledger(home) as ledger:
        decision = _decision(ledger, submission_id)
        _refuse_withdrawn(ledger, submission_id, now)
        unit = decision.unit_code or ""
        if by == unit or not unit.startswith(by) or by not in Registers(REFERENCE_DIR, RULEBOOK_DIR).unit_names:
            raise ReviewError(f"{by} does not stand above {unit}, so it cannot review its report")
        if kind != APPROVED and not reason.strip():
            raise ReviewError("a report is sent back with a reason")
        return _record(ledger, decision, kind, by, reason, now)


def withdraw(home: Home, submission_id: str, *, by: str, reason: str, now: datetime) -> dict[str, Any]:
    """Record that a unit takes its own report back; returns the event. Raises ReviewError."""
    with open_ledger(home) as ledger:
        decision = _decision(ledger, submission_id)
        _refuse_withdrawn(ledger, submission_id, now)
        if by != decision.unit_code:
            raise ReviewError(f"the report is one of {decision.unit_code}, which alone can withdraw it")
        if is_locked(ledger.locks(now), decision.unit_code, decision.period, now):
            raise ReviewError(f"{decision.period} is locked for {by}; ask the level above for an exception")
        return _record(ledger, decision, WITHDRAWN, by, reason, now)


def list_reviews(home: Home, now: datetime, scope: str = "", period: str | None = None) -> list[dict[str, Any]]:
    """Accepted reports of ``scope`` and all below it with the last word about each (none: it waits), oldest first."""
    with open_ledger(home) as ledger:
        accepted = [row for row in ledger.submissions(now) if row["state"] == "accepted"]
        rows = with_afterwards(accepted, ledger.reviews(now), ledger.locks(now))
    wanted = (row for row in rows if (row["unit_code"] or "").startswith(scope) and period in (None, row["period"]))
    return sorted(wanted, key=lambda row: (row["submitted_at"], row["submission_id"]))


def deadline_of(period: str) -> datetime:
    """Deadline of a quarter or a notice, UTC; raises ReviewError for what is neither."""
    _, notices = read_rows(RULEBOOK_DIR / "notices.csv")
    for notice in notices:
        if notice["notice_id"] == period:
            return datetime.fromisoformat(notice["deadline_at"])
    bounds = period_bounds(period)
    _, calendar = read_rows(RULEBOOK_DIR / "reporting_calendar.csv")
    for row in calendar:
        if bounds and row["first_period"] <= period <= (row["last_period"] or period):
            hour, minute = map(int, row["deadline_time"].split(":"))
            last_day = datetime.combine(bounds[1], datetime.min.time())
            return to_utc(last_day + timedelta(int(row["deadline_days_after_end"]), hours=hour, minutes=minute))
    raise ReviewError(f"{period!r} is no period of the reporting calendar and no notice")


def _lock(home: Home, event: dict[str, Any]) -> dict[str, Any]:
    names = Registers(REFERENCE_DIR, RULEBOOK_DIR).unit_names
    scope, by = event["scope_code"], event["recorded_by"]
    for unit in (scope, by):
        if unit and unit not in names:
            raise ReviewError(f"there is no unit {unit}")
    is_own = scope == by and event["kind"] == CLOSED
    if scope and not is_own and (scope == by or not scope.startswith(by)):
        raise ReviewError(f"{by} does not stand above {scope}, so it cannot decide about its period")
    event["lock_id"] = _identity(*event.values())
    with open_ledger(home) as ledger:
        ledger.add_lock(event)
    return event


def close(home: Home, period: str, *, by: str, reason: str, now: datetime, scope: str = "") -> dict[str, Any]:
    """Lock ``period`` from ``now`` on, for ``scope`` and all below it (empty: for everyone); returns the event.

    A unit may lock what lies below it, and itself. Raises ReviewError before the deadline.
    """
    deadline_at = deadline_of(period)
    if now <= deadline_at:
        raise ReviewError(f"{period} can be locked once its deadline is over, {to_local(deadline_at):%Y-%m-%d %H:%M}")
    event = {"period": period, "scope_code": scope, "kind": CLOSED, "effective_at": now}
    return _lock(home, {**event, "recorded_at": now, "recorded_by": by, "reason": reason})


def except_unit(
    home: Home, period: str, scope: str, *, until: datetime, by: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Let what ``scope`` and all below it send by ``until`` count in spite of a lock; returns the event.

    Only a unit above may. Raises ReviewError.
    """
    deadline_of(period)
    event = {"period": period, "scope_code": scope, "kind": EXCEPTION, "effective_at": until}
    return _lock(home, {**event, "recorded_at": now, "recorded_by": by, "reason": reason})


def list_locks(home: Home, now: datetime) -> list[dict[str, Any]]:
    """Locks and exceptions, oldest first."""
    with open_ledger(home) as ledger:
        return ledger.locks(now)
