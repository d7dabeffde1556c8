"""What ``assets/`` holds, as far as the access script and the warming need it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ASSETS = Path(__file__).with_name("assets")
#: Name of the one database.
DATABASE = "街道数据仓库"


def load(kind: str) -> list[dict[str, Any]]:
    """Every file of ``databases``, ``datasets``, ``charts`` or ``dashboards``, by name."""
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((ASSETS / kind).glob("*.yaml"))]


def column_names(dataset: dict[str, Any]) -> set[str]:
    """The columns of a dataset."""
    return {column["column_name"] for column in dataset["columns"]}


def shown_datasets() -> set[str]:
    """Names of the datasets behind the charts and filters of the dashboards."""
    names = {dataset["uuid"]: dataset["table_name"] for dataset in load("datasets")}
    used = {chart["dataset_uuid"] for chart in load("charts")}
    for dashboard in load("dashboards"):
        for one in dashboard["metadata"]["native_filter_configuration"]:
            used |= {target["datasetUuid"] for target in one["targets"]}
    return {names[one] for one in used}
