"""The example of a JSON report fits the published schema and is read as it says."""

from __future__ import annotations

import json
import re

from jsonschema import Draft202012Validator

from ingest.json_schema import submission_schema
from tests.docs.reading import ROOT
from tests.support.workbooks import check

TEXT = (ROOT / "docs" / "submission_json.md").read_text(encoding="utf-8")


def test_the_schema_is_one_and_the_example_fits_it() -> None:
    schema = submission_schema()
    Draft202012Validator.check_schema(schema)
    example = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)[0]
    assert list(Draft202012Validator(schema).iter_errors(json.loads(example))) == []
    assert list(Draft202012Validator(schema).iter_errors({**json.loads(example), "unknown": []}))
    report = check(example.replace("2026-Q3", "2025-Q1").encode())
    assert (report.form, report.unit_code, report.period, report.reason) == (
        "street",
        "440103001",
        "2025-Q1",
        "has_errors",
    )
    # It is shortened: sheets and fields are missing, and nothing else is wrong with it.
    assert {issue.code for issue in report.issues} <= {"sheet_missing", "value_missing", "event_outside_period"}
