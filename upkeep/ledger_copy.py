"""The ledger as Parquet, one file per table: what SQLite held can be restored into PostgreSQL, and the other way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from ingest.ledger import Ledger
from ingest.ledger.tables import METADATA

_ROWS_AT_ONCE = 20_000
_TYPES: dict[type[Any], pa.DataType] = {
    sa.DateTime: pa.timestamp("us"),
    sa.Date: pa.date32(),
    sa.Boolean: pa.bool_(),
    sa.Integer: pa.int64(),
    sa.String: pa.string(),
}


class ForeignLedgerError(Exception):
    """The files hold something else than the tables of a ledger; the message names it."""


def _type_of(column: sa.Column[Any]) -> pa.DataType:
    return next(found for kind, found in _TYPES.items() if isinstance(column.type, kind))


def _schema(table: sa.Table) -> pa.Schema:
    return pa.schema([pa.field(column.name, _type_of(column)) for column in table.columns])


def write_ledger(ledger: Ledger, folder: Path) -> dict[str, int]:
    """Write every table, all as of one instant, into ``folder``; returns the number of rows of each."""
    counts = {}
    with ledger.snapshot() as connection:
        for table in METADATA.sorted_tables:
            schema, counts[table.name] = _schema(table), 0
            rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(sa.select(table)).mappings()
            with pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as writer:
                for part in rows.partitions():
                    writer.write_table(pa.Table.from_pylist([dict(row) for row in part], schema=schema))
                    counts[table.name] += len(part)
    return counts


def count_rows(ledger: Ledger) -> int:
    """How many events the ledger holds."""
    with ledger.engine.connect() as connection:
        return sum(
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
        )


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            yield from batch.to_pylist()


def read_ledger(ledger: Ledger, files: dict[str, Path]) -> int:
    """Append what ``files`` hold, by table; what is there already is passed over. Returns the rows that were new.

    Raises ForeignLedgerError on a table or column that this version does not know.
    """
    for name, path in files.items():
        table = METADATA.tables.get(name)
        unknown = [name] if table is None else set(pq.read_schema(path).names) - set(table.columns.keys())
        if unknown:
            raise ForeignLedgerError(f"this version knows no {', '.join(sorted(unknown))} in the ledger")
    added = 0
    for table in METADATA.sorted_tables:
        if table.name not in files:
            continue
        rows = _records(files[table.name])
        while part := list(islice(rows, _ROWS_AT_ONCE)):
            added += ledger.append(table, part)
    return added
