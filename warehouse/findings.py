"""What each line of a score rests on, whatever its item reads: rules, indicators, facts, reports or records."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb

from ingest.home import Home
from warehouse.ask import ask_on
from warehouse.evidence import Counted, counted_by, evidence_of, named, roster_of
from warehouse.explain import SHOWN

Row = dict[str, Any]
#: Kind of score and item: a line of a unit's score.
Line = tuple[str, str]
#: Findings by line.
Findings = dict[Line, list[Row]]

ITEMS_SQL = """
select items.*
from assessment.int_score_item__in_stage as items
inner join marts.mart_stage_score as scores using (stage_code, unit_level)
where unit_code = $1 and stage_code = $2
"""
#: The latest result of each subject speaks, unless the item counts over all periods. What a superior owes to each of
#: its units is a result of the unit and a line of the superior.
RESULTS_SQL = """
select
    items.score_kind, items.item_code, results.*,
    indicators.evidence_model, indicators.evidence_flag, indicators.evidence_field
from assessment.int_score_item__in_stage as items
inner join assessment.int_stage__answering_units as answering
    on items.stage_code = answering.stage_code and items.unit_level = answering.answering_level
inner join marts.mart_rule_result as results
    on
        items.reads_code = results.rule_id and answering.unit_code = results.unit_code
        and results.period between items.first_period and items.last_period
inner join rulebook.indicators as indicators using (indicator_code)
left join assessment.int_stage__latest_results as latest
    on
        items.stage_code = latest.stage_code and results.rule_id = latest.rule_id
        and results.unit_code = latest.unit_code and results.period = latest.period
        and results.subject_key = latest.subject_key
where
    answering.answering_unit_code = $1 and items.stage_code = $2
    and items.reads = 'rule' and list_contains($3::varchar[], items.item_code)
    and (items.over_periods <> 'latest' or latest.rule_id is not null)
    and (results.unit_code = $1 or indicators.unit_level <> items.unit_level)
    and (not $4 or results.outcome in ('fail', 'not_evaluated'))
order by results.rule_id, results.unit_code, results.subject_key, results.period
"""
VALUES_SQL = """
select
    items.score_kind, items.item_code, figures.*, clauses.quote_zh,
    registry.evidence_model, registry.evidence_flag, registry.evidence_field
from assessment.int_score_item__in_stage as items
inner join marts.mart_indicator as figures
    on
        items.reads_code = figures.indicator_code and items.unit_level = figures.unit_level
        and figures.period between items.first_period and items.last_period
inner join rulebook.indicators as registry on items.reads_code = registry.indicator_code
left join rulebook.clauses as clauses on registry.clause_id = clauses.clause_id
where
    figures.unit_code = $1 and items.stage_code = $2
    and items.reads = 'indicator' and list_contains($3::varchar[], items.item_code)
qualify
    items.over_periods <> 'latest'
    or row_number() over (
        partition by items.score_kind, items.item_code, figures.subject_key
        order by case when figures.status <> 'not_due' then 1 else 0 end desc, figures.period desc
    ) = 1
order by items.item_code, figures.subject_key, figures.period
"""
PERIODS_SQL = """
select roster.period, stage_units.last_due_period
from core.dim_roster as roster
inner join assessment.int_stage__roster as stage_units using (unit_code)
inner join rulebook.stages as stages using (stage_code)
where roster.unit_code = $1 and stage_code = $2 and roster.period between stages.first_period and stages.last_period
order by roster.period
"""
#: Quarters of streets that are gone, which count for the unit in what adds up.
CARRIED_SQL = """
select carried.part_code, carried.period
from indicators.int_unit__carried_reports as carried
inner join rulebook.stages as stages on carried.period between stages.first_period and stages.last_period
where carried.unit_code = $1 and stages.stage_code = $2
order by carried.period, carried.part_code
"""


def short_results(connection: duckdb.DuckDBPyConnection, unit_code: str, stage_code: str, lines: list[Row]) -> Findings:
    """Results of rules that fall short, by line, without what they rest on."""
    codes = sorted({line["item_code"] for line in lines})
    return _by_line(ask_on(connection, RESULTS_SQL, [unit_code, stage_code, codes, True]).records())


def findings_of(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    score: Row,
    lines: list[Row],
    cases: list[Row],
) -> Findings:
    """Findings of the lines of a unit's score (row of ``mart_stage_score``), each with ``evidence`` and ``records``.

    ``cases`` are the unit's decision records. A line that nothing has been found for rests on the roster.
    """
    key = [score["unit_code"], score["stage_code"]]
    codes = sorted({line["item_code"] for line in lines})
    results = ask_on(connection, RESULTS_SQL, [*key, codes, False]).records()
    results += ask_on(connection, VALUES_SQL, [*key, codes]).records()
    counted = [[one] for one in counted_by(connection, results)]
    periods = ask_on(connection, PERIODS_SQL, key).records()
    carried = ask_on(connection, CARRIED_SQL, key).records()
    wanted = {(line["score_kind"], line["item_code"]) for line in lines}
    items = [item for item in ask_on(connection, ITEMS_SQL, key).records() if _line(item) in wanted]
    found = {_line(result) for result in results}
    for item in items:
        if _line(item) not in found:
            results.append(_whole(item, score))
            counted.append(_counted_by_item(item, score, periods, carried))
    bases = evidence_of(home, connection, counted)
    roster = roster_of(connection, [(score["unit_code"], row["period"]) for row in periods])
    records = {_line(item): _records(item, cases, score, list(roster.values())) for item in items}
    for result, basis in zip(results, bases, strict=True):
        if not basis["evidence"] and not basis["records"]:
            basis["records"] = records[_line(result)]
    names = ("score_kind", "item_code", "period", "unit_code", "unit_name", "status", *SHOWN)
    return _by_line(
        [{**{name: one.get(name) for name in names}, **basis} for one, basis in zip(results, bases, strict=True)]
    )


def _line(row: Row) -> Line:
    return row["score_kind"], row["item_code"]


def _by_line(rows: list[Row]) -> Findings:
    found: Findings = defaultdict(list)
    for row in rows:
        found[_line(row)].append(row)
    return dict(found)


def _whole(item: Row, score: Row) -> Row:
    """The finding of an item that has no result of a subject: it is about the unit as a whole."""
    about = {name: item[name] for name in ("score_kind", "item_code", "rulebook_version")}
    unit = {"unit_code": score["unit_code"], "subject_key": score["unit_code"], "unit_name": score["unit_name"]}
    return {**about, **unit, "subject_name": item["item_zh"]}


def _counted_by_item(item: Row, score: Row, periods: list[Row], carried: list[Row]) -> list[Counted]:
    """Rows of the fact that an item reads: of all periods and what is carried on, or of a register's latest state."""
    if item["reads"] != "fact":
        return []
    field, flag = item["kind_column"] or item["flag_column"] or None, item["flag_column"] or None
    if item["over_periods"] == "sum":
        pairs = [(score["unit_code"], row["period"]) for row in periods]
        pairs += [(row["part_code"], row["period"]) for row in carried]
    else:
        pairs = [(score["unit_code"], row["period"]) for row in periods if row["period"] == row["last_due_period"]]
    return [Counted("core", item["reads_code"], flag, field, "unit_code", unit, period, unit) for unit, period in pairs]


def _records(item: Row, cases: list[Row], score: Row, roster: list[Row]) -> list[Row]:
    """What an item rests on that has no cell: decisions about it, or what came of the unit's reports of the stage."""
    if item["reads"] != "record":
        return roster
    mine = [case for case in cases if (case["kind"], case["rule_id"]) == ("case", item["reads_code"])]
    none = {"unit_code": score["unit_code"], "rule_id": item["reads_code"], "row_count": 0}
    return [named("decision_record", "决定记录", case) for case in mine or [none]]
