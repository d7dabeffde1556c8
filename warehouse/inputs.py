"""The frozen inputs of a build as Parquet: what the ledger knew, who takes part, what is made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SUBMISSION_SCHEMA = pa.schema(
    [
        ("submission_id", pa.string()),
        ("batch_id", pa.string()),
        ("channel", pa.string()),
        ("channel_unit_code", pa.string()),
        ("unit_code", pa.string()),
        ("form", pa.string()),
        ("period", pa.string()),
        ("file_sha256", pa.string()),
        ("submitted_at", pa.timestamp("us")),
        ("received_at", pa.timestamp("us")),
        ("decided_at", pa.timestamp("us")),
        ("state", pa.string()),
        ("reason", pa.string()),
        ("error_count", pa.int32()),
        ("query_count", pa.int32()),
        ("note_count", pa.int32()),
        ("list_row_count", pa.int32()),
        ("is_locked", pa.bool_()),
        ("review_kind", pa.string()),
        ("reviewed_at", pa.timestamp("us")),
        ("reviewed_by", pa.string()),
        ("review_reason", pa.string()),
    ]
)
ENROLMENT_SCHEMA = pa.schema(
    [
        ("scope_code", pa.string()),
        ("has_subtree", pa.bool_()),
        ("batch_code", pa.string()),
        ("from_period", pa.string()),
        ("to_period", pa.string()),
    ]
)
CHANGED_SCHEMA = pa.schema([("period", pa.string())])
BUILD_SCHEMA = pa.schema(
    [("build_id", pa.string()), ("known_at", pa.timestamp("us")), ("started_at", pa.timestamp("us"))]
)
DECISION_RECORD_SCHEMA = pa.schema(
    [
        ("record_id", pa.string()),
        ("stage_code", pa.string()),
        ("unit_code", pa.string()),
        ("rule_id", pa.string()),
        ("subject_key", pa.string()),
        ("kind", pa.string()),
        ("outcome", pa.string()),
        ("decided_at", pa.timestamp("us")),
        ("decided_by", pa.string()),
        ("reason", pa.string()),
    ]
)
#: Explanations without their words: those are the clerk's own and enter no build.
EXPLANATION_SCHEMA = pa.schema(
    [
        ("explanation_id", pa.string()),
        ("finding_key", pa.string()),
        ("submission_id", pa.string()),
        ("unit_code", pa.string()),
        ("period", pa.string()),
        ("form", pa.string()),
        ("issue_code", pa.string()),
        ("explained_at", pa.timestamp("us")),
        ("way", pa.string()),
    ]
)
WAIVER_SCHEMA = pa.schema(
    [
        ("waiver_id", pa.string()),
        ("scope_code", pa.string()),
        ("issue_code", pa.string()),
        ("from_period", pa.string()),
        ("to_period", pa.string()),
        ("office_code", pa.string()),
        ("office_name", pa.string()),
        ("reason", pa.string()),
        ("recorded_at", pa.timestamp("us")),
        ("revoked_at", pa.timestamp("us")),
        ("revoked_by", pa.string()),
        ("revocation_reason", pa.string()),
    ]
)
SCHEMAS = {
    "submission": SUBMISSION_SCHEMA,
    "enrolment": ENROLMENT_SCHEMA,
    "decision_record": DECISION_RECORD_SCHEMA,
    "explanation": EXPLANATION_SCHEMA,
    "waiver": WAIVER_SCHEMA,
    "changed_period": CHANGED_SCHEMA,
    "build": BUILD_SCHEMA,
}


def write_inputs(folder: Path, inputs: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write the rows of every table of `SCHEMAS` to ``folder``; what a schema does not name is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in SCHEMAS.items():
        rows = [{column: row[column] for column in schema.names} for row in inputs[name]]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")
