"""A DuckDB file of the marts for clients of an earlier version: the published file is in the newest format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from exports.folder import ExportRefusedError
from warehouse.catalogue import Column

#: Its name; called like the schema in it, `marts` would be ambiguous.
DATABASE = "jiedao.duckdb"
#: Files of versions before this one have another format, which DuckDB no longer writes.
_OLDEST = (0, 10, 0)


def check_version(storage_version: str) -> None:
    """Raise ExportRefusedError unless it is written like a version from the oldest one on."""
    parts = storage_version.removeprefix("v").split(".")
    numbers = tuple(int(part) for part in parts if part.isascii() and part.isdigit())
    if storage_version != "latest" and not (len(numbers) == len(parts) == len(_OLDEST) and numbers >= _OLDEST):
        raise _refusal(storage_version)


def _refusal(storage_version: str) -> ExportRefusedError:
    return ExportRefusedError(f"{storage_version!r} is no version of DuckDB from v0.10.0 on, such as v1.0.0")


def write_database(
    connection: duckdb.DuckDBPyConnection,
    marts: Mapping[str, Sequence[Column]],
    folder: Path,
    storage_version: str,
) -> Path:
    """Write the views of the connection as tables that DuckDB reads from ``storage_version`` on; gives the file.

    Labels and meanings are comments of the columns. Raises ExportRefusedError for a version that DuckDB does not know.
    """
    path = folder / DATABASE
    literal, wanted = (text.replace("'", "''") for text in (str(path), storage_version))
    try:
        connection.execute(f"attach '{literal}' as older (storage_version '{wanted}')")
    except duckdb.InvalidInputException as error:
        raise _refusal(storage_version) from error
    connection.execute("create schema older.marts")
    for mart, columns in marts.items():
        connection.execute(f"create table older.marts.{mart} as select * from {mart} order by all")  # noqa: S608
        for column in columns:
            comment = " — ".join(filter(None, (column.label_zh, column.description))).replace("'", "''")
            connection.execute(f"comment on column older.marts.{mart}.{column.name} is '{comment}'")
    connection.execute("detach older")
    return path
