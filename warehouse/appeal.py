"""Appeals against one finding of a release: filed within the window, decided by an office, re-scored when upheld."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.home import Home
from warehouse.instants import to_local
from warehouse.night import open_ledger
from warehouse.release import APPEALS_OPEN, PRELIMINARY, check_stage, current, folder_of

UPHELD, REJECTED = "upheld", "rejected"
#: What an upheld appeal makes of a finding unless the office says otherwise.
DEFAULT_OUTCOME = "pass"
FINDING_SQL = """
select subject_key, max_by(outcome, (status <> 'not_due', period)) as outcome
from read_parquet($1)
where unit_code = $2 and rule_id = $3 and ($4 is null or subject_key = $4)
group by subject_key
order by subject_key
"""


class AppealError(Exception):
    """An appeal cannot be filed or decided; the message says why."""


def file_appeal(
    home: Home, stage_code: str, unit_code: str, rule_id: str, reason: str, *, subject: str | None, now: datetime
) -> dict[str, Any]:
    """Record an appeal of ``unit_code`` against its finding under ``rule_id``; returns it.

    ``subject`` names the finding where a rule has several (a term, a leader). Raises UnknownStageError, ReleaseError,
    and AppealError when no window is open, the finding does not exist or is contested already.
    """
    check_stage(stage_code)
    with open_ledger(home) as ledger:
        release = current(ledger, stage_code)
        release_id = release["release_id"]
        if release["state"] != APPEALS_OPEN:
            raise AppealError(f"no appeal window is open: {release_id} is {release['state']}")
        if now >= release["appeals_until"]:
            until = f"{to_local(release['appeals_until']):%Y-%m-%d %H:%M}"
            raise AppealError(f"the appeal window of {release_id} was over on {until}")
        found = _finding(folder_of(home, release_id, PRELIMINARY), unit_code, rule_id, subject)
        key = "|".join((release_id, unit_code, rule_id, found[0]))
        appeal = {
            "appeal_id": f"{release_id}-{hashlib.sha256(key.encode()).hexdigest()[:8]}",
            "release_id": release_id,
            "stage_code": stage_code,
            "unit_code": unit_code,
            "rule_id": rule_id,
            "subject_key": found[0],
            "contested_outcome": found[1],
            "reason": reason,
            "filed_at": now,
            "filed_until": release["appeals_until"],
        }
        if not ledger.add_appeal(appeal):
            raise AppealError(f"this finding is contested already, by appeal {appeal['appeal_id']}")
    return appeal


def _finding(release: Path, unit_code: str, rule_id: str, subject: str | None) -> tuple[str, str]:
    """Subject and outcome of the one finding that is meant; raises AppealError."""
    path = str(release / "results" / "mart_rule_result.parquet")
    rows = duckdb.execute(FINDING_SQL, [path, unit_code, rule_id, subject]).fetchall()
    if not rows:
        raise AppealError(f"{unit_code} has no finding under rule {rule_id} {subject or ''} in this release")
    if len(rows) > 1:
        raise AppealError(
            f"rule {rule_id} has several findings; name one with --subject: {', '.join(row[0] for row in rows)}"
        )
    return rows[0]


def decide_appeal(
    home: Home,
    appeal_id: str,
    decision: str,
    *,
    by: str,
    reason: str,
    now: datetime,
    outcome: str = DEFAULT_OUTCOME,
) -> dict[str, Any]:
    """Decide an appeal; when it is upheld, the finding gets ``outcome`` from the next build on. Returns the decision.

    Raises AppealError when the appeal does not exist, is decided already, or its release is final.
    """
    with open_ledger(home) as ledger:
        appeals = {row["appeal_id"]: row for row in ledger.appeals()}
        if appeal_id not in appeals:
            raise AppealError(f"there is no appeal {appeal_id!r}")
        appeal = appeals[appeal_id]
        release = current(ledger, appeal["stage_code"])
        if release["release_id"] != appeal["release_id"] or release["state"] != APPEALS_OPEN:
            raise AppealError(f"{appeal['release_id']} is closed; its appeals can no longer be decided")
        decided = {"appeal_id": appeal_id, "decision": decision, "decided_at": now, "decided_by": by, "reason": reason}
        record = {
            **{name: appeal[name] for name in ("stage_code", "unit_code", "rule_id", "subject_key")},
            "record_id": appeal_id,
            "kind": "override",
            "outcome": outcome,
            **{name: decided[name] for name in ("decided_at", "decided_by", "reason")},
        }
        if not ledger.decide_appeal(decided, record if decision == UPHELD else None):
            raise AppealError(f"appeal {appeal_id} has been decided already: {appeal['decision']}")
    return {**appeal, **decided, "outcome": outcome if decision == UPHELD else appeal["contested_outcome"]}


def list_appeals(home: Home, now: datetime, stage_code: str | None = None) -> list[dict[str, Any]]:
    """Every appeal (of a stage) with its decision and how long it has been waiting, in whole days."""
    with open_ledger(home) as ledger:
        found = [row for row in ledger.appeals() if stage_code in (None, row["stage_code"])]
    return [
        {**row, "state": row["decision"] or "open", "days": ((row["decided_at"] or now) - row["filed_at"]).days}
        for row in found
    ]
