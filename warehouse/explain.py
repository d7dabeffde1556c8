"""From an outcome back to the cells it rests on: rule, clause and quote, value and threshold, rows, file hash."""

from __future__ import annotations

from typing import Any

from ingest.home import Home
from warehouse.ask import ask_on, open_published
from warehouse.evidence import counted_by, evidence_of

RESULTS_SQL = """
select
    results.*, indicators.evidence_model, indicators.evidence_flag, indicators.evidence_field
from marts.mart_rule_result as results
inner join rulebook.indicators as indicators using (indicator_code)
where results.unit_code = $1 and results.period = $2 and ($3 is null or results.rule_id = $3)
order by results.rule_id, results.subject_key
"""
STATUS_SQL = """
select unit_code, unit_name, unit_level, period, state, state_zh, submission_id, submitted_at, accepted_at, issue_count
from marts.mart_submission_status
where unit_code = $1 and period = $2
"""
#: Columns of a result that are shown; the rest of the mart repeats the unit.
SHOWN = (
    "rule_id", "clause_id", "quote_zh", "grain", "subject_key", "subject_name", "value", "lower_bound", "upper_bound",
    "measure_unit_zh",
    "outcome", "outcome_zh", "owed_by", "owed_by_zh", "message_zh", "remedy_zh", "rulebook_version",
)  # fmt: skip


def explain_unit(home: Home, unit_code: str, period: str, rule_id: str | None = None) -> dict[str, Any]:
    """Every result of a unit in a period (or of one rule), with the cells or records that each rests on.

    Raises LookupError when the unit is not on the roster of the period or the rule gave no result there, and
    ``warehouse.ask.NothingPublishedError``.
    """
    with open_published(home) as connection:
        status = ask_on(connection, STATUS_SQL, [unit_code, period]).records()
        if not status:
            raise LookupError(f"{unit_code} is not on the roster of {period}")
        results = ask_on(connection, RESULTS_SQL, [unit_code, period, rule_id]).records()
        if not results:
            raise LookupError(f"no rule {rule_id or ''} gave a result for {unit_code} in {period}")
        bases = evidence_of(home, connection, [[one] for one in counted_by(connection, results)])
    return {
        **status[0],
        "rules": [
            {**{name: result[name] for name in SHOWN if name in result}, **basis}
            for result, basis in zip(results, bases, strict=True)
        ],
    }
