"""The documents made from data are up to date and leave nothing out; every table and column is described."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from ingest.forms import load_code_lists, load_forms
from scripts.docs.warehouse_tables import core_label
from scripts.render_docs import main, render_all, stale
from tests.docs.reading import ROOT, text_of
from warehouse.catalogue import MODELS_DIR, meta_of, models_under
from warehouse.project import RULEBOOK_DIR

MARTS = models_under(MODELS_DIR / "marts")
CORE = models_under(MODELS_DIR / "core")
by_name = pytest.mark.parametrize("model", [*MARTS, *CORE], ids=lambda model: str(model["name"]))


def seed(name: str) -> list[dict[str, str]]:
    with (RULEBOOK_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_generated_documents_are_up_to_date() -> None:
    assert stale(render_all()) == [], "run `python -m scripts.render_docs`"


def test_a_changed_document_counts_as_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rulebook.md"
    path.write_text("old", encoding="utf-8")
    assert stale({path: "new"}) == [path]
    assert stale({path: "old"}) == []
    assert stale({tmp_path / "missing.md": ""}) == [tmp_path / "missing.md"]
    assert main(["--what"]) == 2
    assert "--check" in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["marts", "core"])
def test_every_table_is_documented(folder: str) -> None:
    models = {path.stem for path in (MODELS_DIR / folder).rglob("*.sql")}
    assert models == {model["name"] for model in models_under(MODELS_DIR / folder)}
    assert models


@by_name
def test_every_table_and_column_has_a_description(model: dict[str, Any]) -> None:
    assert "Grain:" in model["description"]
    assert model["columns"]
    assert [column["name"] for column in model["columns"] if not column.get("description", "").strip()] == []


@pytest.mark.parametrize("model", MARTS, ids=lambda model: str(model["name"]))
def test_every_column_of_a_mart_has_a_type_and_a_chinese_label(model: dict[str, Any]) -> None:
    for column in model["columns"]:
        assert column["data_type"]
        assert column["config"]["meta"]["label_zh"], column["name"]


@by_name
def test_every_table_and_column_has_a_chinese_name_in_the_dictionary(model: dict[str, Any]) -> None:
    schema = "marts" if model in MARTS else "core"
    section = text_of("docs/data_dictionary.md").split(f"### `{schema}.{model['name']}`\n")[1].split("\n### ")[0]
    assert f"**{meta_of(model, 'title_zh')}** — " in section
    for column in model["columns"]:
        label = meta_of(column, "label_zh") or core_label(model["name"], column["name"])
        assert any("\u4e00" <= sign <= "\u9fff" for sign in label), column["name"]
        assert f"| {label} | " in next(
            line for line in section.splitlines() if line.startswith(f"| `{column['name']}` |")
        )


@by_name
def test_the_dictionary_has_every_column(model: dict[str, Any]) -> None:
    schema = "marts" if model in MARTS else "core"
    section = text_of("docs/data_dictionary.md").split(f"### `{schema}.{model['name']}`\n")[1].split("\n### ")[0]
    assert [column["name"] for column in model["columns"] if f"| `{column['name']}` |" not in section] == []


def test_the_dictionary_has_every_field_value_and_finding() -> None:
    dictionary = text_of("docs/data_dictionary.md")
    for form in load_forms().values():
        for sheet in form.sheets:
            section = dictionary.split(f"#### {sheet.name_zh} `{form.table(sheet)}`\n")[1].split("\n#")[0]
            assert [
                field.name for field in sheet.fields if f"| {field.header_zh} | `{field.name}` |" not in section
            ] == []
    for name, values in load_code_lists().items():
        assert f"| `{name}` | {'、'.join(values)} |" in dictionary
    with (ROOT / "ingest" / "issues.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            assert f"| `{row['code']}` | {row['severity']} | {row['message_zh']} | {row['remedy_zh']} |" in dictionary


def test_the_rule_book_tells_formula_and_examples_of_every_reading_in_both_languages() -> None:
    book = text_of("docs/rulebook.md")
    indicators = {row["indicator_code"]: row for row in seed("indicators")}
    examples = seed("rule_examples")
    for rule in seed("rules"):
        section = book.split(f"\n### {rule['rule_id']} ")[1].split("\n### ")[0]
        indicator = indicators[rule["indicator_code"]]
        shown = [
            row
            for row in examples
            if (row["rule_id"], row["indicator_code"]) == (rule["rule_id"], rule["indicator_code"])
        ]
        assert [row["example"] for row in shown] == ["pass", "fail"]
        for text in (
            *(" ".join(indicator[name].split()) for name in ("formula_zh", "formula_en")),
            *(
                f"{row['value']} {indicator['measure_unit_zh']}：{row['situation_zh']} — {row['situation_en']} |"
                for row in shown
            ),
        ):
            assert text.strip() in section, (rule["rule_id"], text)
    for clause in seed("clauses"):
        assert bool(clause["open_parameter"]) == bool(clause["open_parameter_zh"])


def test_the_rule_book_has_every_clause_rule_ruling_and_class() -> None:
    book = text_of("docs/rulebook.md")
    clauses = {row["clause_id"]: row for row in seed("clauses")}
    rulings = {row["ruling_code"]: row for row in seed("rulings")}
    for rule in seed("rules"):
        section = book.split(f"\n### {rule['rule_id']} ")[1].split("\n### ")[0]
        ruling = rulings.get(rule["ruling_code"])
        assert clauses[rule["clause_id"]]["quote_zh"] in section
        if ruling is None or ruling["choice"] == rule["ruling_choice"]:
            assert rule["indicator_code"] in section
            assert rule["message_zh"] in section
            assert rule["owed_by_zh"] in section
        if ruling is not None:
            assert f"| `{rule['ruling_choice']}` |" in section
            assert all(ruling[name] in section for name in ("reason_zh", "reason_en", "effect_zh", "effect_en"))
    everything = book.split("\n## 全部条款")[1]
    assert [
        key for key, row in clauses.items() if f"| `{key}` | {row['section']} | “{row['quote_zh']}”" not in everything
    ] == []
    for row in seed("code_classes"):
        line = next(line for line in book.splitlines() if line.startswith(f"| `{row['class_code']}` |"))
        assert row["value_zh"] in line
    for row in seed("parameters"):
        assert f"| `{row['parameter_code']}` | {row['name_zh']} | {row['name_en']} | {row['value']} " in book
    for name, key in (("stages", "stage_code"), ("notices", "notice_id"), ("bands", "band_code")):
        assert [row[key] for row in seed(name) if f"| `{row[key]}` |" not in book] == []
