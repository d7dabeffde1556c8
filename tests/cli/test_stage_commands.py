"""The commands about stages, releases and appeals: they explain themselves, and refuse what cannot be with a reason."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from cli.explanation import print_explanation
from cli.main import app
from cli.output import ExitCode
from warehouse.wording import ranges

COMMANDS = [
    ["assess"],
    ["whatif"],
    ["verify"],
    ["explain"],
    ["release"],
    *(["release", name] for name in ("create", "open-appeals", "finalise", "list")),
    ["appeal"],
    *(["appeal", name] for name in ("file", "decide", "list")),
    ["decision"],
    *(["decision", name] for name in ("record", "list")),
]


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_command_explains_itself_and_its_options(words: list[str]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    command: Any = get_command(app)
    for word in words:
        command = command.commands[word]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), parameter.name


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["assess", "--stage", "S1", "--known-at", "gestern"], "is not an instant"),
        (["assess", "--stage", "S1", "--known-at", "2999-01-01"], "lies in the future"),
        (["assess", "--stage", "S9", "--known-at", "2026-01-01"], "the rule book has no stage 'S9'"),
        (["assess", "--stage", "S1", "--known-at", "2026-01-01", "--rulebook", "1999.9"], "there is no rule book"),
        (["whatif", "--stage", "S1"], "say what would be different"),
        (["whatif", "--stage", "S1", "--set", "3d=8"], "is no override such as rule.3d.lower_bound=8"),
        (["verify", "S1-v1"], "holds no release"),
        (["explain", "--unit", "440103001"], "say either --stage or --period"),
        (["explain", "--unit", "440103001", "--stage", "S1", "--period", "2025-Q1"], "say either"),
        (["release", "create", "--stage", "S9"], "the rule book has no stage 'S9'"),
        (["release", "open-appeals", "--stage", "S1"], "stage S1 has no release"),
        (["release", "finalise", "--stage", "S1"], "stage S1 has no release"),
        (["release", "finalise", "--stage", "S1", "--force"], "--force needs a --reason"),
        (
            ["appeal", "file", "--unit", "440103001", "--stage", "S1", "--rule", "3d", "--reason", "x"],
            "stage S1 has no release",
        ),
        (["appeal", "decide", "A", "--decision", "upheld", "--by", "440103", "--reason", "x"], "no appeal 'A'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_refused_with_its_reason(words: list[str], complaint: str) -> None:
    result = run(*words)
    assert complaint in " ".join(result.output.split())
    assert result.exit_code == ExitCode.CANNOT_BE_TAKEN


def test_a_decision_is_recorded_and_listed() -> None:
    common = ["decision", "record", "--stage", "S1", "--unit", "440103001", "--by", "4401", "--reason", "查实"]
    assert "an override needs" in run(*common, "--kind", "override").output
    assert "a case needs" in run(*common, "--kind", "case").output
    assert run(*common, "--kind", "override", "--rule", "3d", "--outcome", "pass").exit_code == 0
    assert run(*common, "--kind", "excuse").exit_code == 0
    [override, excuse] = json.loads(run("decision", "list", "--stage", "S1", "--json").stdout)
    assert (override["subject_key"], override["outcome"]) == ("440103001", "pass")
    assert (excuse["kind"], excuse["rule_id"]) == ("excuse", None)


def test_nothing_published_is_our_failure() -> None:
    result = run("whatif", "--stage", "S1", "--set", "rule.3d.lower_bound=8")
    assert "nothing is published" in result.output
    assert result.exit_code == ExitCode.OUR_FAILURE


@pytest.mark.parametrize("what", ["release", "appeal", "decision"])
def test_a_list_of_nothing_is_empty(what: str) -> None:
    result = run(what, "list", "--json")
    assert (result.exit_code, result.stdout.strip()) == (0, "[]")


def cells(sheet: str, *names: str) -> list[dict[str, Any]]:
    return [{"sheet": sheet, "cell": name} for name in names]


def test_cells_below_each_other_become_a_range() -> None:
    evidence = cells("工作力量", "C3", "C5", "C4", "D6", "C9") + cells("经费", "C10")
    assert ranges(evidence) == ["工作力量!C3:C5", "工作力量!C9", "工作力量!D6", "经费!C10"]


def test_a_result_without_a_cell_has_no_range() -> None:
    assert ranges([{"sheet": None, "cell": None}]) == []


def test_cells_are_told_beside_the_file_that_they_stand_in_and_figures_with_their_unit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {
        name: {
            "submission_id": name,
            "period": period,
            "file_sha256": 64 * name[0],
            "submitted_at": datetime(2026, 1, 5),
            "accepted_at": datetime(2026, 1, 6),
        }
        for name, period in (("b1", "2025-Q3"), ("a1", "2025-Q4"))
    }
    rule = {
        "rule_id": "3d",
        "clause_id": "3d",
        "quote_zh": "配备至少10名专兼职团干部",
        "owed_by_zh": "街道团工委",
        "value": Decimal("8.0000"),
        "lower_bound": Decimal(10),
        "upper_bound": None,
        "measure_unit_zh": "人",
        "rulebook_version": "2025.1",
        "outcome": "fail",
        "outcome_zh": "未达标",
        "message_zh": "不足。",
        "remedy_zh": "由街道团工委办理。",
        "subject_key": "440103001",
        "subject_name": None,
        "records": [],
        "evidence": [
            {**files["a1"], "sheet": "工作力量", "cell": "C3", "row": 3},
            {**files["b1"], "sheet": "会议", "cell": None, "row": 4},
            {**files["a1"], "sheet": "工作力量", "cell": "C4", "row": 4},
        ],
    }
    unit = {"unit_name": "沙面街道", "unit_code": "440103001", "period": "2025-Q4", "state_zh": "按时报送"}
    print_explanation({**unit, "rules": [rule]})
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "数值 8 人，标准 ≥ 10 人（规则版本 2025.1）" in told
    assert told[-6:] == [
        "依据 2025-Q3 报表 会议第4行",
        f"文件 SHA-256 {64 * 'b'}",
        "回执 b1，报送 2026-01-05 08:00，采纳 2026-01-06 08:00",
        "依据 2025-Q4 报表 工作力量!C3:C4",
        f"文件 SHA-256 {64 * 'a'}",
        "回执 a1，报送 2026-01-05 08:00，采纳 2026-01-06 08:00",
    ]
