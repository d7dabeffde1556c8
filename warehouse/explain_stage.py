"""From a unit's score in a stage back to the cells it rests on, and the fixes that are worth most points.

Score -> group -> rule -> clause and quote -> value and threshold -> rows and cells -> file hash and receipt.
"""

from __future__ import annotations

from typing import Any

import duckdb

from ingest.home import Home
from warehouse.ask import ask_on, open_published
from warehouse.explain import SHOWN, evidence_of
from warehouse.fixes import best_fixes
from warehouse.night import open_ledger

#: What a line says of its group.
GROUPED = ("score_kind", "group_code", "group_name_zh")
SCORE_SQL = "select * from marts.mart_stage_score where unit_code = $1 and stage_code = $2"
LINES_SQL = """
select lines.*
from marts.mart_score_line as lines
inner join rulebook.score_groups as score_groups using (paper_code, group_code)
where unit_code = $1 and stage_code = $2
order by list_position($3::varchar[], score_kind), score_groups.sort_order, group_code, lines.sort_order, item_code
"""
#: The scores in the order in which they are told: what counts first.
SCORE_KINDS = ["own", "superior", "member_unit"]
#: What a superior owes to each of its units is a result of the unit and a line of the superior; of those only what
#: falls short is told, the line counts the rest.
RESULTS_SQL = """
select
    results.*, results.unit_code as result_unit_code,
    indicators.evidence_model, indicators.evidence_flag, indicators.evidence_field
from assessment.int_stage__latest_results as latest
inner join marts.mart_rule_result as results
    on
        latest.rule_id = results.rule_id and latest.unit_code = results.unit_code
        and latest.period = results.period and latest.subject_key = results.subject_key
inner join rulebook.indicators as indicators using (indicator_code)
inner join assessment.int_stage__answering_units as answering
    on latest.stage_code = answering.stage_code and latest.unit_code = answering.unit_code
where
    answering.answering_unit_code = $1 and latest.stage_code = $2 and list_contains($3::varchar[], latest.rule_id)
    and (latest.unit_code = $1 or latest.outcome in ('fail', 'not_evaluated'))
order by results.rule_id, results.unit_code, results.subject_key
"""
KNOWN_SQL = "select known_at from meta.build"


def explain_stage(home: Home, unit_code: str, stage_code: str, rule_id: str | None = None) -> dict[str, Any]:
    """The score of a unit in a stage, opened down to the cells (all of it, or one rule), with the best fixes.

    Raises LookupError when the unit has no part in the stage or the rule no line in its score, and
    ``warehouse.ask.NothingPublishedError``.
    """
    with open_published(home) as connection:
        scores = ask_on(connection, SCORE_SQL, [unit_code, stage_code]).records()
        if not scores:
            raise LookupError(f"{unit_code} has no part in stage {stage_code}")
        all_lines = ask_on(connection, LINES_SQL, [unit_code, stage_code, SCORE_KINDS]).records()
        lines = [line for line in all_lines if rule_id in (None, line["rule_id"])]
        if not lines:
            raise LookupError(f"rule {rule_id or ''} has no line in the score of {unit_code} in {stage_code}")
        read = sorted({line["rule_id"] for line in lines if line["rule_id"]})
        results = ask_on(connection, RESULTS_SQL, [unit_code, stage_code, read]).records()
        evidence = evidence_of(home, connection, results)
        known_at = connection.execute(KNOWN_SQL).fetchone()
        findings: dict[str, list[dict[str, Any]]] = {}
        for result, rows in zip(results, evidence, strict=True):
            shown = {name: result[name] for name in ("period", "unit_code", "unit_name", *SHOWN) if name in result}
            findings.setdefault(result["rule_id"], []).append({**shown, "evidence": rows})
        fixes = best_fixes(connection, scores[0], all_lines, findings) if rule_id is None else []
    assert known_at is not None  # noqa: S101 - the table has exactly one row
    with open_ledger(home) as ledger:
        records = [
            record
            for record in ledger.decision_records(known_at[0])
            if (record["stage_code"], record["unit_code"]) == (stage_code, unit_code)
            and rule_id in (None, record["rule_id"])
        ]
    return {
        **scores[0],
        "groups": _groups(lines, findings, scores[0]),
        "decisions": records,
        "fixes": fixes,
    }


def fixes_of(connection: duckdb.DuckDBPyConnection, unit_code: str, stage_code: str) -> list[dict[str, Any]]:
    """The fixes that are worth most points to a unit in a stage; none when it has no score."""
    scores = ask_on(connection, SCORE_SQL, [unit_code, stage_code]).records()
    if not scores:
        return []
    lines = ask_on(connection, LINES_SQL, [unit_code, stage_code, SCORE_KINDS]).records()
    rules = [line["rule_id"] for line in lines if line["rule_id"]]
    findings: dict[str, list[dict[str, Any]]] = {}
    for result in ask_on(connection, RESULTS_SQL, [unit_code, stage_code, rules]).records():
        findings.setdefault(result["rule_id"], []).append({**result, "unit_code": result["result_unit_code"]})
    return best_fixes(connection, scores[0], lines, findings)


def _groups(
    lines: list[dict[str, Any]], findings: dict[str, list[dict[str, Any]]], score: dict[str, Any]
) -> list[dict[str, Any]]:
    """The lines by score and group, each with its findings."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        key = (line["score_kind"], line["group_code"])
        group = groups.setdefault(
            key,
            {
                "score_kind": key[0],
                "group_code": key[1],
                "group_name_zh": line["group_name_zh"],
                "points": 0,
                "max_points": 0,
                "rules": [],
            },
        )
        group["points"] += line["points"] or 0
        group["max_points"] += line["max_points"] or 0
        own = {name: value for name, value in line.items() if name not in score and name not in GROUPED}
        group["rules"].append({**own, "findings": findings.get(line["rule_id"], [])})
    return list(groups.values())
