"""Questions to the published warehouse: read-only, without access to anything outside it, within limits."""

from __future__ import annotations

import difflib
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb

from ingest.home import Home

Result = TypeVar("Result")

#: Seconds between two looks at a question that is being answered.
_BEAT = 0.2
_PIECE = 2_000
_MISSING_TABLE = re.compile(r"Table with name (.+?) does not exist")


class NothingPublishedError(Exception):
    """No warehouse has been published in this home yet."""


class QueryFailedError(Exception):
    """The SQL cannot be answered; the message is DuckDB's, or says which limit was reached."""


@dataclass(frozen=True)
class Answer:
    """Columns and rows of one query."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def records(self) -> list[dict[str, Any]]:
        """The rows as one dict each."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Limits:
    """What one question of an analyst may take: ``memory`` and ``spill`` (on disk) as DuckDB writes sizes."""

    memory: str = "1GB"
    seconds: float = 600
    spill: str = "4GB"


#: As DuckDB takes settings.
Settings = dict[str, str | bool | int | float | list[str]]

#: A reader can neither reach a file outside (nor a variable of ours, by its name) nor lift that.
SEALED: Settings = {"enable_external_access": False, "lock_configuration": True}


def require_published(home: Home) -> None:
    """Raise NothingPublishedError when there is nothing to read."""
    if not home.published.exists():
        raise NothingPublishedError(
            f"nothing is published in {home.root} yet: run `jiedao nightly` (or `make run`) first"
        )


@contextmanager
def open_published(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse, opened for one reading: a connection that is kept would go on showing an old build.

    Raises NothingPublishedError.
    """
    require_published(home)
    with duckdb.connect(str(home.published), read_only=True, config=dict(SEALED)) as connection:
        yield connection


@contextmanager
def open_limited(home: Home, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """As ``open_published``, for SQL of others; what does not fit into memory goes to a folder that is gone afterwards.

    Raises NothingPublishedError, and QueryFailedError when DuckDB does not understand a limit.
    """
    require_published(home)
    with tempfile.TemporaryDirectory(prefix="jiedao-query-") as spill:
        config: Settings = {
            **SEALED,
            "lock_configuration": False,
            "memory_limit": limits.memory,
            "temp_directory": spill,
            "max_temp_directory_size": limits.spill,
        }
        try:
            connection = duckdb.connect(str(home.published), read_only=True, config=config)
        except duckdb.ParserException as error:
            raise QueryFailedError(f"{limits.memory!r} is no size such as 1GB") from error
        with connection:
            # what is done so far is counted for whoever asks, and printed by nobody; these two hold for a connection
            connection.execute("set enable_progress_bar = true; set enable_progress_bar_print = false")
            connection.execute("set lock_configuration = true")
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


class Question:
    """SQL of others on a connection of ``open_limited``, watched while it runs and read in pieces."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        sql: str | duckdb.Statement,
        *,
        seconds: float,
        on_progress: Callable[[float], None] = lambda _: None,
    ) -> None:
        """Run ``sql``; ``on_progress`` gets the share that is done (0 to 100) while it takes its time.

        Raises QueryFailedError when it cannot be answered, and when it takes longer than ``seconds``.
        """
        self._connection = connection
        self._on_progress = on_progress
        self._seconds = seconds
        self._ends_at = time.monotonic() + seconds
        self._watched(lambda: connection.execute(sql))
        self.columns = tuple(column[0] for column in connection.description or ())

    def pieces(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some thousand at a time; raises QueryFailedError."""
        while piece := self._watched(lambda: self._connection.fetchmany(_PIECE) if self.columns else []):
            yield piece

    def _watched(self, step: Callable[[], Result]) -> Result:
        with ThreadPoolExecutor(max_workers=1) as worker:
            running = worker.submit(step)
            try:
                while not wait([running], timeout=_BEAT).done:
                    if time.monotonic() > self._ends_at:
                        self._connection.interrupt()
                    else:
                        self._on_progress(max(self._connection.query_progress(), 0.0))
            except KeyboardInterrupt:
                while not wait([running], timeout=_BEAT).done:
                    self._connection.interrupt()
                raise
        try:
            return running.result()
        except duckdb.InterruptException as error:
            raise QueryFailedError(
                f"stopped after {self._seconds:g} seconds: ask for less, or give it more time with --timeout"
            ) from error
        except duckdb.Error as error:
            raise QueryFailedError(explain_error(self._connection, error)) from error


def explain_error(connection: duckdb.DuckDBPyConnection, error: duckdb.Error) -> str:
    """DuckDB's message; of a table that is not there, the names that come near it instead."""
    missing = _MISSING_TABLE.search(str(error))
    if missing is None:
        return str(error)
    wanted = missing[1].split(".")[-1].strip('"').lower()
    rows = connection.execute("select table_name, schema_name || '.' || table_name from duckdb_tables()").fetchall()
    rows += connection.execute(
        "select view_name, schema_name || '.' || view_name from duckdb_views() where not internal"
    ).fetchall()
    near = difflib.get_close_matches(wanted, [bare for bare, _ in rows], n=3, cutoff=0.6)
    stem = wanted.removeprefix("mart_").rstrip("s")
    found = [name for bare, name in sorted(rows, key=lambda row: row[1]) if bare in near or (stem and stem in bare)]
    found.sort(key=lambda name: not name.startswith("marts."))
    hint = f"; did you mean {', '.join(found[:5])}?" if found else ""
    every = 'all tables: jiedao query "show all tables"'
    return f"there is no table {missing[1]}{hint} (stable tables are in the schema `marts`; {every})"
