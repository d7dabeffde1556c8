"""Tables for people who open them in a spreadsheet program: what a street wrote must not become a formula there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb

#: Characters at which a spreadsheet program begins to read a formula, full-width ones among them. A plain number may
#: begin with a sign.
_FORMULA = r"^\s*[=+@\t\r＝＋－＠-]"
_FORMULA_START = re.compile(_FORMULA, re.ASCII)
_SAFE_SQL = (
    """
case
    when regexp_matches({name}::varchar, '"""
    + _FORMULA
    + """') and try_cast({name}::varchar as double) is null
        then '''' || {name}::varchar
    else {name}::varchar
end as {name}
"""
)


def looks_like_formula(value: Any) -> bool:
    """Whether a spreadsheet program would read a text as a formula; a plain number with a sign is none."""
    if not isinstance(value, str) or not _FORMULA_START.match(value):
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False


def safe_text(value: Any) -> Any:
    """``value`` for a CSV cell: a text that looks like a formula gets an apostrophe before it."""
    return f"'{value}" if looks_like_formula(value) else value


def write_csv(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> Path:
    """Write all rows of ``table``, ordered, as CSV; a text that looks like a formula gets an apostrophe before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [f'"{row[0]}"' for row in connection.execute(f'describe "{table}"').fetchall()]
    safe = ", ".join(_SAFE_SQL.format(name=name) for name in columns)
    literal = str(path).replace("'", "''")
    connection.execute(f"copy (select {safe} from \"{table}\" order by all) to '{literal}' (format csv, header)")  # noqa: S608
    return path
