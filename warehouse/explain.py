"""From an outcome back to the cells it rests on: rule, clause and quote, value and threshold, rows, file hash.

Which rows an indicator counts is data: the seed ``indicators`` names its evidence model, the flag that marks a counted
row, and the field whose cell to show. Where that field stood in the file is in the lake's ``field_map``.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb

from ingest.home import Home
from warehouse.ask import ask_on, open_published

RESULTS_SQL = """
select
    results.*, indicators.evidence_model, indicators.evidence_flag, indicators.evidence_field
from marts.mart_rule_result as results
inner join rulebook.indicators as indicators using (indicator_code)
where results.unit_code = $1 and results.period = $2 and ($3 is null or results.rule_id = $3)
order by results.rule_id, results.subject_key
"""
STATUS_SQL = """
select unit_code, unit_name, unit_level, period, state, state_zh, submission_id, submitted_at, accepted_at, issue_count
from marts.mart_submission_status
where unit_code = $1 and period = $2
"""
SUBMISSION_SQL = """
select
    submission_id, batch_id, period, file_sha256, submitted_at, received_at,
    case when state = 'accepted' then decided_at end as accepted_at
from core.fct_submission
where submission_id in (select unnest($1::varchar[]))
"""
COLUMNS_SQL = """
select column_name from duckdb_columns() where schema_name = 'indicators' and table_name = $1
"""
#: Columns of a result that are shown; the rest of the mart repeats the unit.
SHOWN = (
    "rule_id", "clause_id", "quote_zh", "grain", "subject_key", "subject_name", "value", "lower_bound", "upper_bound",
    "outcome", "outcome_zh", "owed_by", "owed_by_zh", "message_zh", "remedy_zh", "rulebook_version",
)  # fmt: skip


def explain_unit(home: Home, unit_code: str, period: str, rule_id: str | None = None) -> dict[str, Any]:
    """Every result of a unit in a period (or of one rule), with the cells that each rests on.

    Raises LookupError when the unit is not on the roster of the period or the rule gave no result there, and
    ``warehouse.ask.NothingPublishedError``.
    """
    with open_published(home) as connection:
        status = ask_on(connection, STATUS_SQL, [unit_code, period]).records()
        if not status:
            raise LookupError(f"{unit_code} is not on the roster of {period}")
        results = ask_on(connection, RESULTS_SQL, [unit_code, period, rule_id]).records()
        if not results:
            raise LookupError(f"no rule {rule_id or ''} gave a result for {unit_code} in {period}")
        evidence = evidence_of(home, connection, results)
    return {
        **status[0],
        "rules": [
            {**{name: result[name] for name in SHOWN if name in result}, "evidence": rows}
            for result, rows in zip(results, evidence, strict=True)
        ],
    }


def evidence_of(
    home: Home, connection: duckdb.DuckDBPyConnection, results: list[dict[str, Any]]
) -> list[list[dict[str, Any]]]:
    """For each result the cells that it rests on, with hash and receipt of the file that they stand in.

    ``results`` are rows of ``mart_rule_result`` with the evidence columns of the registry.
    """
    evidence = [_evidence_rows(connection, result) for result in results]
    ids = sorted({row["submission_id"] for rows in evidence for row in rows if row["submission_id"]})
    submissions = {row["submission_id"]: row for row in ask_on(connection, SUBMISSION_SQL, [ids]).records()}
    places = _field_places(home, submissions)
    return [
        [_cell_of(row, result["evidence_field"], submissions, places) for row in rows]
        for result, rows in zip(results, evidence, strict=True)
    ]


def _evidence_rows(connection: duckdb.DuckDBPyConnection, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows that the indicator counts: of the subject where it is a part of the unit, else of the unit."""
    model, flag = result["evidence_model"], result["evidence_flag"]
    columns = {row[0] for row in ask_on(connection, COLUMNS_SQL, [model]).rows}
    is_part = "subject_key" in columns and result["subject_key"] != result["unit_code"]
    by, key = ("subject_key", result["subject_key"]) if is_part else ("unit_code", result["unit_code"])
    # Model and flag come from the rule book's own registry, which a test holds against the models.
    sql = (
        f'select submission_id, sheet, "row" from indicators.{model} '  # noqa: S608
        f'where {by} = $1 and period = $2 and {flag} order by submission_id, sheet, "row"'
    )
    return ask_on(connection, sql, [key, result["period"]]).records()


def _field_places(home: Home, submissions: dict[str, dict[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
    """Column letter or cell of every field, by submission and sheet, from the files of their batches."""
    places: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for submission in submissions.values():
        path = home.lake / "field_map" / f"period={submission['period']}" / f"batch-{submission['batch_id']}.parquet"
        if not path.exists():
            continue
        found = duckdb.execute(
            "select sheet, field, coalesce(cell, column_letter) from read_parquet($1) where submission_id = $2"
            " order by sheet, length(column_letter), column_letter, cell",
            [str(path), submission["submission_id"]],
        ).fetchall()
        for sheet, field, place in found:
            places[submission["submission_id"], sheet][field] = place
    return places


def _cell_of(
    row: dict[str, Any],
    field: str,
    submissions: dict[str, dict[str, Any]],
    places: dict[tuple[str, str], dict[str, str]],
) -> dict[str, Any]:
    """Where one counted row stands: sheet, cell, file hash and receipt; a result of the ledger has no cell."""
    submission = submissions.get(row["submission_id"], {})
    on_sheet = places.get((row["submission_id"], row["sheet"]), {})
    # What rests on several sheets has its field on one of them; elsewhere the first cell of the row stands for it.
    place = on_sheet.get(field, next(iter(on_sheet.values()), None))
    is_whole_cell = place is not None and any(character.isdigit() for character in place)
    cell = place if place is None or is_whole_cell else f"{place}{row['row']}"
    return {
        "sheet": row["sheet"],
        "row": row["row"],
        "cell": cell,
        "submission_id": row["submission_id"],
        "period": submission.get("period"),
        "file_sha256": submission.get("file_sha256"),
        "submitted_at": submission.get("submitted_at"),
        "accepted_at": submission.get("accepted_at"),
    }
