"""The runbook knows every failure message and task; its formats and its recipe are those of the code."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.channels.replies import refusal_texts
from ingest.channels.settings import load_channel_settings
from ingest.check import check_workbook
from ingest.contacts import load_contacts
from ingest.home import Home
from ingest.ledger import Ledger, Receipt
from ingest.registers import Registers
from samples import generate
from tests.docs.reading import ROOT, blocks, text_of
from warehouse.freeze import freeze
from warehouse.inputs import ENROLMENT_SCHEMA
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR

SPOKEN_BY = [
    *(path for folder in ("cli", "expectations", "warehouse") for path in sorted((ROOT / folder).glob("*.py"))),
    *sorted((ROOT / "exports").rglob("*.py")),
    *(ROOT / name for name in ("ingest/sandbox.py", "ingest/pseudonym.py")),
    *(ROOT / "samples" / name for name in ("calendar.py", "generate.py", "hierarchy.py")),
]
#: Raised at programmers, not at operators.
MISTAKES_OF_OURS = {"KeyError", "TypeError", "RuntimeError", "_ChildDiedError"}


def spoken_texts(path: Path) -> list[str]:
    """The longest fixed part of each message that a file raises or fails with."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        call = node.exc if isinstance(node, ast.Raise) else node
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or not call.args:
            continue
        if not (isinstance(node, ast.Raise) or call.func.id == "fail") or call.func.id in MISTAKES_OF_OURS:
            continue
        parts = [
            part.value
            for part in ast.walk(call.args[0])
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        if parts and not isinstance(call.args[0], ast.Call):
            found.append(max(parts, key=len).strip().lstrip(" ),;:"))
    return found


def test_messages_are_found_in_the_code() -> None:
    texts = [text for path in SPOKEN_BY for text in spoken_texts(path)]
    assert "dbt could not build its documentation (see above)" in texts
    assert len(texts) > 30


@pytest.mark.parametrize("path", SPOKEN_BY, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_failure_message_is_in_the_runbook(path: Path) -> None:
    runbook = text_of("docs/operations.md")
    assert [text for text in spoken_texts(path) if text not in runbook] == []


def test_every_task_of_the_night_is_in_the_runbook() -> None:
    tasks = set()
    for name in ("nightly_consolidation", "wiring"):
        for node in ast.walk(ast.parse(text_of(f"dags/{name}.py"))):
            if isinstance(node, ast.FunctionDef) and any("task" in ast.unparse(one) for one in node.decorator_list):
                tasks.add(node.name)
    assert {"begin", "collect", "parse", "publish"} <= tasks
    documented = set(re.findall(r"^\| `(\w+)`(?: \([^|]*\))? \|", text_of("docs/operations.md"), re.MULTILINE))
    assert tasks - documented == set()


def test_the_enrolment_example_is_one_that_a_build_takes(tmp_path: Path) -> None:
    [example] = blocks("docs/operations.md", "csv")
    columns = list(csv.DictReader(io.StringIO(example)).fieldnames or [])
    assert columns == ENROLMENT_SCHEMA.names
    home = Home(tmp_path).prepare()
    (home.programme / "enrolment.csv").write_text(example, encoding="utf-8")
    ledger = Ledger(home.ledger_url)
    now = datetime(2026, 1, 1)
    build = freeze(home, ledger, build_id="one", started_at=now, known_at=now)
    ledger.close()
    lines = pq.read_table(build.inputs / "enrolment.parquet").to_pylist()
    assert [(line["scope_code"], line["has_subtree"], line["to_period"]) for line in lines] == [
        ("440103", True, None),
        ("4401", False, "2026-Q4"),
    ]


def test_the_channels_and_contacts_of_the_documents_are_ones_that_are_taken(tmp_path: Path) -> None:
    home = Home(tmp_path).prepare()
    (home.programme / "channels.yml").write_text(blocks("docs/channels.md", "yaml")[0], encoding="utf-8")
    assert [one.scheme for one in load_channel_settings(home)] == ["folder", "imaps", "sftp", "s3"]
    (home.programme / "contacts.csv").write_text(blocks("docs/channels.md", "text")[0], encoding="utf-8")
    contacts = load_contacts(home.programme / "contacts.csv", Registers(REFERENCE_DIR, RULEBOOK_DIR).unit_names)
    assert (len(contacts.contacts), contacts.problems) == (3, ())


def test_every_reason_of_a_refusal_is_told_to_the_sender_and_to_the_operator() -> None:
    reasons = set(refusal_texts())
    assert {"sender_unknown", "mail_without_report"} <= reasons
    assert reasons <= documented_keys("docs/channels.md")
    used = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ingest" / "channels").glob("*.py"))
    assert {reason for reason in reasons if f'"{reason}"' not in used} == set()


def test_the_recipe_that_moves_a_ledger_moves_every_line(tmp_path: Path) -> None:
    [recipe] = blocks("docs/operations.md", "python")
    addresses = [f"sqlite:///{tmp_path / name}.db" for name in ("old", "new")]
    now = datetime(2026, 1, 1)
    old = Ledger(addresses[0])
    old.add_receipt(Receipt("a", "cli", "44", "x.xlsx", "0" * 64, 1, now, now))
    old.plan_batches(10)
    old.add_build("b", "published", recorded_at=now, known_at=now, detail="")
    old.close()
    subprocess.run([sys.executable, "-c", recipe, *addresses], cwd=ROOT, check=True, capture_output=True)
    new = Ledger(addresses[1])
    assert [receipt.submission_id for receipt in new.pending()] == ["a"]
    assert list(new.plan_batches(10).values()) == [["a"]]
    assert [build["build_id"] for build in new.builds()] == ["b"]
    new.close()


def documented_keys(name: str) -> set[str]:
    """Every name in the first column of the tables of a document."""
    cells = re.findall(r"^\| (`[^|]+`) \|", text_of(name), re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`([^`]+)`", cell)}


def test_the_json_of_check_is_the_one_described() -> None:
    [example] = blocks("docs/check_json.md", "json")
    shown = json.loads(example)
    registers = Registers(REFERENCE_DIR, RULEBOOK_DIR)
    report = check_workbook(b"no workbook", registers=registers, pseudonym_key=b"key").to_json()
    assert list(shown) == list(report)
    assert list(shown["issues"][0]) == list(report["issues"][0])
    assert list(shown["problems"][0]) == list(report["problems"][0])
    keys = set(report) | set(report["issues"][0]) | set(report["problems"][0])
    assert keys == documented_keys("docs/check_json.md")


def test_the_truth_files_have_the_columns_described() -> None:
    module = sys.modules[generate.__module__]  # the package exports the function under the module's name
    named = (module.OUTCOME_COLUMNS, module.SUBMISSION_COLUMNS, module.ISSUE_COLUMNS, module.SCORE_COLUMNS)
    columns = {column for listed in named for column in listed}
    described = {key for key in documented_keys("docs/samples.md") if "." not in key and "/" not in key}
    assert described == columns
