"""What a street wrote never becomes a formula in what we hand out."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import duckdb
import pytest

from ingest.forms import load_forms
from ingest.guard import guard
from ingest.readers import read_grids
from tests.support.workbooks import report_workbook, typical_rows
from warehouse.tables import write_csv

ROOT = Path(__file__).parent.parent.parent
EVIL = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "  =1+1",
    "＝1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("x")',
]
HARMLESS = ["街道", "3-4", "a=b", "", "-5", "+3.5", "-1e3", "1"]


def written(folder: Path, values: list[str]) -> list[str]:
    """The values after a table of them has been written and read."""
    with duckdb.connect() as connection:
        connection.execute("create table t (n integer, v varchar)")
        connection.executemany("insert into t values ($1, $2)", list(enumerate(values)))
        path = write_csv(connection, "t", folder / "t.csv")
    with path.open(encoding="utf-8", newline="") as handle:
        rows = sorted(csv.DictReader(handle), key=lambda row: int(row["n"]))
    return [row["v"] for row in rows]


def test_a_text_that_looks_like_a_formula_gets_an_apostrophe_in_a_table(tmp_path: Path) -> None:
    assert written(tmp_path, EVIL) == [f"'{value}" for value in EVIL]


def test_other_texts_and_plain_numbers_stay_as_they_are_in_a_table(tmp_path: Path) -> None:
    assert written(tmp_path, HARMLESS) == HARMLESS


@pytest.mark.parametrize("value", [one for one in EVIL if one.isprintable()])
def test_a_value_put_into_a_workbook_is_text_and_no_formula(value: str) -> None:
    rows = typical_rows(load_forms()["street"])
    rows["activity"][0]["activity_name"] = value
    data = report_workbook(rows=rows)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "worksheets/" in name)
    [grid] = [one for one in read_grids(guard(data)) if one.name == "活动"]
    assert value in grid.rows[2]


def test_every_place_that_writes_tables_is_known() -> None:
    # A new one hands out what streets wrote unless it goes through warehouse.tables or takes its safe_text.
    writes = re.compile(r"csv\.(?:Dict)?[wW]riter|to_csv|to_excel|format csv")
    folders = ("alerts", "cli", "dags", "expectations", "exports", "ingest", "portal", "warehouse")
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
    }
    found = {name for name, text in texts.items() if writes.search(text)}
    safe = {name for name in found if "safe_text(" in texts[name]}
    # Rule books and the registry of contacts are our own files, read by ourselves.
    assert found - safe == {"warehouse/rulebook_files.py", "ingest/contacts.py"}
    assert safe == {"warehouse/tables.py", "cli/answers.py", "exports/open_data/release.py"}
