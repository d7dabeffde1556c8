"""Decisions of offices that no report can bring: vetoes, excuses, cases, overrides, claims and late entrants.

They are lines of the ledger, never changed; a later one of the same kind about the same takes an earlier one's place.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from ingest.home import Home
from warehouse.ask import ask
from warehouse.night import open_ledger
from warehouse.project import RULEBOOK_DIR
from warehouse.release import check_stage
from warehouse.rulebook_files import read_rows

#: Outcome that takes a decision back.
LIFTED = "lifted"
#: How a claim may be decided: it belongs to one street, both may have it, or they are different things.
BELONGS_TO = "belongs_to"
CLAIM_OUTCOMES = (BELONGS_TO, "shared", "separate", LIFTED)


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

    ``kind`` is override (rule, subject and outcome name the finding and what it becomes), veto, excuse, case (rule
    names the item, outcome the kind of case), claim (subject names a published claim, the unit one of its streets) or
    admit (the unit is ranked although it joined late). Raises UnknownStageError, DecisionError and, for a claim or an
    admission, NothingPublishedError.
    """
    check_stage(stage_code)
    if kind == "override":
        _check_override(rule_id, outcome)
    if kind == "case" and not rule_id:
        raise DecisionError("a case needs --rule, the score item that counts it")
    if kind == "claim":
        outcome = outcome or BELONGS_TO
        _check_claim(home, unit_code, subject, outcome)
    if kind == "admit":
        _check_admission(home, stage_code, unit_code, outcome)
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


def _check_override(rule_id: str | None, outcome: str | None) -> None:
    _, texts = read_rows(RULEBOOK_DIR / "outcome_texts.csv")
    allowed = [*(row["outcome"] for row in texts if row["status"] == "decided"), LIFTED]
    if not (rule_id and outcome):
        raise DecisionError("an override needs --rule and --outcome")
    if outcome not in allowed:
        raise DecisionError(f"an override sets one of {', '.join(allowed)}, not {outcome!r}")


def _check_claim(home: Home, unit_code: str, claim_id: str | None, outcome: str) -> None:
    if not claim_id:
        raise DecisionError("a claim needs --subject, the claim_id of mart_claim")
    if outcome not in CLAIM_OUTCOMES:
        raise DecisionError(f"a claim is decided as one of {', '.join(CLAIM_OUTCOMES)}, not {outcome!r}")
    found = ask(home, "select unit_code from marts.mart_claim where claim_id = ? order by unit_code", [claim_id])
    claimants = [code for (code,) in found.rows]
    if not claimants:
        raise DecisionError(f"no claim {claim_id!r} is published; see marts.mart_claim")
    if unit_code not in claimants:
        raise DecisionError(f"{unit_code} does not claim it, only {', '.join(claimants)}")


def _check_admission(home: Home, stage_code: str, unit_code: str, outcome: str | None) -> None:
    if outcome not in (None, LIFTED):
        raise DecisionError(f"an admission has no outcome but {LIFTED}, which takes it back")
    found = ask(
        home,
        "select is_late_entrant from marts.mart_stage_score where stage_code = ? and unit_code = ?",
        [stage_code, unit_code],
    )
    if not found.rows:
        raise DecisionError(f"{unit_code} is not on the roster of {stage_code}; enrol it first")
    if outcome != LIFTED and not found.rows[0][0]:
        raise DecisionError(f"{unit_code} has been in {stage_code} from the beginning; it needs no admission")


def list_decisions(home: Home, now: datetime, stage_code: str | None = None) -> list[dict[str, Any]]:
    """Every decision (of a stage) taken by ``now``, the upheld appeals among them, oldest first."""
    with open_ledger(home) as ledger:
        return [row for row in ledger.decision_records(now) if stage_code in (None, row["stage_code"])]
