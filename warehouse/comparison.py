"""Two warehouses side by side: which findings flip, how scores and ranks move, what falls short in money.

The connection has them attached as ``before`` and ``after``. Used by what-if and by the difference of two releases.
"""

from __future__ import annotations

from typing import Any

import duckdb

from warehouse.ask import ask_on

#: The result that counts: the latest of each subject in the stage. A rule may lose subjects or gain some.
LATEST = """
select results.*
from {side}.marts.mart_rule_result as results
inner join {side}.assessment.int_stage__latest_results as latest
    using (rule_id, unit_code, subject_key, period)
where latest.stage_code = $1
"""
FLIPS_SQL = f"""
with
old as ({LATEST.format(side="before")}),
new as ({LATEST.format(side="after")})
select
    coalesce(new.rule_id, old.rule_id) as rule_id,
    coalesce(new.unit_code, old.unit_code) as unit_code,
    coalesce(new.unit_name, old.unit_name) as unit_name,
    coalesce(new.subject_key, old.subject_key) as subject_key,
    coalesce(new.subject_name, old.subject_name) as subject_name,
    old.period as before_period, new.period as after_period,
    old.value as before_value, new.value as after_value,
    old.threshold_zh as before_threshold_zh, new.threshold_zh as after_threshold_zh,
    old.outcome as before_outcome, new.outcome as after_outcome,
    old.outcome_zh as before_outcome_zh, new.outcome_zh as after_outcome_zh,
    coalesce(new.owed_by, old.owed_by) as owed_by,
    coalesce(new.owed_by_zh, old.owed_by_zh) as owed_by_zh,
    new.message_zh, new.remedy_zh
from old
full outer join new using (rule_id, unit_code, subject_key)
where old.outcome is distinct from new.outcome
order by 1, 2, 4
"""  # noqa: S608 - put together from our own texts
SCORES_SQL = """
select
    coalesce(new.unit_level, old.unit_level) as unit_level,
    coalesce(new.unit_code, old.unit_code) as unit_code,
    coalesce(new.unit_name, old.unit_name) as unit_name,
    old.score as before_score, new.score as after_score,
    old.superior_score as before_superior_score, new.superior_score as after_superior_score,
    old.rank as before_rank, new.rank as after_rank,
    old.band_zh as before_band_zh, new.band_zh as after_band_zh
from (from before.marts.mart_stage_score where stage_code = $1) as old
full outer join (from after.marts.mart_stage_score where stage_code = $1) as new using (unit_code)
where
    (old.score, old.superior_score, old.rank, old.band_code)
    is distinct from (new.score, new.superior_score, new.rank, new.band_code)
order by length(coalesce(new.unit_code, old.unit_code)) desc, 2
"""
#: What is missing in money for findings that fail, and who owes it; the same unit may lack it under several rules.
MONEY = """
select
    rule_id, unit_code, unit_name, district_code, district_name, city_code, city_name, province_code, province_name,
    owed_by, owed_by_zh, lower_bound - value as shortfall_cny
from ({latest}) as latest
where measure_unit_zh = '元' and outcome = 'fail' and value < lower_bound
"""
#: Each level that the rule names answers for all units below it; the street's own line stands beside them.
SHORTFALLS_SQL = """
with
lacking as (
    select 'before' as side, * from ({before}) union all select 'after' as side, * from ({after})
),
by_level as (
    select side, rule_id, owed_by_zh, shortfall_cny, 'street' as level, unit_code, unit_name from lacking
    union all
    select side, rule_id, owed_by_zh, shortfall_cny, 'district', district_code, district_name from lacking
    where contains(owed_by, 'district')
    union all
    select side, rule_id, owed_by_zh, shortfall_cny, 'city', city_code, city_name from lacking
    where contains(owed_by, 'city')
    union all
    select side, rule_id, owed_by_zh, shortfall_cny, 'province', province_code, province_name from lacking
    where contains(owed_by, 'province')
)
select
    rule_id, owed_by_zh, level, unit_code, unit_name,
    count(*) filter (where side = 'before') as before_count,
    count(*) filter (where side = 'after') as after_count,
    coalesce(sum(shortfall_cny) filter (where side = 'before'), 0) as before_shortfall_cny,
    coalesce(sum(shortfall_cny) filter (where side = 'after'), 0) as after_shortfall_cny
from by_level
where unit_code is not null
group by rule_id, owed_by_zh, level, unit_code, unit_name
having before_shortfall_cny <> after_shortfall_cny
order by rule_id, unit_code
""".format(  # noqa: S608 - put together from our own texts
    before=MONEY.format(latest=LATEST.format(side="before")), after=MONEY.format(latest=LATEST.format(side="after"))
)


def compare(connection: duckdb.DuckDBPyConnection, stage_code: str) -> dict[str, Any]:
    """What differs in a stage: ``flips``, ``duties`` (flips by who owes them), ``scores`` and ``shortfalls``."""
    flips = ask_on(connection, FLIPS_SQL, [stage_code]).records()
    return {
        "flips": flips,
        "duties": duties_of(flips),
        "scores": ask_on(connection, SCORES_SQL, [stage_code]).records(),
        "shortfalls": ask_on(connection, SHORTFALLS_SQL, [stage_code]).records(),
    }


def duties_of(flips: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By rule and by who owes it: how many units would newly have to act, and how many no longer."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for flip in flips:
        key = (flip["rule_id"], flip["owed_by_zh"])
        duty = found.setdefault(
            key, {"rule_id": key[0], "owed_by": flip["owed_by"], "owed_by_zh": key[1], "must_act": [], "relieved": []}
        )
        if flip["after_outcome"] == "fail":
            duty["must_act"].append(flip["unit_code"])
        elif flip["before_outcome"] == "fail":
            duty["relieved"].append(flip["unit_code"])
    return [
        {**duty, "must_act": sorted(set(duty["must_act"])), "relieved": sorted(set(duty["relieved"]))}
        for _, duty in sorted(found.items())
    ]
