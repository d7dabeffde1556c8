"""Whose rows an office may see: the units that report to it, by the reporting tree and its history."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from exports.folder import ExportRefusedError

#: The whole country, with what belongs to no unit.
EVERYTHING = "all"

#: Three grounds. ``now``: who hangs below the scope today, or hung there last. ``before``: whom they carry on, under a
#: code before or as one of a merger; a split carries nothing on. ``then_below``: who reported to the scope for a time.
#: The first two open every period, the third the periods of its time.
_UNITS = """
create temp table scope_unit as
with recursive now as (
    select unit_code from warehouse.core.bridge_unit_ancestor
    where tree = 'reporting' and ancestor_code = $1
),
before as (
    select followed.predecessor_code as unit_code
    from warehouse.core.bridge_unit_predecessor as followed
    inner join now using (unit_code)
    where followed.kind <> 'split' and followed.is_street_predecessor
),
then_below as (
    select unit_code, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
    from warehouse.core.dim_unit
    where unit_code = $1
    union
    select
        units.unit_code,
        greatest(units.valid_from, then_below.valid_from) as valid_from,
        least(coalesce(units.valid_to, date '9999-12-31'), then_below.valid_to) as valid_to
    from warehouse.core.dim_unit as units
    inner join then_below on units.reporting_parent_code = then_below.unit_code
    where greatest(units.valid_from, then_below.valid_from)
        < least(coalesce(units.valid_to, date '9999-12-31'), then_below.valid_to)
)
select unit_code, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to from now
union
select unit_code, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to from before
union
select unit_code, valid_from, valid_to from then_below
"""
_ABOVE = """
create temp table scope_above as
select ancestor_code as unit_code from warehouse.core.bridge_unit_ancestor
where tree = 'reporting' and unit_code = $1
"""
_NAMED = """
select unit_name, unit_level from warehouse.core.dim_unit where unit_code = $1 order by valid_from desc limit 1
"""


@dataclass(frozen=True)
class Scope:
    """A unit with all that may be seen from it; of the whole country name and level are empty."""

    code: str
    name_zh: str
    level: str
    unit_count: int


def choose_scope(connection: duckdb.DuckDBPyConnection, code: str) -> Scope:
    """Lay down in temporary tables what ``code`` may see; raises ExportRefusedError on an unknown unit."""
    if code == EVERYTHING:
        row = connection.execute("select count(distinct unit_code) from warehouse.core.dim_unit").fetchone()
        return Scope(code, "", "", int(row[0]) if row else 0)
    named = connection.execute(_NAMED, [code]).fetchone()
    if named is None:
        raise ExportRefusedError(f"{code} is no unit: 2 digits name a province, 4 a city, 6 a district, 9 a street")
    connection.execute(_UNITS, [code])
    connection.execute(_ABOVE, [code])
    row = connection.execute("select count(distinct unit_code) from scope_unit").fetchone()
    return Scope(code, str(named[0]), str(named[1]), int(row[0]) if row else 0)


def choose_periods(connection: duckdb.DuckDBPyConnection, periods: tuple[str, ...]) -> None:
    """Lay the periods down in ``chosen_period``, none for all; raises ExportRefusedError on an unknown one."""
    known = [row[0] for row in connection.execute("select period from warehouse.core.dim_period order by 1").fetchall()]
    unknown = [period for period in periods if period not in known]
    if unknown:
        raise ExportRefusedError(f"{'、'.join(unknown)} is no period of the programme: {known[0]} to {known[-1]}")
    connection.execute("create temp table chosen_period (period varchar, year integer)")
    for period in periods:
        connection.execute("insert into chosen_period values ($1, $2)", [period, int(period[:4])])
