"""How the ledger is kept: SQLite in WAL mode by default, PostgreSQL by URL, the same tables in both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ingest.ledger.tables import METADATA, POSTGRES_GUARD, SQLITE_GUARD


def _configure_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


class Store:
    """Append rows to the tables and read them; safe to open from several processes at once."""

    def __init__(self, url: str) -> None:
        """Open the ledger at the SQLAlchemy ``url`` and make its tables on first use."""
        self.engine = sa.create_engine(url)
        if self.engine.dialect.name == "sqlite":
            # Only the owner reads it; SQLite gives its other files the rights of the first.
            if not (path := Path(self.engine.url.database or "")).exists():
                path.touch(mode=0o600)
            sa.event.listen(self.engine, "connect", _configure_sqlite)
        self._create()

    def _create(self) -> None:
        """Make the tables that are not there yet: all of a new ledger, the latest ones of an older ledger."""
        there = set(sa.inspect(self.engine).get_table_names())
        missing = [table for table in METADATA.sorted_tables if table.name not in there]
        if not missing:
            return
        with self.engine.begin() as connection:
            METADATA.create_all(connection, tables=missing)
            for table in (table.name for table in missing):
                if self.engine.dialect.name == "sqlite":
                    for verb in ("UPDATE", "DELETE"):
                        connection.exec_driver_sql(SQLITE_GUARD.format(table=table, verb=verb))
                else:
                    connection.exec_driver_sql(POSTGRES_GUARD.format(table=table))

    def close(self) -> None:
        """Release the connections."""
        self.engine.dispose()

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A connection for reading that sees the ledger as of one instant, whatever is appended meanwhile."""
        is_sqlite = self.engine.dialect.name == "sqlite"
        with self.engine.connect() as connection:
            if is_sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    def append(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
        """Insert ``rows``, passing over those that are there already; returns how many were new."""
        if not rows:
            return 0
        with self.engine.begin() as connection:
            return self.insert(connection, table, rows)

    def insert(self, connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
        """Insert ``rows`` in a transaction of the caller's; returns how many were new."""
        # One statement a row: the driver's count of a multi-row insert says nothing about the rows passed over.
        statement = self.insertion(table)
        return sum(connection.execute(statement, row).rowcount for row in rows)

    def insertion(self, table: sa.Table) -> sa.Insert:
        """The statement that inserts a row unless it is there already."""
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        return insert(table).on_conflict_do_nothing()

    def rows(self, query: sa.Select[Any]) -> list[dict[str, Any]]:
        """The rows of ``query``, one record each."""
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]
