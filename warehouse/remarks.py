"""What is said about findings: a unit explains a query, an office waives a check."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from ingest.explanations import MAX_CHARS, TOLD, explanation_event
from ingest.home import Home
from ingest.issues import Issue, catalogue
from ingest.ledger import Decision, Ledger
from ingest.registers import Registers, unit_level
from ingest.values import is_period
from warehouse.compared import all_findings
from warehouse.night import open_ledger
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR


class RemarkError(Exception):
    """A finding cannot be explained, or a check not waived, like this; the message says why."""


def _decision(ledger: Ledger, submission_id: str) -> Decision:
    found = ledger.decisions([submission_id])
    if not found:
        raise RemarkError(f"there is no decided submission {submission_id}")
    return found[0]


def _names(issue: Issue) -> set[str | None]:
    """By what a finding may be called: its key, its check, its cell."""
    return {issue.finding_key, issue.code, f"{issue.sheet}!{issue.cell}" if issue.cell else None}


def explain_finding(
    home: Home, submission_id: str, finding: str, *, by: str, text: str, now: datetime
) -> list[dict[str, Any]]:
    """Record what the unit ``by`` says about queries of a decided report; returns the events.

    ``finding`` is a finding key, the code of a check or ``sheet!cell``. Raises RemarkError.
    """
    words = text.strip()
    if not words or len(words) > MAX_CHARS:
        raise RemarkError(f"an explanation has 1 to {MAX_CHARS} characters")
    with open_ledger(home) as ledger:
        decision = _decision(ledger, submission_id)
        unit = decision.unit_code or ""
        if not by or not unit.startswith(by):
            raise RemarkError(f"{by} is neither {unit} nor a unit above it, so it cannot explain its report")
        named = [issue for issue in all_findings(home, decision) if finding in _names(issue) and issue.finding_key]
        if not named:
            raise RemarkError(f"submission {submission_id} has no finding {finding}")
        queries = {issue.finding_key: issue for issue in named if issue.severity == "query"}
        if not queries:
            raise RemarkError(f"{named[0].code} is no query: an error is mended or waived, a note needs no word")
        events = [
            explanation_event(decision, key or "", issue.code, words, by=by, way=TOLD, now=now)
            for key, issue in queries.items()
        ]
        ledger.add_explanations(events)
        return events


def list_queries(home: Home, submission_id: str, now: datetime) -> list[dict[str, Any]]:
    """The queries of a decided report, with the last explanation of each (empty: it is open). Raises RemarkError."""
    with open_ledger(home) as ledger:
        decision = _decision(ledger, submission_id)
        given = {row["finding_key"]: row for row in ledger.explanations(now, decision.unit_code)}
    rows = []
    for issue in all_findings(home, decision):
        if issue.severity == "query":
            word = given.get(issue.finding_key or "", {})
            state = "explained" if word else "open"
            shown = {name: word.get(name) for name in ("text", "explained_by", "explained_at")}
            rows.append({**issue.to_json(), "state": state, **shown})
    return rows


def _check_waiver(scope: str, check: str, from_period: str, to_period: str | None, by: str, reason: str) -> str:
    """Name of the office; raises RemarkError where it cannot grant this."""
    names = Registers(REFERENCE_DIR, RULEBOOK_DIR).unit_names
    for unit in (scope, by):
        if unit not in names:
            raise RemarkError(f"there is no unit {unit}")
    if not scope.startswith(by) or unit_level(by) == "street":
        raise RemarkError(f"{by} does not stand above {scope}, so it cannot waive anything for it")
    kind = catalogue().get(check)
    if kind is None or not kind.can_be_waived:
        waivable = ", ".join(sorted(code for code, one in catalogue().items() if one.can_be_waived))
        why = "there is no check" if kind is None else "nobody can waive"
        raise RemarkError(f"{why} {check}; those that can be waived: {waivable}")
    for period in filter(None, (from_period, to_period)):
        if not is_period(period):
            raise RemarkError(f"{period!r} is not a period such as 2026-Q3")
    if to_period and to_period < from_period:
        raise RemarkError(f"the waiver would end with {to_period} before it begins with {from_period}")
    if not reason.strip():
        raise RemarkError("a waiver is granted with a reason")
    return names[by]


def grant_waiver(
    home: Home,
    scope: str,
    check: str,
    *,
    from_period: str,
    to_period: str | None,
    by: str,
    reason: str,
    now: datetime,
) -> dict[str, Any]:
    """Record that the office ``by`` waives a check for ``scope`` and all below it; returns the event, which is public.

    Raises RemarkError.
    """
    office = _check_waiver(scope, check, from_period, to_period, by, reason)
    event: dict[str, Any] = {
        "scope_code": scope,
        "issue_code": check,
        "from_period": from_period,
        "to_period": to_period,
        "office_code": by,
        "office_name": office,
        "reason": reason.strip(),
    }
    identity = "|".join(map(str, (*event.values(), now)))
    event = {"waiver_id": hashlib.sha256(identity.encode()).hexdigest()[:12], **event, "recorded_at": now}
    with open_ledger(home) as ledger:
        ledger.add_waiver(event)
    return event


def revoke_waiver(home: Home, waiver_id: str, *, by: str, reason: str, now: datetime) -> dict[str, Any]:
    """Record that the office ``by`` takes a waiver back; returns the event, which is public. Raises RemarkError."""
    names = Registers(REFERENCE_DIR, RULEBOOK_DIR).unit_names
    if by not in names:
        raise RemarkError(f"there is no unit {by}")
    if not reason.strip():
        raise RemarkError("a waiver is revoked with a reason")
    event = {
        "waiver_id": waiver_id,
        "office_code": by,
        "office_name": names[by],
        "reason": reason.strip(),
        "recorded_at": now,
    }
    with open_ledger(home) as ledger:
        waiver = next((row for row in ledger.waivers(now) if row["waiver_id"] == waiver_id), None)
        if waiver is None:
            raise RemarkError(f"there is no waiver {waiver_id}")
        if not waiver["office_code"].startswith(by):
            raise RemarkError(f"{by} has not granted {waiver_id} and does not stand above {waiver['office_code']}")
        if not ledger.revoke_waiver(event):
            raise RemarkError(f"{waiver_id} has been revoked already")
    return event


def list_waivers(home: Home, now: datetime, unit: str | None = None) -> list[dict[str, Any]]:
    """Waivers (those that are about ``unit``), oldest first, with when, by whom and why they were revoked."""
    with open_ledger(home) as ledger:
        return [row for row in ledger.waivers(now) if unit is None or unit.startswith(row["scope_code"])]
