"""Render the published warehouse into one JSON document per unit.

All documents lie in one SQLite file beside the warehouse, which is replaced as a whole: whoever reads sees those of
one build. ``sections/*.sql`` say what a document holds: one query each, whose first column is the unit's code and whose
rows become a list under the name of the file.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingest.home import Home
from warehouse.ask import Limits, open_limited
from warehouse.project import hash_files

HERE = Path(__file__).parent
UNITS = HERE / "units.sql"
_ROWS_AT_ONCE = 2_000
#: How far back zlib looks.
_WINDOW = 32_768
_TABLES = """
create table document (unit_code text primary key, body blob not null);
create table dictionary (body blob not null);
create table build (build_id text not null, known_at text not null, published_at text not null, made_by text not null);
"""
#: Build, known at, published at (ISO, UTC), and what the documents are made by.
Stamp = tuple[str, str, str, str]
#: Rows of a section by unit, each list in the order of the section.
_BY_UNIT = """
select unit_code, '[' || string_agg(row_json, ',' order by row_number) || ']'
from (select unit_code, to_json({{{fields}}})::varchar as row_json, row_number() over () as row_number from ({sql}))
where unit_code in (select unit_code from document_unit)
group by unit_code
"""


@dataclass(frozen=True)
class Rendered:
    """What was rendered: of which build, how many documents, bytes of the file, seconds; ``is_new``: made just now."""

    build_id: str
    document_count: int
    size: int
    seconds: float
    is_new: bool


@cache
def variables() -> dict[str, Any]:
    """``documents.yml``."""
    loaded: dict[str, Any] = yaml.safe_load((HERE / "documents.yml").read_text(encoding="utf-8"))
    return loaded


def documents_path(home: Home) -> Path:
    """Where the documents of the published warehouse lie."""
    return home.published.parent / "documents.sqlite"


def sections() -> dict[str, str]:
    """The queries by the name of their section."""
    return {
        path.stem: path.read_text(encoding="utf-8").rstrip().rstrip(";") for path in sorted(HERE.glob("sections/*.sql"))
    }


def made_by() -> str:
    """Identity of what documents are made by: another one makes them anew."""
    return hash_files([UNITS, HERE / "documents.yml", *HERE.glob("sections/*.sql")])[:16]


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[str, str]]:
    """Unit and JSON list of its rows."""
    columns = [row[0] for row in connection.execute(f"describe {sql}").fetchall() if row[0] != "unit_code"]
    fields = ", ".join(f"'{name}': \"{name}\"" for name in columns)
    connection.execute(_BY_UNIT.format(fields=fields, sql=sql))
    while part := connection.fetchmany(_ROWS_AT_ONCE):
        yield from part


def _parts(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The members of every unit's document, as JSON text."""
    for name, value in variables().items():
        if not isinstance(value, list):
            connection.execute(f"set variable {name} = ?", [value])
    connection.execute(UNITS.read_text(encoding="utf-8"))
    codes = connection.execute("select unit_code from document_unit order by unit_code").fetchall()
    parts: dict[str, list[str]] = {row[0]: [] for row in codes}
    for name, sql in sections().items():
        is_single = name in variables()["single"]
        for unit_code, rows in _rows(connection, sql):
            parts[unit_code].append(f'"{name}":{rows[1:-1] if is_single else rows}')
    return parts


def render(home: Home, *, force: bool = False) -> Rendered:
    """Render the documents of the published warehouse, unless they are there already.

    Raises `warehouse.ask.NothingPublishedError`; whatever goes wrong, the documents that were there stay.
    """
    start, target = time.monotonic(), documents_path(home)
    with _alone(target), open_limited(home, Limits()) as connection:
        [build] = connection.execute("select build_id, known_at, published_at from meta.build").fetchall()
        stamp = (str(build[0]), build[1].isoformat(), build[2].isoformat(), made_by())
        if not force and (count := _count_of(target, stamp)):
            return Rendered(stamp[0], count, target.stat().st_size, time.monotonic() - start, is_new=False)
        parts = _parts(connection)
        draft = target.with_name(f".{target.name}.part")
        draft.unlink(missing_ok=True)
        write(draft, stamp, {code: "{" + ",".join(members) + "}" for code, members in parts.items()})
        _put(draft, target)
    return Rendered(stamp[0], len(parts), target.stat().st_size, time.monotonic() - start, is_new=True)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Wait for whoever renders to the same place."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.with_name(f".{target.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write(path: Path, stamp: Stamp, bodies: Mapping[str, str]) -> None:
    """Write documents (JSON texts by unit) of one build into a new file.

    Documents are alike: the one of middle length is the dictionary of all, which makes them little more than half as
    large.
    """
    by_length = sorted(bodies.values(), key=len)
    dictionary = by_length[len(by_length) // 2].encode()[-_WINDOW:] if by_length else b""
    with closing(sqlite3.connect(path)) as store, store:
        store.executescript(_TABLES)
        store.execute("insert into dictionary values (?)", [dictionary])
        rows = ((code, _compressed(body.encode(), dictionary)) for code, body in bodies.items())
        store.executemany("insert into document values (?, ?)", rows)
        store.execute("insert into build values (?, ?, ?, ?)", stamp)


def _compressed(body: bytes, dictionary: bytes) -> bytes:
    maker = zlib.compressobj(6, zdict=dictionary)
    return maker.compress(body) + maker.flush()


def _count_of(path: Path, stamp: Stamp) -> int:
    """How many documents there are of exactly that build, made like this; 0 when it is another or none."""
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as store:
            if store.execute("select * from build").fetchone() != stamp:
                return 0
            return int(store.execute("select count(*) from document").fetchone()[0])
    except sqlite3.DatabaseError:
        return 0


def _put(draft: Path, target: Path) -> None:
    """Put the finished file into its place, durably."""
    draft.chmod(0o600)
    for path in (draft, target.parent):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        if path == draft:
            draft.replace(target)
