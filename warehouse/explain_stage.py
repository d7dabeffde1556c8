"""From a unit's score in a stage back to the cells it rests on, and the fixes that are worth most points.

Score -> group -> rule -> clause and quote -> value and threshold -> rows and cells -> file hash and receipt.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from ingest.home import Home
from warehouse.absence import why_no_line, why_no_score
from warehouse.ask import ask_on, open_published
from warehouse.evidence import roster_of
from warehouse.findings import PERIODS_SQL, Findings, findings_of, short_results
from warehouse.fixes import best_fixes, with_subjects
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
#: What a group gives and can give, which its cap or a veto may hold below what its lines add up to.
GIVEN_SQL = """
select score_kind, group_code, points, max_points
from assessment.fct_group_score
where unit_code = $1 and stage_code = $2
"""
#: The scores in the order in which they are told: what counts first.
SCORE_KINDS = ["own", "superior", "member_unit"]
KNOWN_SQL = "select known_at from meta.build"


def explain_stage(home: Home, unit_code: str, stage_code: str, rule_id: str | None = None) -> dict[str, Any]:
    """The score of a unit in a stage, opened down to cells and records (all of it, or one rule), with the best fixes.

    ``rule_id`` may name an item of the paper too, for items need not read a rule. Raises LookupError, which says why
    when the unit has no part in the stage or the rule no line in its score, and ``NothingPublishedError``.
    """
    with open_published(home) as connection:
        scores = ask_on(connection, SCORE_SQL, [unit_code, stage_code]).records()
        if not scores:
            raise LookupError(why_no_score(connection, unit_code, stage_code))
        [score] = scores
        all_lines = ask_on(connection, LINES_SQL, [unit_code, stage_code, SCORE_KINDS]).records()
        lines = [line for line in all_lines if rule_id in (None, line["rule_id"], line["item_code"])]
        if rule_id is not None and not lines:
            raise LookupError(why_no_line(connection, score, rule_id))
        known_at = connection.execute(KNOWN_SQL).fetchone()
        assert known_at is not None  # noqa: S101 - the table has exactly one row
        decisions = _decisions(home, unit_code, stage_code, known_at[0])
        findings = findings_of(home, connection, score, lines, decisions)
        fixes = best_fixes(connection, {unit_code: stage_code}).get(unit_code, []) if rule_id is None else []
        given = ask_on(connection, GIVEN_SQL, [unit_code, stage_code]).records()
        states = roster_of(connection, _stage_pairs(connection, score))
    return {
        **score,
        "reports": list(states.values()),
        "groups": _groups(lines, findings, score, given),
        "decisions": [one for one in decisions if rule_id in (None, one["rule_id"])],
        "fixes": with_subjects(fixes, findings),
    }


def _decisions(home: Home, unit_code: str, stage_code: str, known_at: datetime) -> list[dict[str, Any]]:
    with open_ledger(home) as ledger:
        return [
            record
            for record in ledger.decision_records(known_at)
            if (record["stage_code"], record["unit_code"]) == (stage_code, unit_code)
        ]


def _stage_pairs(connection: duckdb.DuckDBPyConnection, score: dict[str, Any]) -> list[tuple[str, str]]:
    periods = ask_on(connection, PERIODS_SQL, [score["unit_code"], score["stage_code"]]).records()
    return [(score["unit_code"], row["period"]) for row in periods]


def fixes_of(connection: duckdb.DuckDBPyConnection, unit_code: str, stage_code: str) -> list[dict[str, Any]]:
    """The fixes that are worth most points to a unit in a stage; none when it has no score."""
    fixes = best_fixes(connection, {unit_code: stage_code}).get(unit_code, [])
    return with_subjects(fixes, short_results(connection, unit_code, stage_code, fixes)) if fixes else []


def _groups(
    lines: list[dict[str, Any]], findings: Findings, score: dict[str, Any], given: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The lines by score and group, each with its findings; ``given`` are the points of the groups."""
    points = {(row["score_kind"], row["group_code"]): row for row in given}
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        key = (line["score_kind"], line["group_code"])
        told = {name: points[key][name] for name in ("points", "max_points")}
        group = groups.setdefault(key, {**{name: line[name] for name in GROUPED}, **told, "rules": []})
        own = {name: value for name, value in line.items() if name not in score and name not in GROUPED}
        group["rules"].append({**own, "findings": findings.get((line["score_kind"], line["item_code"]), [])})
    return list(groups.values())
