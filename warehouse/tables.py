"""Tables for people who open them in a spreadsheet program: what a street wrote must not become a formula there."""

from __future__ import annotations

from pathlib import Path

import duckdb

#: Characters at which a spreadsheet program begins to read a formula, full-width ones among them. A plain number may
#: begin with a sign.
_SAFE_SQL = """
case
    when regexp_matches({name}::varchar, '^\\s*[=+@\\t\\r＝＋－＠-]') and try_cast({name}::varchar as double) is null
        then '''' || {name}::varchar
    else {name}::varchar
end as {name}
"""


def write_csv(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> Path:
    """Write all rows of ``table``, ordered, as CSV; a text that looks like a formula gets an apostrophe before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [f'"{row[0]}"' for row in connection.execute(f'describe "{table}"').fetchall()]
    safe = ", ".join(_SAFE_SQL.format(name=name) for name in columns)
    literal = str(path).replace("'", "''")
    connection.execute(f"copy (select {safe} from \"{table}\" order by all) to '{literal}' (format csv, header)")  # noqa: S608
    return path
