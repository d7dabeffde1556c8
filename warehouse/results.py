"""Results of a stage as Parquet whose bytes depend on the rows alone: not on path, time of run or number of threads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

#: Every mart that says of its rows which stage they belong to is part of a stage's results.
STAGE_TABLES_SQL = """
select table_name from duckdb_columns()
where schema_name = 'marts' and column_name = 'stage_code' order by table_name
"""


def write_parquet(connection: duckdb.DuckDBPyConnection, select: str, path: Path) -> Path:
    """Write the rows of ``select`` to ``path``, ordered by all columns; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # One thread cuts the row groups at the same rows everywhere; the path is escaped as a literal.
    literal = str(path).replace("'", "''")
    connection.execute("set threads = 1")
    connection.execute(f"copy ({select} order by all) to '{literal}' (format parquet, compression zstd)")
    return path


def write_results(database: Path, stage_code: str, folder: Path) -> list[Path]:
    """Write every table of the stage's results to ``folder``; returns the files, sorted by name."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = [row[0] for row in connection.execute(STAGE_TABLES_SQL).fetchall()]
        stage = stage_code.replace("'", "''")
        return [
            write_parquet(
                connection,
                f"select * from marts.{table} where stage_code = '{stage}'",  # noqa: S608 - names of our own
                folder / f"{table}.parquet",
            )
            for table in tables
        ]


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def hashes_of(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file, by its path inside ``folder``."""
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in sorted(files)}


def content_hash(hashes: dict[str, str]) -> str:
    """One hash over names and hashes of files."""
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()


def as_json(record: dict[str, Any]) -> str:
    """``record`` as JSON, the same text for the same content."""
    return json.dumps(record, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write_json(path: Path, record: dict[str, Any]) -> None:
    """Write ``record`` as JSON, the same bytes for the same content."""
    path.write_text(as_json(record), encoding="utf-8")


def sealed(record: dict[str, Any]) -> dict[str, Any]:
    """``record`` with ``manifest_hash``, the SHA-256 of all its other content."""
    content = {name: value for name, value in record.items() if name != "manifest_hash"}
    return {**content, "manifest_hash": hashlib.sha256(as_json(content).encode()).hexdigest()}
