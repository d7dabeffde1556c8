"""Every scored item opens down to cells of files that were sent, or to named rows of ledger and programme."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from python_calamine import load_workbook
from typer.testing import CliRunner

from cli.main import app
from cli.output import ExitCode
from ingest.home import Home
from ingest.receive import raw_path
from warehouse.ask import ask
from warehouse.explain_stage import explain_stage

STAGE, STREET = "S2", "440103003"
LEVELS = {"street", "district", "city", "province"}
#: How often at least every kind of basis is met in the district; a kind that is never met proves nothing.
BASES = ("cells", "roster", "review")


@pytest.fixture(scope="module")
def explained(district: Path) -> dict[str, dict[str, Any]]:
    """Explanations of all that stands above the streets and of a street of each state of reporting, by code."""
    home = Home(district)
    units = ask(home, "select min(unit_code) from marts.mart_submission_status group by unit_level, state").rows
    return {unit_code: explain_stage(home, unit_code, STAGE) for (unit_code,) in units}


def lines_of(explanation: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for group in explanation["groups"] for line in group["rules"]]


def test_every_finding_of_every_level_ends_in_cells_or_in_named_rows(
    district: Path, explained: dict[str, dict[str, Any]]
) -> None:
    bases: Counter[str] = Counter()
    judged: set[str] = set()
    for unit_code, explanation in explained.items():
        for line in lines_of(explanation):
            where = (unit_code, line["item_code"])
            assert line["findings"] and len(line["findings"]) == line["subject_count"], where
            judged.add(line["rule_id"])
            for finding in line["findings"]:
                assert finding["evidence"] or finding["records"], where
                assert finding["clause_id"] and finding["quote_zh"], where
                bases["cells" if finding["evidence"] else finding["records"][0]["table"]] += 1
                for record in finding["records"]:
                    assert record["table_zh"] and ("row_count" in record or len(record) > 3), where
    assert {explanation["unit_level"] for explanation in explained.values()} == LEVELS
    assert all(bases[name] for name in BASES), bases
    scored = "select reads_code from rulebook.score_items where reads = 'rule'"
    given = f"select distinct rule_id from marts.mart_rule_result where rule_id in ({scored})"
    assert judged == {rule_id for (rule_id,) in ask(Home(district), given).rows}


def test_every_cell_is_in_a_stored_file_and_holds_what_was_read(
    district: Path, explained: dict[str, dict[str, Any]]
) -> None:
    cells = {
        (row["file_sha256"], row["sheet"], row["cell"], row["value"])
        for explanation in explained.values()
        for line in lines_of(explanation)
        for finding in line["findings"]
        for row in finding["evidence"]
        if row["accepted_at"] is not None
    }
    assert len(cells) > 500
    books: dict[str, Any] = {}
    sheets: dict[tuple[str, str], list[list[Any]]] = {}
    for sha256, sheet, cell, value in cells:
        if sha256 not in books:
            path = raw_path(Home(district).raw, sha256)
            assert path.is_file()
            books[sha256] = load_workbook(str(path))
        if (sha256, sheet) not in sheets:
            sheets[sha256, sheet] = books[sha256].get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        column, number = coordinate_from_string(cell)
        held = sheets[sha256, sheet][number - 1][column_index_from_string(column) - 1]
        assert held_as_read(held, value), (sheet, cell, held, value)


def held_as_read(held: Any, value: Any) -> bool:
    """Whether a cell holds what the lake has of it: the same figure, day or word."""
    if value is None:
        return True
    text = str(held).strip()
    if isinstance(value, bool):
        return text in (("是", "True", "有", "1", "1.0") if value else ("否", "False", "无", "0", "0.0"))
    if isinstance(value, int | float | Decimal):
        return abs(Decimal(text.replace(",", "")) - Decimal(str(value))) < Decimal("0.01")
    if isinstance(value, date):
        day = held.date() if isinstance(held, datetime) else held
        return day == value if isinstance(day, date) else str(value.year) in text
    return text == str(value) or not text


def test_the_text_names_cells_files_receipts_and_fixes(district: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(district))
    told = CliRunner().invoke(app, ["explain", "--unit", STREET, "--stage", STAGE])
    assert told.exit_code == 0
    for word in ("依据 工作力量!", "文件 SHA-256 ", "回执 ", "依据 报送名册：", "最能提分的整改"):
        assert word in told.output, word


def test_what_was_not_reported_is_explained_by_the_roster(district: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(district))
    [(unit_code, state_zh)] = ask(
        Home(district),
        "select unit_code, state_zh from marts.mart_submission_status"
        " where unit_level = 'street' and state = 'missing' order by 1 limit 1",
    ).rows
    told = CliRunner().invoke(app, ["explain", "--unit", unit_code, "--stage", STAGE]).output
    assert "未排名：本阶段没有已采纳的报表" in told
    assert f"2026-Q3 报表：{state_zh}" in told


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--unit", STREET, "--stage", "S9"], "there is no stage S9 in the rule book, which has S1, S2"),
        (["--unit", "999999999", "--stage", STAGE], "there is no unit 999999999"),
        (["--unit", STREET, "--stage", "S1"], "on the roster from 2026-Q3 to 2026-Q3"),
        (["--unit", "440106001", "--stage", STAGE], "not enrolled and has reported nothing"),
        (["--unit", STREET, "--stage", STAGE, "--rule", "9z"], "there is no rule 9z in the rule book"),
        (["--unit", STREET, "--stage", STAGE, "--rule", "R1a"], "there are R1a.city, R1a.province"),
        (["--unit", STREET, "--stage", STAGE, "--rule", "3g.district"], "本条由街道负责"),
        (["--unit", STREET, "--stage", STAGE, "--rule", "R1a.city"], "has it for city, and this is a street"),
        (["--unit", "440306027", "--stage", STAGE], "what follows it is 440311001 光明街道"),
        (["--unit", "510116007", "--stage", STAGE], "what follows it is 510116017 怡心街道"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_the_reason(
    district: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], reason: str
) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(district))
    told = CliRunner().invoke(app, ["explain", *arguments])
    assert told.exit_code == ExitCode.CANNOT_BE_TAKEN
    assert reason in " ".join(told.output.split())
