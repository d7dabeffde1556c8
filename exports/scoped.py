"""The marts of one scope as files in a folder, with a manifest that says what they are."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb

from exports.excel import SHEET_ROWS, write_workbooks
from exports.folder import build_of, sha256_of, versions, whole_folder
from exports.marts import choose_rows
from exports.older import DATABASE, check_version, write_database
from exports.scope import choose_periods, choose_scope
from ingest.home import Home
from warehouse.ask import Settings, require_published
from warehouse.catalogue import Column, marts
from warehouse.tables import write_csv

MANIFEST = "manifest.json"
#: Memory for sorting, as for a build.
MEMORY_VARIABLE, MEMORY = "JIEDAO_MEMORY_LIMIT", "3GB"


class FileFormat(StrEnum):
    """What the marts are written as."""

    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


@contextmanager
def attached(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which the published file is ``warehouse``, read-only: one build, whatever is published meanwhile.

    Raises NothingPublishedError.
    """
    require_published(home)
    with tempfile.TemporaryDirectory(prefix="jiedao-export-") as spill:
        limits: Settings = {"memory_limit": os.environ.get(MEMORY_VARIABLE) or MEMORY, "temp_directory": spill}
        with duckdb.connect(config=limits) as connection:
            literal = str(home.published).replace("'", "''")
            connection.execute(f"attach '{literal}' as warehouse (read_only)")
            yield connection


def export_scope(
    home: Home,
    scope_code: str,
    target: Path,
    *,
    file_format: FileFormat,
    periods: Sequence[str] = (),
    storage_version: str | None = None,
    replace_target: bool = False,
    tell: Callable[[str], None] = lambda _: None,
    sheet_rows: int = SHEET_ROWS,
) -> dict[str, Any]:
    """Write what ``scope_code`` may see of every mart into the folder ``target``; returns the manifest.

    ``storage_version`` (such as ``v1.0.0``) adds a DuckDB file that clients from that version on can read. Raises
    NothingPublishedError, and ExportRefusedError when it cannot be done as asked; then nothing is left behind.
    """
    if storage_version is not None:
        check_version(storage_version)
    with attached(home) as connection, whole_folder(target, replace=replace_target) as draft:
        scope = choose_scope(connection, scope_code)
        choose_periods(connection, tuple(periods))
        counts = choose_rows(connection, scope_code, by_period=bool(periods))
        described = {mart: _columns_of(connection, mart) for mart in counts}
        manifest: dict[str, Any] = {
            "scope": asdict(scope),
            "periods": list(periods),
            "format": file_format.value,
            "storage_version": storage_version,
            "build": build_of(connection),
            "made_with": versions(),
        }
        files = []
        for number, (mart, count) in enumerate(counts.items(), start=1):
            tell(f"{number} of {len(counts)}: {mart}, {count:,} rows")
            for path, rows in _write(connection, mart, described[mart], draft, file_format, tell, sheet_rows):
                files.append(_file_entry(path, mart, rows, described[mart]))
        if storage_version is not None:
            tell(f"{DATABASE} for DuckDB {storage_version} and later")
            path = write_database(connection, described, draft, storage_version)
            files.append({"file": path.name, "marts": list(counts), **_identity(path)})
        manifest["files"] = files
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (draft / MANIFEST).write_text(text, encoding="utf-8")
    return manifest


def _columns_of(connection: duckdb.DuckDBPyConnection, mart: str) -> tuple[Column, ...]:
    """Columns as the file has them, with label and meaning; one that is not described here has neither."""
    known = {column.name: column for column in marts()[mart].columns} if mart in marts() else {}
    rows = connection.execute(f"describe {mart}").fetchall()
    return tuple(replace(known.get(name, Column(name, "", "", "")), data_type=kind.lower()) for name, kind, *_ in rows)


def _write(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    columns: Sequence[Column],
    folder: Path,
    file_format: FileFormat,
    tell: Callable[[str], None],
    sheet_rows: int,
) -> list[tuple[Path, int]]:
    if file_format is FileFormat.XLSX:
        made_at = datetime.fromisoformat(build_of(connection)["published_at"])
        return write_workbooks(connection, mart, columns, folder, made_at=made_at, tell=tell, sheet_rows=sheet_rows)
    path = folder / f"{mart}.{file_format.value}"
    if file_format is FileFormat.CSV:
        write_csv(connection, mart, path)
    else:
        literal = str(path).replace("'", "''")
        rows = f"select * from {mart} order by all"  # noqa: S608 — our own names
        connection.execute(f"copy ({rows}) to '{literal}' (format parquet, compression zstd)")
    row = connection.execute(f"select count(*) from {mart}").fetchone()  # noqa: S608
    return [(path, int(row[0]) if row else 0)]


def _file_entry(path: Path, mart: str, rows: int, columns: Sequence[Column]) -> dict[str, Any]:
    described = marts().get(mart)
    return {
        "file": path.name,
        "mart": mart,
        "title_zh": described.title_zh if described else "",
        "description": described.description if described else "",
        "rows": rows,
        **_identity(path),
        "columns": [asdict(column) for column in columns],
    }


def _identity(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
