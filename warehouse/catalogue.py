"""What dbt's descriptions say of the stable tables: labels and meanings for those who take them away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.project import DBT_PROJECT_DIR

MODELS_DIR = DBT_PROJECT_DIR / "models"


@dataclass(frozen=True)
class Column:
    """A column of a mart: its type as in the contract, its Chinese label, its meaning."""

    name: str
    data_type: str
    label_zh: str
    description: str


@dataclass(frozen=True)
class Mart:
    """A stable table."""

    name: str
    title_zh: str
    description: str
    columns: tuple[Column, ...]


def models_under(folder: Path) -> list[dict[str, Any]]:
    """The documented models of a folder, in the order of their names."""
    files = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in folder.rglob("*.yml"))
    return sorted((model for file in files for model in file.get("models", [])), key=lambda model: str(model["name"]))


def meta_of(described: dict[str, Any], key: str) -> str:
    """One entry of the ``meta`` of a model or column; empty when it has none."""
    return str(described.get("config", {}).get("meta", {}).get(key, ""))


@cache
def marts() -> dict[str, Mart]:
    """Every mart by its name."""
    return {
        str(model["name"]): Mart(
            str(model["name"]),
            meta_of(model, "title_zh"),
            " ".join(str(model["description"]).split()),
            tuple(
                Column(
                    str(column["name"]),
                    str(column["data_type"]),
                    meta_of(column, "label_zh"),
                    " ".join(str(column["description"]).split()),
                )
                for column in model["columns"]
            ),
        )
        for model in models_under(MODELS_DIR / "marts")
    }
