"""Decisions of offices that no report can bring: a veto, an excuse, a case counted by a score item, an override.

They are lines of the ledger, never changed; a later one of the same kind about the same takes an earlier one's place.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from ingest.home import Home
from warehouse.night import open_ledger
from warehouse.release import check_stage

#: Outcome that takes a veto, an excuse or an override back.
LIFTED = "lifted"


class DecisionError(Exception):
    """A decision cannot be recorded; the message says why."""


def record_decision(
    home: Home,
    stage_code: str,
    unit_code: str,
    kind: str,
    *,
    by: str,
    reason: str,
    now: datetime,
    rule_id: str | None = None,
    subject: str | None = None,
    outcome: str | None = None,
) -> dict[str, Any]:
    """Record what an office decided about a unit or one of its findings; it counts from the next build on.

    ``kind`` is override (rule, subject and outcome name the finding and what it becomes), veto, excuse or case (rule
    names the item, outcome the kind of case). Raises UnknownStageError and DecisionError.
    """
    check_stage(stage_code)
    if kind == "override" and not (rule_id and outcome):
        raise DecisionError("an override needs --rule and --outcome")
    if kind == "case" and not rule_id:
        raise DecisionError("a case needs --rule, the score item that counts it")
    record = {
        "stage_code": stage_code,
        "unit_code": unit_code,
        "rule_id": rule_id,
        "subject_key": (subject or unit_code) if kind == "override" else subject,
        "kind": kind,
        "outcome": outcome,
        "decided_at": now,
        "decided_by": by,
        "reason": reason,
    }
    identity = "|".join(str(value) for value in record.values())
    record["record_id"] = f"{stage_code}-{kind}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
    with open_ledger(home) as ledger:
        ledger.add_decision_record(record)
    return record


def list_decisions(home: Home, now: datetime, stage_code: str | None = None) -> list[dict[str, Any]]:
    """Every decision (of a stage) taken by ``now``, the upheld appeals among them, oldest first."""
    with open_ledger(home) as ledger:
        return [row for row in ledger.decision_records(now) if stage_code in (None, row["stage_code"])]
