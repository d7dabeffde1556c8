"""The warehouse's half of ``docs/data_dictionary.md``: marts and core from dbt's own descriptions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ingest.forms import load_forms
from scripts.docs.markdown import code, document, one_line, read_csv, table
from warehouse.catalogue import MODELS_DIR, meta_of, models_under

HEADER = ("列 Column", "类型 Type", "名称 Label", "Meaning")


def core_label(model: str, column: str) -> str:
    """Chinese name of a column of core: the header of the form's field, else a name of ours, else that of the marts.

    Raises KeyError for a column without any.
    """
    of_sheet, common = _labels()
    return of_sheet.get((model.removeprefix("fct_"), column)) or common[column]


@cache
def _labels() -> tuple[dict[tuple[str, str], str], dict[str, str]]:
    """Names by entity and field, and names that hold wherever a column stands."""
    fields = [
        (sheet.entity, field) for form in load_forms().values() for sheet in form.sheets for field in sheet.fields
    ]
    common = {field.name: field.header_zh for _, field in fields}
    for model in models_under(MODELS_DIR / "marts"):
        common |= {str(column["name"]): meta_of(column, "label_zh") for column in model["columns"]}
    common |= {row["column"]: row["label_zh"] for row in read_csv(Path(__file__).with_name("core_labels.csv"))}
    return {(entity, field.name): field.header_zh for entity, field in fields}, common


def _table(schema: str, model: dict[str, Any], header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return document(
        f"### `{schema}.{model['name']}`",
        f"**{meta_of(model, 'title_zh')}** — {one_line(model['description'])}",
        table(header, rows),
    )


def _mart(model: dict[str, Any]) -> str:
    rows = [
        (code(column["name"]), column["data_type"], meta_of(column, "label_zh"), column["description"])
        for column in model["columns"]
    ]
    return _table("marts", model, HEADER, rows)


def _core_table(model: dict[str, Any]) -> str:
    rows = [
        (code(column["name"]), core_label(str(model["name"]), str(column["name"])), column["description"])
        for column in model["columns"]
    ]
    return _table("core", model, (HEADER[0], *HEADER[2:]), rows)


def render() -> str:
    """Marts with types, then core."""
    return document(
        "## 数据集市 Marts",
        "供查询和展示的稳定表，列和类型有约定，构建时检查。\n"
        "单位代码：省2位、市4位、区6位、街道9位；时刻为世界时（UTC）；得分以千分之一分计。\n"
        "Stable tables for queries and pages; their columns and types are contracts that each build checks.\n"
        "Instants (`_at`) are UTC without a zone; scores are whole thousandths of a point.",
        *map(_mart, models_under(MODELS_DIR / "marts")),
        "## 核心表 Core",
        "集市以下的事实和维度，随版本可能调整。事实带出处：`submission_id`、`sheet`、`row`。\n"
        "Facts and dimensions below the marts; they may change between versions.",
        *map(_core_table, models_under(MODELS_DIR / "core")),
    )
