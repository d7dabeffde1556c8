"""Where a landed row stood in the submitted file, and what was read there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from ingest.home import Home

Row = dict[str, Any]
#: Submission and sheet.
Sheet = tuple[str, str]

FIELD_MAP_SQL = """
select submission_id, sheet, field, form || '_' || entity as lake_table, coalesce(cell, column_letter) as place
from read_parquet($1) where list_contains($2::varchar[], submission_id)
order by sheet, length(column_letter), column_letter, cell
"""


class Cells:
    """Cells of the sheets of some submissions, read from ``field_map`` and lake when they are first asked for.

    ``submissions`` are rows of ``core.fct_submission`` by id, ``sheets`` the sheets that are asked about.
    """

    def __init__(
        self, home: Home, submissions: dict[str, Row], sheets: Iterable[tuple[str | None, str | None]]
    ) -> None:
        """Keep what is asked about; nothing is read yet."""
        self._home = home
        self._submissions = submissions
        self._sheets = {(one, sheet) for one, sheet in sheets if one is not None and sheet is not None}
        self._values: dict[tuple[str, str, str, str], dict[tuple[str, int], Any]] = {}

    @cached_property
    def _places(self) -> dict[Sheet, dict[str, tuple[str, str]]]:
        """Column letter or cell, and table of the lake, of every field by submission and sheet."""
        places: dict[Sheet, dict[str, tuple[str, str]]] = defaultdict(dict)
        batches: dict[tuple[str, str], list[str]] = defaultdict(list)
        for submission_id in {one for one, _ in self._sheets if one in self._submissions}:
            submission = self._submissions[submission_id]
            batches[submission["period"], submission["batch_id"]].append(submission_id)
        for (period, batch_id), ids in batches.items():
            path = self._file("field_map", period, batch_id)
            if path.exists():
                for submission_id, sheet, field, table, place in duckdb.execute(
                    FIELD_MAP_SQL, [str(path), ids]
                ).fetchall():
                    places[submission_id, sheet][field] = (place, table)
        return places

    def _file(self, table: str, period: str, batch_id: str) -> Path:
        return self._home.lake / table / f"period={period}" / f"batch-{batch_id}.parquet"

    def cell_of(self, row: Row, field: str | None) -> Row:
        """Where a row stands: sheet, cell and what it holds, file hash and receipt.

        What rests on several sheets has its field on one of them; elsewhere the first cell of the row stands for it.
        What the lake does not keep, such as a name, has no value.
        """
        on_sheet = self._places.get((row["submission_id"], row["sheet"]), {})
        shown = field if field in on_sheet else next(iter(on_sheet), None)
        place, table = on_sheet[shown] if shown is not None else (None, None)
        is_whole_cell = place is not None and any(character.isdigit() for character in place)
        value = self._value(row, table, shown) if table is not None and shown is not None else None
        return {
            "sheet": row["sheet"],
            "row": row["row"],
            "cell": place if place is None or is_whole_cell else f"{place}{row['row']}",
            "field": shown,
            "value": value,
            **self.receipt_of(row),
        }

    def receipt_of(self, row: Row) -> Row:
        """Submission, hash and instants of the file that a row came from; empty for what no file told."""
        submission = self._submissions.get(row["submission_id"], {})
        names = ("period", "file_sha256", "submitted_at", "accepted_at")
        return {"submission_id": row["submission_id"], **{name: submission.get(name) for name in names}}

    def _value(self, row: Row, table: str, field: str) -> Any:
        """What was read in a field of a row."""
        submission = self._submissions[row["submission_id"]]
        key = (table, submission["period"], submission["batch_id"], field)
        if key not in self._values:
            self._values[key] = self._column(*key)
        return self._values[key].get((row["submission_id"], row["row"]))

    def _column(self, table: str, period: str, batch_id: str, field: str) -> dict[tuple[str, int], Any]:
        path = str(self._file(table, period, batch_id))
        columns = "select name from parquet_schema($1)"
        if (field,) not in duckdb.execute(columns, [path]).fetchall():
            return {}
        # The field is one of the columns that the file names.
        sql = f'select submission_id, "row", "{field}" from read_parquet($1)'  # noqa: S608
        return {(one, number): value for one, number, value in duckdb.execute(sql, [path]).fetchall()}
