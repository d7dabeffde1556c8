"""The summary of what is published: who reported, which quotas are met, and where everything lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.output import ExitCode, fail, print_json, print_table, say
from ingest.home import Home
from warehouse.ask import NothingPublishedError, ask_on, open_published
from warehouse.instants import to_local

BUILD_SQL = "select build_id, known_at, published_at from meta.build"
STATES_SQL = """
select
    period,
    count(*) as expected,
    count(*) filter (where state = 'on_time') as on_time,
    count(*) filter (where state = 'late') as late,
    count(*) filter (where state = 'nil') as nil,
    count(*) filter (where state = 'missing') as missing,
    count(*) filter (where state = 'rejected') as rejected,
    count(*) filter (where state = 'returned') as returned,
    count(*) filter (where state = 'withdrawn') as withdrawn,
    count(*) filter (where state = 'locked') as locked,
    count(*) filter (where state = 'not_due') as not_due
from marts.mart_submission_status
group by period
order by period
"""
OUTCOME_COUNTS = """
    count(*) filter (where outcome = 'pass') as pass,
    count(*) filter (where outcome = 'fail') as fail,
    count(*) filter (where outcome = 'not_applicable') as not_applicable,
    count(*) filter (where outcome = 'too_early') as too_early,
    count(*) filter (where outcome = 'not_evaluated') as not_evaluated,
    count(*) filter (where outcome = 'not_decided') as not_decided"""
QUOTAS_SQL = f"""
select rule_id, any_value(owed_by) as owed_by, {OUTCOME_COUNTS}, any_value(quote_zh) as quote
from marts.mart_rule_result
where clause_id in (select clause_id from rulebook.clauses where force = 'quota')
group by rule_id
order by rule_id
"""  # noqa: S608 - only constants of this module
FORCES_SQL = f"""
select force, count(distinct clause_id) as clauses, count(distinct rule_id) as rules, {OUTCOME_COUNTS}
from marts.mart_rule_result
inner join rulebook.clauses using (clause_id)
group by force
order by clauses desc, force
"""  # noqa: S608 - only constants of this module
SCORES_SQL = """
select
    stage_code,
    unit_level,
    count(*) as units,
    count(score) as scored,
    round(avg(score) / 1000.0, 1) as mean,
    max(score) / 1000.0 as best,
    min(score) / 1000.0 as lowest
from marts.mart_stage_score
group by stage_code, unit_level
order by stage_code, min(length(unit_code)) desc
"""


def _places(home: Home) -> dict[str, Path]:
    """Where everything lies."""
    return {
        "warehouse": home.published,
        "raw files": home.raw,
        "lake": home.lake,
        "Data Docs": home.gx / "data_docs" / "index.html",
        "truth of the sample": home.root / "sample",
    }


def print_summary(home: Home, *, as_json: bool = False) -> None:
    """Print the summary of the published warehouse; ends with exit code 3 when there is none."""
    try:
        with open_published(home) as connection:
            build = ask_on(connection, BUILD_SQL).records()[0]
            states, quotas, forces, scores = (
                ask_on(connection, sql) for sql in (STATES_SQL, QUOTAS_SQL, FORCES_SQL, SCORES_SQL)
            )
    except NothingPublishedError as error:
        fail(str(error), ExitCode.OUR_FAILURE)
    if as_json:
        places = {name: str(path) for name, path in _places(home).items()}
        parts: dict[str, Any] = {"submissions": states, "quotas": quotas, "forces": forces, "scores": scores}
        print_json({**build, **{name: answer.records() for name, answer in parts.items()}, "places": places})
        return
    say(f"Build {build['build_id']}, as known at {to_local(build['known_at']):%Y-%m-%d %H:%M} (Asia/Shanghai)")
    say("\nSubmissions by period")
    print_table(states.columns, states.rows)
    say("\nQuotas")
    print_table(quotas.columns, quotas.rows)
    say("\nAll clauses, by their force")
    print_table(forces.columns, forces.rows)
    say("\nStage scores (points of 100)")
    print_table(scores.columns, scores.rows)
    say("\nWhere everything lies")
    print_table(("what", "where"), [(name, path) for name, path in _places(home).items() if path.exists()])
