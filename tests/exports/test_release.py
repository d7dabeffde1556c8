"""A release of open data on a district after its night: described truly, and telling nothing small."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineError, load_workbook
from scipy.linalg import null_space

from exports.folder import ExportRefusedError
from exports.open_data.release import policy, write_release
from exports.scoped import FileFormat, export_scope
from ingest.forms import load_forms
from ingest.home import Home
from tests.support.district import PERIOD
from warehouse.ask import ask

CASTS = {"string": str, "integer": int}


@pytest.fixture(scope="module")
def released(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released") / "release"
    write_release(Home(district), PERIOD, folder)
    return folder


def package(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_descriptor_tells_every_file_with_size_hash_and_licence(released: Path) -> None:
    described = package(released)
    assert described["profile"] == "tabular-data-package"
    assert described["licenses"] and described["sources"]
    paths = {resource["path"] for resource in described["resources"]}
    assert paths | {"datapackage.json"} == {path.name for path in released.iterdir()}
    for resource in described["resources"]:
        data = (released / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["title"]


def test_every_row_is_as_its_schema_says(released: Path) -> None:
    for resource in package(released)["resources"]:
        rows = table(released, resource["name"])
        fields = resource["schema"]["fields"]
        with (released / resource["path"]).open(encoding="utf-8") as handle:
            assert handle.readline().rstrip("\n").split(",") == [field["name"] for field in fields]
        keys = [tuple(row[name] for name in resource["schema"]["primaryKey"]) for row in rows]
        assert len(keys) == len(set(keys))
        for row in rows:
            for field in fields:
                text, limits = row[field["name"]], field.get("constraints", {})
                if text == "":
                    assert not limits.get("required"), (resource["name"], row)
                    continue
                value = CASTS[field["type"]](text)
                assert value in limits.get("enum", [value])
                assert value >= limits.get("minimum", value)


def counts(folder: Path) -> dict[str, list[dict[str, str]]]:
    return {entry["name"]: table(folder, entry["name"]) for entry in policy()["tables"]}


def test_no_count_below_the_threshold_is_shown_and_no_area_below_the_country_is_a_street(released: Path) -> None:
    threshold = policy()["threshold"]
    shown = 0
    for name, rows in counts(released).items():
        for row in rows:
            assert (row["street_count"] == "") == (row["status"] == "suppressed"), (name, row)
            if row["street_count"]:
                assert int(row["street_count"]) == 0 or int(row["street_count"]) >= threshold, (name, row)
                shown += 1
    assert shown > 500
    assert {len(row["area_code"]) for row in table(released, "areas") if row["area_level"] != "class"} == {2, 4, 6}


def test_a_reader_who_solves_all_sums_of_the_files_finds_no_hidden_count(released: Path) -> None:
    """Only with the files: an area lies in the one whose code begins its own; classes make up the country too."""
    streets = {(row["area_level"], row["area_code"]): int(row["street_count"]) for row in table(released, "areas")}
    children: dict[tuple[tuple[str, str], str], list[tuple[str, str]]] = defaultdict(list)
    for level, code in streets:
        if level == "class":
            children[("country", "CN"), "class"].append((level, code))
        elif level != "country":
            above = {2: "country", 4: "province", 6: "city"}[len(code)]
            children[(above, code[:-2] or "CN"), "place"].append((level, code))
    hidden_count = 0
    for name, rows in counts(released).items():
        items = defaultdict(dict)
        for row in rows:
            items[row.get("item", "")][(row["area_level"], row["area_code"]), row["category"]] = row["street_count"]
        for item, cells in items.items():
            hidden = sorted(cell for cell, text in cells.items() if not text)
            hidden_count += len(hidden)
            place = {cell: number for number, cell in enumerate(hidden)}
            categories = {category for _, category in cells}
            sums = [([(area, one) for one in categories], None) for area in streets]
            sums += [
                ([(part, one) for part in parts], (above, one))
                for (above, _), parts in children.items()
                for one in categories
            ]
            matrix = np.zeros((len(sums), len(hidden)))
            for number, (parts, whole) in enumerate(sums):
                for cell, sign in [*((part, 1) for part in parts), *([(whole, -1)] if whole else [])]:
                    if cell in place:
                        matrix[number, place[cell]] += sign
            free = null_space(matrix) if len(hidden) else np.ones((0, 1))
            assert (np.abs(free).max(axis=1, initial=0.0) > 1e-9).all(), (name, item)
    assert hidden_count > 20


def test_what_is_shown_is_what_the_marts_say(released: Path, district: Path) -> None:
    found = ask(
        Home(district),
        "select state, count(*) from marts.mart_submission_status "
        "where unit_level = 'street' and period = $1 group by state",
        [PERIOD],
    ).rows
    told = {row["category"]: row for row in table(released, "submissions") if row["area_level"] == "district"}
    for state, count in found:
        assert told[state]["street_count"] in ("", str(count))
    assert sum(count for _, count in found) == int(
        next(row["street_count"] for row in table(released, "areas") if row["area_level"] == "district")
    )


def test_the_same_build_gives_the_same_bytes(released: Path, district: Path, tmp_path: Path) -> None:
    write_release(Home(district), PERIOD, tmp_path / "again")
    for path in released.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_a_period_without_streets_is_refused(district: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportRefusedError, match="no street is on the roster of 2029-Q4"):
        write_release(Home(district), "2029-Q4", tmp_path / "out")
    with pytest.raises(ExportRefusedError, match="is no period of the programme"):
        write_release(Home(district), "soon", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def people_in_raw_files(home: Home) -> set[str]:
    """Names that the workbooks hold, long enough to be nothing else."""
    forms = load_forms().values()
    private = [(sheet, field) for form in forms for sheet in form.sheets for field in sheet.fields if field.is_private]
    sheets, titles = {sheet.name_zh for sheet, _ in private}, {field.header_zh for _, field in private}
    found = set()
    for path in home.raw.glob("*/*"):
        try:
            book = load_workbook(str(path))
        except CalamineError:
            continue
        for name in sheets & set(book.sheet_names):
            rows = book.get_sheet_by_name(name).to_python()
            for number, row in enumerate(rows):
                for place, text in enumerate(row):
                    if str(text).strip(" *") in titles:
                        found |= {str(below[place]) for below in rows[number + 1 :] if len(str(below[place])) > 2}
    return {text for text in found if not text.isascii()}


def test_no_name_of_the_sample_leaves_with_an_export(district: Path, tmp_path: Path) -> None:
    """Names that the workbooks hold, looked for in every file that is written."""
    names = people_in_raw_files(Home(district))
    assert len(names) > 50
    export_scope(Home(district), "all", tmp_path / "out", file_format=FileFormat.CSV)
    text = "\n".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("*.csv"))
    assert "荔湾区" in text
    assert [name for name in names if name in text] == []
