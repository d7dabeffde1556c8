"""A published warehouse of a few rows, with a hierarchy in which units move, are recoded, merged and split.

Below province 44 there are the cities 4401 and 4402 with one district each. District 440106 lies in 4401 and reports to
the province. Of the streets, 440101005 moved to the other city in the middle of 2025, 440199001 was recoded to
440201002, and 440201003 came out of 440101009, which is still there.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.home import Home

EVIL = "=1+1"
FAR = "9999-12-31"
#: Code, level, unit that it reports to, from, to.
UNITS = [
    ("44", "province", None, "2009-01-01", None),
    ("4401", "city", "44", "2009-01-01", None),
    ("4402", "city", "44", "2009-01-01", None),
    ("440101", "district", "4401", "2009-01-01", None),
    ("440106", "district", "44", "2009-01-01", None),
    ("440201", "district", "4402", "2009-01-01", None),
    ("440101001", "street", "440101", "2009-01-01", None),
    ("440101005", "street", "440101", "2009-01-01", "2025-07-01"),
    ("440101005", "street", "440201", "2025-07-01", None),
    ("440101009", "street", "440101", "2009-01-01", None),
    ("440106001", "street", "440106", "2009-01-01", None),
    ("440199001", "street", "4401", "2009-01-01", "2025-10-01"),
    ("440201001", "street", "440201", "2009-01-01", None),
    ("440201002", "street", "440201", "2025-10-01", None),
    ("440201003", "street", "440201", "2025-04-01", None),
]
PREDECESSORS = [("440201002", "440199001", "recoded"), ("440201003", "440101009", "split")]
PERIODS = [("2025-Q1", "2025-03-31"), ("2025-Q2", "2025-06-30"), ("2025-Q3", "2025-09-30"), ("2025-Q4", "2025-12-31")]


def publish_small(home: Home, build_id: str = "20260101T000000000000") -> Path:
    """Publish it in ``home``, in one step as a night does; gives the file."""
    draft = home.published.with_name("draft.duckdb")
    home.published.parent.mkdir(parents=True, exist_ok=True)
    draft.unlink(missing_ok=True)
    with duckdb.connect(str(draft)) as connection:
        connection.execute("create schema core; create schema marts; create schema rulebook; create schema meta")
        _hierarchy(connection)
        _marts(connection)
        connection.execute(
            "create table meta.build as select $1::varchar as build_id, timestamp '2026-01-01' as known_at, "
            "timestamp '2026-01-01 00:30:00' as published_at",
            [build_id],
        )
    return draft.replace(home.published)


def _hierarchy(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table core.dim_unit (unit_code varchar, unit_level varchar, reporting_parent_code varchar, "
        "valid_from date, valid_to date, unit_name varchar)"
    )
    connection.executemany(
        "insert into core.dim_unit values ($1, $2, $3, $4, $5, '单位' || $1)", [list(unit) for unit in UNITS]
    )
    connection.execute(
        "create table core.bridge_unit_ancestor as with recursive last_units as "
        "(select * from core.dim_unit "
        "qualify row_number() over (partition by unit_code order by valid_from desc) = 1), "
        "chain as (select unit_code, unit_code as ancestor_code, 0 as depth from last_units union all "
        "select chain.unit_code, reporting_parent_code, depth + 1 from chain inner join last_units "
        "on chain.ancestor_code = last_units.unit_code where reporting_parent_code is not null) "
        "select 'reporting' as tree, * from chain"
    )
    connection.execute(
        "create table core.bridge_unit_predecessor "
        "(unit_code varchar, predecessor_code varchar, kind varchar, is_street_predecessor boolean)"
    )
    connection.executemany(
        "insert into core.bridge_unit_predecessor values ($1, $2, $3, true)", [list(row) for row in PREDECESSORS]
    )
    connection.execute("create table core.dim_period (period varchar, ends_on date)")
    connection.executemany("insert into core.dim_period values ($1, $2)", [list(row) for row in PERIODS])
    connection.execute(
        "create table rulebook.stages as select 'S1' as stage_code, '2025-Q1' as first_period, '2025-Q4' as last_period"
    )


def _marts(connection: duckdb.DuckDBPyConnection) -> None:
    """A row per unit and period, one per unit and stage, and marts that place their rows in other ways."""
    for statement in (
        "create table marts.mart_submission_status as select distinct unit_code, unit_name, period, "
        "true as is_reported, "
        f"'{EVIL}' as reason, -5 as issue_count, timestamp '2025-04-01 01:00:00' as submitted_at, "
        "date '2025-04-01' as day, 1.50::decimal(18, 2) as amount "
        "from core.dim_unit cross join core.dim_period",
        "create table marts.mart_stage_score as select distinct unit_code, 'S1' as stage_code, 90000 as score "
        "from core.dim_unit",
        "create table marts.mart_completeness as select distinct unit_code as scope_code, period from core.dim_unit "
        "cross join core.dim_period where unit_level <> 'street'",
        "create table marts.mart_claim as select distinct unit_code, '2025-Q1' as since_period, "
        "'2025-Q2' as last_period from core.dim_unit where unit_level = 'street'",
        "create table marts.mart_unit_lineage as select '440199001' as old_code, '440201002' as new_code",
        "create table marts.mart_waiver as select unnest(['44', '4402', '440101001']) as scope_code, "
        "'2025-Q1' as from_period, null::varchar as to_period",
    ):
        connection.execute(statement)
