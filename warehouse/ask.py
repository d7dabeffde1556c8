"""Questions to the published warehouse: read-only, without access to anything outside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from ingest.home import Home


class NothingPublishedError(Exception):
    """No warehouse has been published in this home yet."""


class QueryFailedError(Exception):
    """The SQL cannot be answered; the message is DuckDB's."""


@dataclass(frozen=True)
class Answer:
    """Columns and rows of one query."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def records(self) -> list[dict[str, Any]]:
        """The rows as one dict each."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


#: A reader can neither reach a file outside nor lift that.
SEALED: dict[str, str | bool | int | float | list[str]] = {"enable_external_access": False, "lock_configuration": True}


@contextmanager
def open_published(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse, opened for one reading: a connection that is kept would go on showing an old build.

    Raises NothingPublishedError.
    """
    if not home.published.exists():
        raise NothingPublishedError(
            f"nothing is published in {home.root} yet: run `jiedao nightly` (or `make run`) first"
        )
    with duckdb.connect(str(home.published), read_only=True, config=dict(SEALED)) as connection:
        yield connection


def ask(home: Home, sql: str, parameters: Sequence[Any] = ()) -> Answer:
    """Run ``sql`` on the published warehouse; raises NothingPublishedError or QueryFailedError."""
    with open_published(home) as connection:
        return ask_on(connection, sql, parameters)


def ask_on(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> Answer:
    """Run ``sql`` on an open connection; raises QueryFailedError."""
    try:
        cursor = connection.execute(sql, list(parameters))
        columns = tuple(column[0] for column in cursor.description or ())
        return Answer(columns, cursor.fetchall())
    except duckdb.Error as error:
        raise QueryFailedError(str(error)) from error
