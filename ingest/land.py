"""Typed rows to Parquet: one file per lake table, period and batch.

``lake/<form>_<entity>/period=<period>/batch-<batch_id>.parquet`` holds the typed rows of one sheet kind,
``lake/issue/…`` the findings, ``lake/shadow_issue/…`` those of checks that do not count yet, ``lake/field_map/…``
where each field stood in its file, and ``lake/burden/…`` how many cells each sheet asks for. Beside the periods lies
``schema.parquet``, a file without rows, so that a table that nobody has reported yet can still be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import get_native_id
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.forms import Field, Sheet, load_forms

#: Storage type of each field type. Codes are text, always; money is a decimal in yuan.
ARROW_TYPES: dict[str, pa.DataType] = {
    "count": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "money": pa.decimal128(18, 2),
    "date": pa.date32(),
    "year": pa.int32(),
    "boolean": pa.bool_(),
}

#: Partition of findings on files that do not say for when they report.
NO_PERIOD = "none"

ROW_KEY = (
    pa.field("submission_id", pa.string()),
    pa.field("unit_code", pa.string()),
    pa.field("sheet", pa.string()),
    pa.field("row", pa.int32()),
)

ISSUE_SCHEMA = pa.schema(
    [
        pa.field("submission_id", pa.string()),
        pa.field("unit_code", pa.string()),
        pa.field("form", pa.string()),
        pa.field("sheet", pa.string()),
        pa.field("cell", pa.string()),
        pa.field("header", pa.string()),
        pa.field("raw_value", pa.string()),
        pa.field("issue_code", pa.string()),
        pa.field("severity", pa.string()),
        pa.field("message", pa.string()),
        pa.field("remedy", pa.string()),
        pa.field("finding_key", pa.string()),
    ]
)

#: ``column_letter`` is set on list sheets (the row is the row of the record), ``cell`` on key-value sheets.
FIELD_MAP_SCHEMA = pa.schema(
    [
        pa.field("submission_id", pa.string()),
        pa.field("unit_code", pa.string()),
        pa.field("form", pa.string()),
        pa.field("entity", pa.string()),
        pa.field("sheet", pa.string()),
        pa.field("field", pa.string()),
        pa.field("header", pa.string()),
        pa.field("column_letter", pa.string()),
        pa.field("cell", pa.string()),
    ]
)

#: Per sheet of an accepted report: its rows, the cells that it asks for and those that the next workbook takes over.
BURDEN_SCHEMA = pa.schema(
    [
        pa.field("submission_id", pa.string()),
        pa.field("unit_code", pa.string()),
        pa.field("form", pa.string()),
        pa.field("sheet", pa.string()),
        pa.field("layout", pa.string()),
        pa.field("row_count", pa.int32()),
        pa.field("asked_count", pa.int32()),
        pa.field("prefilled_count", pa.int32()),
    ]
)


def landed_fields(sheet: Sheet) -> tuple[Field, ...]:
    """The fields of ``sheet`` that may leave the raw store, in order; row key and folder say the rest."""
    given = {*(column.name for column in ROW_KEY), "period"}
    return tuple(field for field in sheet.fields if not field.is_private and field.name not in given)


def sheet_schema(sheet: Sheet) -> pa.Schema:
    """Arrow schema of the lake table of ``sheet``; a sheet that names people gets ``person_key`` in their place."""
    person = (pa.field("person_key", pa.string()),) if sheet.private_fields else ()
    columns = (pa.field(field.name, ARROW_TYPES.get(field.type, pa.string())) for field in landed_fields(sheet))
    return pa.schema([*ROW_KEY, *person, *columns])


def lake_schemas() -> dict[str, pa.Schema]:
    """Schema of every lake table by name."""
    schemas = {form.table(sheet): sheet_schema(sheet) for form in load_forms().values() for sheet in form.sheets}
    findings = {"issue": ISSUE_SCHEMA, "shadow_issue": ISSUE_SCHEMA}
    return {**schemas, **findings, "field_map": FIELD_MAP_SCHEMA, "burden": BURDEN_SCHEMA}


def _write_table(table: pa.Table, path: Path) -> None:
    """Write ``table`` so that a reader sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{get_native_id()}.part")
    pq.write_table(table, part, compression="zstd")
    part.replace(path)


def prepare_lake(lake_dir: Path) -> None:
    """Give every lake table its file without rows, so that an empty lake can be read."""
    for name, schema in lake_schemas().items():
        path = lake_dir / name / "schema.parquet"
        if not path.exists() or pq.read_schema(path) != schema:
            _write_table(schema.empty_table(), path)


def land_rows(lake_dir: Path, table: str, period: str, batch_id: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write ``rows`` of one table, period and batch, sorted by unit; returns the number of rows.

    Writing the same batch again replaces its file. Raises pyarrow.ArrowInvalid when a row does not fit the schema.
    """
    schema = lake_schemas()[table]
    ordered = sorted(rows, key=lambda row: (row["unit_code"] or "", row["submission_id"], row.get("row") or 0))
    frame = pa.Table.from_pylist([dict(row) for row in ordered], schema=schema)
    _write_table(frame, lake_dir / table / f"period={period}" / f"batch-{batch_id}.parquet")
    return int(frame.num_rows)
