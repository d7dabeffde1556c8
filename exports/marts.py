"""The marts as a scope and a choice of periods see them: one temporary view per mart."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import duckdb

from exports.folder import ExportRefusedError
from exports.scope import EVERYTHING

_PLACEMENT_FILE = Path(__file__).with_name("placement.csv")
#: The first of these that a mart has says which unit its row belongs to, unless placement.csv says otherwise.
_UNIT_COLUMNS = ("unit_code", "scope_code")

#: The last day that a row is about, by the first column that a mart has of these.
_DAYS = {
    "period": "(select p.ends_on from warehouse.core.dim_period as p where p.period = t.period)",
    "stage_code": "(select p.ends_on from warehouse.core.dim_period as p inner join warehouse.rulebook.stages as s"
    " on p.period = s.last_period where s.stage_code = t.stage_code)",
    "fiscal_year": "make_date(t.fiscal_year::integer, 12, 31)",
}
#: Whether a row is about a chosen period, by the columns that a mart has.
_PERIODS = {
    ("period",): "t.period in (select c.period from chosen_period as c)",
    ("stage_code",): "t.stage_code in (select s.stage_code from warehouse.rulebook.stages as s inner join chosen_period"
    " as c on c.period between s.first_period and s.last_period)",
    ("fiscal_year",): "t.fiscal_year in (select c.year from chosen_period as c)",
    ("since_period", "last_period"): "exists (select 1 from chosen_period as c"
    " where c.period between t.since_period and t.last_period)",
    ("from_period", "to_period"): "exists (select 1 from chosen_period as c"
    " where c.period between t.from_period and coalesce(t.to_period, c.period))",
}
#: A row without a day belongs to those who may see the unit now.
_NO_DAY = "date '9999-12-30'"


@cache
def _placement() -> dict[str, tuple[tuple[str, ...], bool]]:
    with _PLACEMENT_FILE.open(encoding="utf-8", newline="") as handle:
        return {
            row["mart"]: (tuple(row["unit_columns"].split()), row["with_above"] == "true")
            for row in csv.DictReader(handle)
        }


def _unit_condition(mart: str, columns: list[str]) -> str:
    default = next(((name,) for name in _UNIT_COLUMNS if name in columns), ())
    places, with_above = _placement().get(mart, (default, False))
    if not places:
        raise ExportRefusedError(f"{mart} names no unit: say in {_PLACEMENT_FILE.name} whom its rows belong to")
    day = next((sql for name, sql in _DAYS.items() if name in columns), "null::date")
    conditions = [
        f"exists (select 1 from scope_unit as u where u.unit_code = t.{place}"  # noqa: S608 — our own names
        f" and coalesce({day}, {_NO_DAY}) >= u.valid_from and coalesce({day}, {_NO_DAY}) < u.valid_to)"
        for place in places
    ]
    if with_above:
        conditions += [f"t.{place} in (select a.unit_code from scope_above as a)" for place in places]  # noqa: S608
    return f"({' or '.join(conditions)})"


def choose_rows(connection: duckdb.DuckDBPyConnection, scope: str, *, by_period: bool) -> dict[str, int]:
    """One temporary view per mart, of its name, with the rows of the scope; the number of rows of each.

    Needs the tables of ``choose_scope`` and ``choose_periods``. Raises ExportRefusedError for a mart without units.
    """
    names = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = 'marts' order by 1"
    ).fetchall()
    counts = {}
    for (mart,) in names:
        described = connection.execute(f"describe warehouse.marts.{mart}").fetchall()
        columns = [str(row[0]) for row in described]
        conditions = ["true"] if scope == EVERYTHING else [_unit_condition(mart, columns)]
        if by_period:
            conditions += [sql for needed, sql in _PERIODS.items() if set(needed) <= set(columns)][:1]
        connection.execute(
            f"create temp view {mart} as select * from warehouse.marts.{mart} as t where {' and '.join(conditions)}"  # noqa: S608
        )
        row = connection.execute(f"select count(*) from {mart}").fetchone()  # noqa: S608
        counts[str(mart)] = int(row[0]) if row else 0
    return counts
