"""What a failed dbt run tells the operator: what failed, and of the rule book the rows that are wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb

#: Relations whose wrong rows may be shown: the rule book's own, no unit's report stands in them.
SHOWN_RELATION = re.compile(r"rulebook\.\w+|\w+\.int_\w+__gaps")
RELATION = re.compile(r'"(\w+)"\."(\w+)"')
ROWS_SHOWN = 5


def describe_failure(results: list[dict[str, Any]], output: str, database: Path) -> str:
    """Names and messages of what failed among dbt's ``results``; ``output`` stands in when dbt could not run at all."""
    failed = [result for result in results if result["status"] in ("error", "fail", "runtime error")]
    if not failed:
        return f"dbt could not run: {output.strip()[-2000:]}"
    lines = []
    for result in failed:
        lines.append(f"{result['unique_id']}: {' '.join((result.get('message') or '').split())[:400]}")
        lines += [f"  {row}" for row in wrong_rows(result, database)]
    return "dbt found the warehouse wrong:\n  " + "\n  ".join(lines)


def wrong_rows(result: dict[str, Any], database: Path) -> list[str]:
    """Rows that a failed test of the rule book found, as ``column=value, …``; none of a test that reads reports."""
    query = result.get("compiled_code") or ""
    relations = [".".join(names) for names in RELATION.findall(query)]
    if result["status"] != "fail" or not relations or not all(map(SHOWN_RELATION.fullmatch, relations)):
        return []
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(f"select * from ({query}) limit {ROWS_SHOWN}")  # noqa: S608 - dbt compiled it
        columns = [column[0] for column in found.description or []]
        return [
            ", ".join(f"{name}={value}" for name, value in zip(columns, row, strict=True) if value is not None)
            for row in found.fetchall()
        ]
