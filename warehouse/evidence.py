"""What a figure rests on: cells of submitted files, else the rows of ledger and programme that stand for them.

Which rows an indicator counts is data: the seed ``indicators`` names its evidence model, the flag that marks a counted
row, and the field whose cell to show. Where that field stood in the file is in the lake's ``field_map``, what was read
there in the lake (``warehouse.cells``). ``evidence.csv`` names the tables of the models whose rows are no cells.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from ingest.home import Home
from warehouse.ask import ask_on
from warehouse.cells import Cells

Row = dict[str, Any]
#: Unit and period.
Pair = tuple[str, str]

TABLES_FILE = Path(__file__).with_name("evidence.csv")
SUBMISSION_SQL = """
select
    submission_id, batch_id, period, file_sha256, submitted_at, received_at,
    case when state = 'accepted' then decided_at end as accepted_at
from core.fct_submission
where submission_id in (select unnest($1::varchar[]))
"""
#: The roster says of every unit and period what came of its report.
ROSTER_SQL = """
select
    status.unit_code, status.unit_name, status.period, status.state, status.state_zh, status.submission_id,
    status.file_sha256, status.submitted_at, status.accepted_at
from (select distinct unnest($1::varchar[]) as unit_code, unnest($2::varchar[]) as period) as asked
inner join marts.mart_submission_status as status using (unit_code, period)
"""
COLUMNS_SQL = """
select column_name from duckdb_columns() where schema_name = $1 and table_name = $2
"""


@dataclass(frozen=True)
class Counted:
    """Rows that were counted: of a relation, those of a key and period under a flag; and the field whose cell to show.

    ``key`` stands in the column ``by``; without a ``flag`` every row counts. ``unit_code`` is whose figure it is.
    """

    schema: str
    model: str
    flag: str | None
    field: str | None
    by: str
    key: str
    period: str
    unit_code: str


@cache
def _tables() -> dict[str, Row]:
    """Table, Chinese name and columns by evidence model, of the models whose rows are no cells."""
    with TABLES_FILE.open(encoding="utf-8", newline="") as handle:
        return {row["evidence_model"]: {**row, "columns": row["columns"].split()} for row in csv.DictReader(handle)}


def counted_by(connection: duckdb.DuckDBPyConnection, results: list[Row]) -> list[Counted]:
    """What each result counts: rows of the subject where it is a part of the unit, else of the unit.

    ``results`` have unit, subject, period and the evidence columns of the registry.
    """
    has_subject = {
        model: "subject_key" in _columns(connection, "indicators", model)
        for model in {result["evidence_model"] for result in results}
    }
    found = []
    for result in results:
        model, flag, field = (result[f"evidence_{name}"] for name in ("model", "flag", "field"))
        is_part = has_subject[model] and result["subject_key"] != result["unit_code"]
        by = "subject_key" if is_part else "unit_code"
        found.append(Counted("indicators", model, flag, field, by, result[by], result["period"], result["unit_code"]))
    return found


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, model: str) -> set[str]:
    return {row[0] for row in ask_on(connection, COLUMNS_SQL, [schema, model]).rows}


def evidence_of(home: Home, connection: duckdb.DuckDBPyConnection, counted: list[list[Counted]]) -> list[Row]:
    """For each list the ``evidence`` (cells, with hash and receipt of their file) and the ``records``.

    Records are named rows of ledger and programme. A figure without either rests on the roster: what came of
    the reports in which it was looked for.
    """
    flat = sorted({one for ones in counted for one in ones}, key=repr)
    rows = dict(zip(flat, _rows(connection, flat), strict=True))
    ids = sorted({row["submission_id"] for found in rows.values() for row in found if row["submission_id"]})
    submissions = {row["submission_id"]: row for row in ask_on(connection, SUBMISSION_SQL, [ids]).records()}
    cells = Cells(home, submissions, {(row["submission_id"], row["sheet"]) for found in rows.values() for row in found})
    roster = roster_of(connection, ((one.unit_code, one.period) for one in flat))
    return [_basis(ones, rows, cells, roster) for ones in counted]


def _rows(connection: duckdb.DuckDBPyConnection, counted: list[Counted]) -> list[list[Row]]:
    """The counted rows of each, asked for together where only key and period differ."""
    found: list[list[Row]] = [[] for _ in counted]
    alike: dict[tuple[str, str, str | None, str], list[int]] = defaultdict(list)
    for number, one in enumerate(counted):
        alike[one.schema, one.model, one.flag, one.by].append(number)
    for (schema, model, flag, by), numbers in alike.items():
        more = _tables().get(model, {"columns": []})["columns"]
        names = ", ".join(f'rows."{name}"' for name in ("submission_id", "sheet", "row", *more))
        # Relation and flag come from the rule book, which tests hold against the models.
        sql = (
            f"select asked.number, {names} from (select unnest($1::integer[]) as number,"  # noqa: S608
            f" unnest($2::varchar[]) as key, unnest($3::varchar[]) as period) as asked"
            f' inner join {schema}."{model}" as rows on rows.{by} = asked.key and rows.period = asked.period'
            + (f' where rows."{flag}"' if flag else "")
            + " order by asked.number, rows.submission_id, rows.sheet, rows.row"
        )
        keys, periods = ([getattr(counted[number], name) for number in numbers] for name in ("key", "period"))
        for row in ask_on(connection, sql, [numbers, keys, periods]).records():
            found[row.pop("number")].append(row)
    return found


def _basis(ones: list[Counted], rows: dict[Counted, list[Row]], cells: Cells, roster: dict[Pair, Row]) -> Row:
    """Cells and records of one figure; the roster stands for what has neither."""
    evidence, records = [], []
    for one in ones:
        table = _tables().get(one.model)
        for row in rows[one]:
            if row["sheet"] is not None:
                evidence.append(cells.cell_of(row, one.field))
            elif table is not None:
                more = {name: row[name] for name in table["columns"]}
                records.append(named(table["table"], table["table_zh"], {**more, **cells.receipt_of(row)}))
        if table is not None and not rows[one]:
            records.append(named(table["table"], table["table_zh"], {"unit_code": one.unit_code, "row_count": 0}))
    if not evidence and not records:
        looked_in = sorted({(one.unit_code, one.period) for one in ones})
        records = [roster[pair] for pair in looked_in if pair in roster]
    return {"evidence": evidence, "records": records}


def roster_of(connection: duckdb.DuckDBPyConnection, pairs: Iterable[Pair]) -> dict[Pair, Row]:
    """Named rows of the roster for pairs of unit and period: what came of the report."""
    asked = sorted(set(pairs))
    found = ask_on(connection, ROSTER_SQL, [[unit for unit, _ in asked], [period for _, period in asked]])
    return {(row["unit_code"], row["period"]): named("roster", "报送名册", row) for row in found.records()}


def named(table: str, table_zh: str, row: Row) -> Row:
    """A row of ledger or programme under the name of its table."""
    return {"table": table, "table_zh": table_zh, **row}
