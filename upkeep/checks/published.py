"""The published warehouse: there, readable to its last block, of the last night, made by these models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb

from ingest.home import Home
from upkeep.finding import Finding, finding
from upkeep.settings import settings
from warehouse.ask import open_published
from warehouse.project import model_hash

_TABLES = "select schema_name, table_name from duckdb_tables() where not internal order by all"


def _read_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Read every block: DuckDB proves the checksum of each."""
    for schema, table in connection.execute(_TABLES).fetchall():
        connection.execute(f'select count(columns(*)) from "{schema}"."{table}"')  # noqa: S608 - names of DuckDB's own list


def check_published(home: Home, now: datetime, *, quick: bool) -> Iterator[Finding]:
    """See the module; unless ``quick``, every block is read."""
    if not home.published.exists():
        yield finding("unpublished")
        return
    if home.published.with_name(home.published.name + ".wal").exists():
        yield finding("published_wal")
    try:
        with open_published(home) as connection:
            row = connection.execute("select build_id, published_at, model_hash from meta.build").fetchone()
            if not quick:
                _read_all(connection)
        manifest = json.loads(home.published_manifest.read_text(encoding="utf-8"))
    except (duckdb.Error, OSError, ValueError) as error:
        yield finding("published_damaged", error=str(error).splitlines()[0])
        return
    build_id, published_at, made_by = row or (None, now, "")
    if manifest.get("build_id") != build_id:
        yield finding("published_damaged", error=f"its manifest is of {manifest.get('build_id')}, it is {build_id}")
    if now - published_at > timedelta(hours=settings()["doctor"]["published_hours"]):
        yield finding("published_old", since=f"{published_at:%Y-%m-%d %H:%M} UTC")
    if made_by != model_hash():
        yield finding("published_other")
