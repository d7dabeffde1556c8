"""The warehouse's half of ``docs/data_dictionary.md``: marts and core from dbt's own descriptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.docs.markdown import ROOT, code, document, one_line, read_yaml, table

MODELS = ROOT / "dbt_project" / "models"


def models_under(folder: Path) -> list[dict[str, Any]]:
    """The documented models of a folder, in the order of their names."""
    found = [model for path in folder.rglob("*.yml") for model in read_yaml(path).get("models", [])]
    return sorted(found, key=lambda model: str(model["name"]))


def _label(column: dict[str, Any]) -> str:
    return str(column.get("config", {}).get("meta", {}).get("label_zh", ""))


def _mart(model: dict[str, Any]) -> str:
    rows = [
        (code(column["name"]), column["data_type"], _label(column), column["description"])
        for column in model["columns"]
    ]
    header = ("列 Column", "类型 Type", "名称 Label", "Meaning")
    return document(f"### `marts.{model['name']}`", one_line(model["description"]), table(header, rows))


def _core_table(model: dict[str, Any]) -> str:
    rows = [(code(column["name"]), column["description"]) for column in model["columns"]]
    return document(
        f"### `core.{model['name']}`", one_line(model["description"]), table(("列 Column", "Meaning"), rows)
    )


def render() -> str:
    """Marts with types, then core."""
    return document(
        "## 数据集市 Marts",
        "供查询和展示的稳定表，列和类型有约定，构建时检查。\n"
        "单位代码：省2位、市4位、区6位、街道9位；时刻为世界时（UTC）；得分以千分之一分计。\n"
        "Stable tables for queries and pages; their columns and types are contracts that each build checks.\n"
        "Instants (`_at`) are UTC without a zone; scores are whole thousandths of a point.",
        *map(_mart, models_under(MODELS / "marts")),
        "## 核心表 Core",
        "集市以下的事实和维度，随版本可能调整。事实带出处：`submission_id`、`sheet`、`row`。\n"
        "Facts and dimensions below the marts; they may change between versions.",
        *map(_core_table, models_under(MODELS / "core")),
    )
