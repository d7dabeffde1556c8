"""What a rule reads in fields of free text, and the name of the batch that the freeze gives."""

from __future__ import annotations

import csv
from pathlib import Path

import yaml

from ingest.forms import load_forms
from warehouse.enrolment import UNENROLLED_BATCH

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


def test_patterns_are_for_fields_of_free_text() -> None:
    fields = {
        (sheet.entity, field.name): field.type
        for form in load_forms().values()
        for sheet in form.sheets
        for field in sheet.fields
    }
    with (DBT_PROJECT / "seeds" / "rulebook" / "text_patterns.csv").open(encoding="utf-8", newline="") as handle:
        patterns = list(csv.DictReader(handle))
    assert patterns
    for pattern in patterns:
        assert fields[pattern["entity"], pattern["field"]] == "text"
        assert pattern["like_pattern"].strip("%")


def test_the_models_know_the_batch_of_those_who_were_not_enrolled() -> None:
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["vars"]["unenrolled_batch"] == UNENROLLED_BATCH
