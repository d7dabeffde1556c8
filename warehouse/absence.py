"""Why there is nothing to explain: a unit, a stage or a rule that is unknown, or that has no part in the other."""

from __future__ import annotations

from typing import Any

import duckdb

from warehouse.ask import ask_on

STAGES_SQL = "select stage_code, first_period, last_period from rulebook.stages order by first_period"
UNIT_SQL = """
select unit_code, unit_name, max(coalesce(valid_to, date '9999-12-31')) over () as valid_to
from core.dim_unit where unit_code = $1 order by valid_from desc limit 1
"""
ROSTER_SQL = "select min(period) as first_period, max(period) as last_period from core.dim_roster where unit_code = $1"
FOLLOWERS_SQL = """
select distinct new_code, new_name, event_zh, seen_on from core.dim_unit_change
where old_code = $1 and new_code is not null and new_code <> old_code order by seen_on, new_code
"""
RULES_SQL = "select distinct rule_id from rulebook.rules order by rule_id"
UNSCORED_SQL = "select reason_zh from rulebook.unscored_rules where paper_code = $1 and rule_id = $2"
LEVELS_SQL = """
select distinct unit_level from rulebook.score_items where paper_code = $1 and reads = 'rule' and reads_code = $2
order by unit_level
"""


def why_no_score(connection: duckdb.DuckDBPyConnection, unit_code: str, stage_code: str) -> str:
    """Why a unit has no score in a stage: which of the two is unknown, when the unit went and what follows it."""
    stages = ask_on(connection, STAGES_SQL).records()
    if stage_code not in {stage["stage_code"] for stage in stages}:
        known = ", ".join(stage["stage_code"] for stage in stages)
        return f"there is no stage {stage_code} in the rule book, which has {known}"
    units = ask_on(connection, UNIT_SQL, [unit_code]).records()
    if not units:
        return f"there is no unit {unit_code} in the lists of units"
    name = f"{unit_code} {units[0]['unit_name']}"
    followers = ask_on(connection, FOLLOWERS_SQL, [unit_code]).records()
    if followers:
        told = ", ".join(f"{one['new_code']} {one['new_name']}" for one in followers)
        gone = f"{followers[-1]['event_zh']}, seen on {followers[-1]['seen_on']}"
        return f"{name} has no part in stage {stage_code}: {gone}; what follows it is {told}"
    [roster] = ask_on(connection, ROSTER_SQL, [unit_code]).records()
    if roster["first_period"] is None:
        return f"{name} has no part in stage {stage_code}: it is not enrolled and has reported nothing"
    on_roster = f"on the roster from {roster['first_period']} to {roster['last_period']}"
    return f"{name} has no part in stage {stage_code}: it is {on_roster}"


def why_no_line(connection: duckdb.DuckDBPyConnection, score: dict[str, Any], rule_id: str) -> str:
    """Why a rule has no line in a unit's score: unknown, not scored for a reason, or owed by other levels."""
    rules = [row["rule_id"] for row in ask_on(connection, RULES_SQL).records()]
    if rule_id not in rules:
        alike = [one for one in rules if one.split(".")[0] == rule_id.split(".")[0]]
        hint = f"; there are {', '.join(alike)}" if alike else ""
        return f"there is no rule {rule_id} in the rule book{hint}"
    told = f"rule {rule_id} has no line in the score of {score['unit_code']} in {score['stage_code']}"
    reasons = ask_on(connection, UNSCORED_SQL, [score["paper_code"], rule_id]).records()
    if reasons:
        return f"{told}: {reasons[0]['reason_zh']}"
    levels = [row["unit_level"] for row in ask_on(connection, LEVELS_SQL, [score["paper_code"], rule_id]).records()]
    return f"{told}: the paper has it for {', '.join(levels) or 'nobody'}, and this is a {score['unit_level']}"
