"""Both READMEs know every command, option, target, variable and DAG, and name none that does not exist."""

from __future__ import annotations

import csv
import re
import shlex
from typing import Any

import pytest
from typer.main import get_command

from cli.main import app
from cli.output import ExitCode
from cli.summary import FORCES_SQL, QUOTAS_SQL, SCORES_SQL, STATES_SQL
from tests.docs.reading import READMES, ROOT, blocks, prose, shell_lines, text_of
from warehouse.project import RULEBOOK_DIR


def commands_of(group: Any, prefix: str = "") -> dict[str, Any]:
    """Every command by its words, such as ``release create``; a group itself is none."""
    found = {}
    for name, command in group.commands.items():
        is_group = hasattr(command, "commands")
        found |= commands_of(command, f"{prefix}{name} ") if is_group else {f"{prefix}{name}": command}
    return found


COMMANDS = commands_of(get_command(app))
OPTIONS = {
    name: {option for parameter in command.params for option in parameter.opts if option.startswith("-")} - {"--help"}
    for name, command in COMMANDS.items()
}
TARGETS = set(re.findall(r"^([a-z-]+):.*?## ", text_of("Makefile"), re.MULTILINE))
CODE_FOLDERS = (
    "cli",
    "dags",
    "dashboards",
    "dbt_project",
    "expectations",
    "exports",
    "ingest",
    "portal",
    "samples",
    "scripts",
    "warehouse",
)

every_readme = pytest.mark.parametrize("readme", READMES)


def described_lines(readme: str, command: str) -> str:
    """What a README says on the lines that show a command, comments included."""
    return "\n".join(line for line in text_of(readme).splitlines() if f"jiedao {command} " in f"{line} ")


def test_the_application_has_commands_and_the_makefile_targets() -> None:
    assert {"check", "nightly"} <= set(COMMANDS)
    assert {"run", "test"} <= TARGETS


@every_readme
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_each_of_its_options_is_shown(readme: str, command: str) -> None:
    assert f"`jiedao {command}`" in text_of(readme)
    assert any(line.startswith(f"jiedao {command}") for line in shell_lines(readme))
    words = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", described_lines(readme, command)))
    assert OPTIONS[command] - words == set()


@every_readme
def test_every_command_line_shown_is_one_that_exists(readme: str) -> None:
    for line in shell_lines(readme):
        program, *words = shlex.split(line)
        if program == "jiedao":
            command = words[0] if words[0] in COMMANDS else " ".join(words[:2])
            assert {word for word in words if word.startswith("-")} <= OPTIONS[command], line
        elif program == "make":
            assert words[0] in TARGETS, line
        else:
            assert program == "docker" or (ROOT / program).exists(), line


@every_readme
def test_every_target_of_the_makefile_is_described(readme: str) -> None:
    described = set(re.findall(r"^\| `make ([a-z-]+)` \|", text_of(readme), re.MULTILINE))
    assert described == TARGETS


def test_both_readmes_show_the_same_commands_and_the_same_output() -> None:
    english, chinese = (shell_lines(readme) for readme in READMES)
    assert english == chinese
    outputs = [blocks(readme, "") for readme in READMES]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) == 3


def test_both_readmes_have_the_same_sections_and_links() -> None:
    levels = [re.findall(r"^(#+) ", prose(readme), re.MULTILINE) for readme in READMES]
    assert levels[0] == levels[1]
    links = [set(re.findall(r"\]\(([^)]+)\)", text_of(readme))) - set(READMES) for readme in READMES]
    assert links[0] == links[1]


@every_readme
def test_the_output_shown_has_the_columns_and_rules_of_today(readme: str) -> None:
    shown = text_of(readme)
    for sql in (STATES_SQL, QUOTAS_SQL, FORCES_SQL, SCORES_SQL):
        selected = re.search(r"select(.*?)from marts", sql, re.DOTALL)
        assert selected is not None
        # without what stands in brackets, the last word of each selected item is the name of its column
        items, brackets = selected[1], 1
        while brackets:
            items, brackets = re.subn(r"\([^()]*\)", "", items)
        columns = [item.split()[-1] for item in items.split(",")]
        assert re.search(r"^" + r" +".join(columns) + r" *$", shown, re.MULTILINE), columns
    with (RULEBOOK_DIR / "clauses.csv").open(encoding="utf-8", newline="") as handle:
        quotas = {row["clause_id"] for row in csv.DictReader(handle) if row["force"] == "quota"}
    with (RULEBOOK_DIR / "rules.csv").open(encoding="utf-8", newline="") as handle:
        rules = {row["rule_id"] for row in csv.DictReader(handle) if row["clause_id"] in quotas}
    assert len(rules) > len(quotas)
    for rule_id in rules:
        assert re.search(rf"^{re.escape(rule_id)} ", shown, re.MULTILINE), rule_id


@every_readme
def test_every_variable_that_the_code_reads_is_described(readme: str) -> None:
    read = set()
    for folder in CODE_FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".sql", ".yml", "") and path.is_file():
                read |= set(re.findall(r"\bJIEDAO_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    assert {"JIEDAO_HOME", "JIEDAO_MEMORY_LIMIT"} <= read
    assert {name for name in read if f"`{name}`" not in text_of(readme)} == set()


@every_readme
def test_every_exit_code_is_described(readme: str) -> None:
    assert re.findall(r"^\| (\d) \|", text_of(readme), re.MULTILINE) == [str(int(code)) for code in ExitCode]


@pytest.mark.parametrize("document", [*READMES, "docs/operations.md", "docs/architecture.md"])
def test_every_dag_is_described(document: str) -> None:
    dags = [path.stem for path in (ROOT / "dags").glob("*.py") if "@dag" in path.read_text(encoding="utf-8")]
    assert len(dags) >= 3
    assert [name for name in dags if f"`{name}`" not in text_of(document)] == []
