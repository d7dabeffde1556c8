"""The files of an export: whole, described, harmless in a spreadsheet program, readable by earlier clients."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook

from exports import excel
from exports.folder import ExportRefusedError
from exports.marts import _placement
from exports.scoped import FileFormat, export_scope
from ingest.forms import load_forms
from ingest.home import Home
from tests.docs.reading import blocks
from tests.support.published import EVIL, publish_small
from warehouse.catalogue import marts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home").prepare()
    publish_small(home)
    return home


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_the_manifest_tells_rows_hash_and_columns_of_every_file(
    home: Home, tmp_path: Path, file_format: FileFormat
) -> None:
    export_scope(home, "4401", tmp_path / "out", file_format=file_format)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["build"]["build_id"] == "20260101T000000000000"
    assert manifest["scope"] == {"code": "4401", "name_zh": "单位4401", "level": "city", "unit_count": 6}
    assert {"jiedao", "duckdb"} <= set(manifest["made_with"])
    assert {entry["file"] for entry in manifest["files"]} | {"manifest.json"} == set(bytes_of(tmp_path / "out"))
    for entry in manifest["files"]:
        data = (tmp_path / "out" / entry["file"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    status = next(entry for entry in manifest["files"] if entry["mart"] == "mart_submission_status")
    assert status["rows"] == 22
    assert status["title_zh"] == "报送情况"
    [code] = [column for column in status["columns"] if column["name"] == "unit_code"]
    assert (code["label_zh"], code["data_type"], code["description"]) == ("单位代码", "varchar", "Code of the unit.")


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_the_same_build_gives_the_same_bytes(home: Home, tmp_path: Path, file_format: FileFormat) -> None:
    for name in ("a", "b"):
        export_scope(home, "44", tmp_path / name, file_format=file_format)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_a_workbook_has_chinese_headers_texts_that_stay_texts_and_shanghai_time(home: Home, tmp_path: Path) -> None:
    export_scope(home, "440101001", tmp_path / "out", file_format=FileFormat.XLSX, periods=("2025-Q1",))
    book = load_workbook(tmp_path / "out" / "mart_submission_status.xlsx")
    header, row = book["数据"].iter_rows()
    cells = {title.value: cell for title, cell in zip(header, row, strict=True)}
    assert cells["单位代码"].value == "440101001"
    assert cells["单位代码"].data_type == "s"
    assert (cells["退回原因"].value, cells["退回原因"].data_type) == (EVIL, "s")
    assert cells["退回原因"].quotePrefix
    assert not cells["单位代码"].quotePrefix
    assert cells["问题总数"].value == -5
    assert cells["报送时间"].value.isoformat() == "2025-04-01T09:00:00"
    assert cells["是否已采纳"].value is True
    assert cells["amount"].value == 1.5
    described = {row[0]: row for row in book["列说明"].iter_rows(values_only=True)}
    assert described["报送时间"][1:3] == ("submitted_at", "timestamp（北京时间）")


def test_a_csv_has_an_apostrophe_before_what_looks_like_a_formula(home: Home, tmp_path: Path) -> None:
    export_scope(home, "440101001", tmp_path / "out", file_format=FileFormat.CSV, periods=("2025-Q1",))
    with (tmp_path / "out" / "mart_submission_status.csv").open(encoding="utf-8", newline="") as handle:
        [row] = csv.DictReader(handle)
    assert (row["reason"], row["issue_count"], row["unit_code"]) == (f"'{EVIL}", "-5", "440101001")


def test_more_rows_than_a_sheet_takes_become_several_workbooks_and_say_so(home: Home, tmp_path: Path) -> None:
    told: list[str] = []
    manifest = export_scope(home, "all", tmp_path / "out", file_format=FileFormat.XLSX, tell=told.append, sheet_rows=20)
    parts = [entry for entry in manifest["files"] if entry["mart"] == "mart_submission_status"]
    assert [(entry["file"], entry["rows"]) for entry in parts] == [
        ("mart_submission_status-1.xlsx", 20),
        ("mart_submission_status-2.xlsx", 20),
        ("mart_submission_status-3.xlsx", 16),
    ]
    assert any("56 rows and a sheet of Excel takes 20: written as 3 workbooks" in line for line in told)
    keys = set()
    for entry in parts:
        sheet = load_workbook(tmp_path / "out" / entry["file"])["数据"]
        found = [(row[0], row[2]) for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert len(found) == entry["rows"]
        keys |= set(found)
    assert len(keys) == 56


def test_a_text_that_no_cell_takes_is_refused_by_name(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "CELL_CHARACTERS", 9)
    with pytest.raises(ExportRefusedError, match=r"mart_submission_status\.unit_name has 11 characters"):
        export_scope(home, "440101001", tmp_path / "out", file_format=FileFormat.XLSX)
    assert not (tmp_path / "out").exists()


def test_a_file_for_earlier_clients_has_their_storage_version_and_the_same_rows(home: Home, tmp_path: Path) -> None:
    manifest = export_scope(home, "4401", tmp_path / "out", file_format=FileFormat.PARQUET, storage_version="v1.0.0")
    assert manifest["files"][-1]["file"] == "jiedao.duckdb"
    with duckdb.connect(str(tmp_path / "out" / "jiedao.duckdb"), read_only=True) as connection:
        [(tags,)] = connection.execute("select tags from duckdb_databases() where database_name = 'jiedao'").fetchall()
        assert tags["storage_version"].startswith("v1.0.0")
        for entry in manifest["files"][:-1]:
            here = connection.execute(f"from marts.{entry['mart']} order by all").fetchall()
            assert here == duckdb.sql(f"from '{tmp_path / 'out' / entry['file']}'").fetchall()
        comments = connection.execute(
            "select comment from duckdb_columns() where table_name = 'mart_stage_score' and column_name = 'unit_code'"
        ).fetchall()
    assert comments == [("单位代码 — Code of the unit.",)]


@pytest.mark.parametrize("version", ["v0.9.2", "1", "v99.0.0", "v1.0.0'; drop table x; --"])
def test_a_version_that_cannot_be_written_is_refused(home: Home, tmp_path: Path, version: str) -> None:
    with pytest.raises(ExportRefusedError, match="is no version of DuckDB"):
        export_scope(home, "4401", tmp_path / "out", file_format=FileFormat.PARQUET, storage_version=version)
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_replaced_only_when_asked(home: Home, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ExportRefusedError, match="--force"):
        export_scope(home, "4401", target, file_format=FileFormat.CSV)
    assert [path.name for path in target.iterdir()] == ["mine.txt"]
    export_scope(home, "4401", target, file_format=FileFormat.CSV, replace_target=True)
    assert "mine.txt" not in bytes_of(target)
    assert {path.name for path in tmp_path.iterdir()} == {"home", "out"}


def test_an_export_goes_on_with_its_build_while_another_is_published(home: Home, tmp_path: Path) -> None:
    def publish_meanwhile(_: str) -> None:
        publish_small(home, "20260202T000000000000")

    manifest = export_scope(home, "4401", tmp_path / "a", file_format=FileFormat.CSV, tell=publish_meanwhile)
    assert manifest["build"]["build_id"] == "20260101T000000000000"
    later = export_scope(home, "4401", tmp_path / "b", file_format=FileFormat.CSV)
    assert later["build"]["build_id"] == "20260202T000000000000"


def test_two_exports_tell_whose_score_changed(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_scope(home, "4402", tmp_path / "monday", file_format=FileFormat.PARQUET)
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("update marts.mart_stage_score set score = 91500 where unit_code = '440201001'")
        connection.execute("delete from marts.mart_stage_score where unit_code = '440201003'")
    export_scope(home, "4402", tmp_path / "tuesday", file_format=FileFormat.PARQUET)
    monkeypatch.chdir(tmp_path)
    [sql] = blocks("docs/analysts.md", "sql")
    assert duckdb.sql(sql).fetchall() == [("440201003", 90000, None, None), ("440201001", 90000, 91500, 1500)]


def test_a_folder_that_cannot_take_its_place_leaves_the_one_of_before(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    export_scope(home, "4401", target, file_format=FileFormat.CSV)
    before, rename = bytes_of(target), Path.rename

    def fail_once(path: Path, to: Path) -> Path:
        if to == target and path.name.startswith(".out-"):
            raise OSError("the power went")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(OSError, match="power"):
        export_scope(home, "44", target, file_format=FileFormat.CSV, replace_target=True)
    assert bytes_of(target) == before
    assert {path.name for path in tmp_path.iterdir()} == {"home", "out"}


def test_every_mart_says_whom_its_rows_belong_to() -> None:
    for mart in marts().values():
        columns = {column.name for column in mart.columns}
        places, _ = _placement().get(mart.name, ((), False))
        assert set(places) <= columns
        assert places or columns & {"unit_code", "scope_code"}, mart.name
        labels = [column.label_zh for column in mart.columns]
        assert len(labels) == len(set(labels)), mart.name


def test_no_mart_has_a_column_for_what_is_personal() -> None:
    private = {
        field.name
        for form in load_forms().values()
        for sheet in form.sheets
        for field in sheet.fields
        if field.is_private
    }
    assert private
    for mart in marts().values():
        assert {column.name for column in mart.columns} & (private | {"person_key"}) == set(), mart.name
