"""A whole night on a sample, and its tables in a form that two nights can be compared in."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from cli.nightly import NightResult, run_nightly
from ingest.home import Home
from warehouse.ask import ask
from warehouse.instants import utc_now
from warehouse.night import Night

#: Instants at which we worked, not at which something happened in a street: they differ from run to run.
OWN_CLOCK = ("accepted_at", "decided_at", "received_at")


def run_night(home: Home, *, known_at: datetime | None = None, full_refresh: bool = False) -> NightResult:
    """Run the nightly in this process, silently."""
    return run_nightly(home, Night.at(utc_now(), known_at), lambda _: None, full_refresh=full_refresh)


def tables_of(home: Home, schema: str = "marts") -> dict[str, list[tuple[object, ...]]]:
    """Every table of a schema as sorted rows, without the instants of our own clock."""
    columns = ask(
        home,
        "select table_name, string_agg('\"' || column_name || '\"', ', ' order by column_index) from duckdb_columns() "
        "where schema_name = $1 and not list_contains($2::varchar[], column_name) group by table_name order by 1",
        [schema, list(OWN_CLOCK)],
    ).rows
    assert columns
    return {name: ask(home, f"select {selected} from {schema}.{name} order by all").rows for name, selected in columns}


def truth(home: Home, name: str) -> list[dict[str, str]]:
    """One of the sample's truth files."""
    with Path(home.root / "sample" / f"truth_{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
