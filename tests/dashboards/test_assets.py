"""The dashboards as they lie in the repository: whole, and in the words of the warehouse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboards.assets import ASSETS, DATABASE, column_names, load, shown_datasets
from dashboards.roles import permissions
from warehouse.ask import SEALED
from warehouse.catalogue import marts

DATASETS = {one["uuid"]: one for one in load("datasets")}
OF_MARTS = {one["table_name"]: one for one in DATASETS.values() if "sql" not in one}
CHARTS = {one["uuid"]: one for one in load("charts")}
DASHBOARDS = {one["slug"]: one for one in load("dashboards")}
by_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=lambda chart: str(chart["slice_name"]))
by_dashboard = pytest.mark.parametrize("dashboard", DASHBOARDS.values(), ids=lambda one: str(one["slug"]))


def metrics_of(dataset: dict[str, Any]) -> dict[str, str]:
    return {metric["metric_name"]: metric["verbose_name"] for metric in dataset["metrics"]}


def asked(params: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Columns and metrics that a chart asks for."""
    columns = {*params.get("groupby", []), *params.get("all_columns", []), *filter(None, [params.get("x_axis")])}
    metrics = {*params.get("metrics", []), *filter(None, [params.get("metric"), params.get("timeseries_limit_metric")])}
    return columns, metrics


def test_every_mart_is_a_dataset() -> None:
    assert OF_MARTS.keys() == marts().keys()


@pytest.mark.parametrize("name", OF_MARTS)
def test_a_dataset_has_the_columns_and_labels_of_its_mart(name: str) -> None:
    dataset, mart = OF_MARTS[name], marts()[name]
    stored = {one["column_name"]: one["verbose_name"] for one in dataset["columns"] if "expression" not in one}
    assert stored == {column.name: column.label_zh for column in mart.columns}
    assert dataset["schema"] == "marts"
    assert dataset["description"] == mart.title_zh
    assert [one["verbose_name"] for one in [*dataset["columns"], *dataset["metrics"]] if not one["verbose_name"]] == []


@pytest.mark.parametrize("name", OF_MARTS)
def test_a_metric_in_percent_names_what_it_is_divided_by(name: str) -> None:
    for metric in OF_MARTS[name]["metrics"]:
        if "100.0 *" in metric["expression"]:
            assert "／" in metric["verbose_name"], metric["metric_name"]
            assert "nullif(" in metric["expression"]


@by_chart
def test_a_chart_asks_for_what_its_dataset_has_and_stores_the_same_query(chart: dict[str, Any]) -> None:
    dataset = DATASETS[chart["dataset_uuid"]]
    columns, metrics = asked(chart["params"])
    assert columns <= column_names(dataset)
    assert metrics <= metrics_of(dataset).keys()
    [query] = json.loads(chart["query_context"])["queries"]
    named = {one["label"] if isinstance(one, dict) else one for one in query["columns"]}
    assert named == columns
    assert set(query.get("metrics") or []) == metrics
    assert {one["col"] for one in query["filters"]} == {one["subject"] for one in chart["params"]["adhoc_filters"]}


@by_dashboard
def test_a_dashboard_shows_charts_that_exist_within_twelve_columns(dashboard: dict[str, Any]) -> None:
    position = dashboard["position"]
    shown = {one["meta"]["uuid"] for one in position.values() if isinstance(one, dict) and one.get("type") == "CHART"}
    assert shown
    assert shown <= CHARTS.keys()
    for row in position["GRID_ID"]["children"]:
        assert sum(position[child]["meta"]["width"] for child in position[row]["children"]) == 12


def test_there_are_four_dashboards_and_every_chart_is_on_one() -> None:
    titles = {one["dashboard_title"] for one in DASHBOARDS.values()}
    assert titles == {"各级总览", "报送与质量", "规则", "阶段考核"}
    placed = [
        one["meta"]["uuid"]
        for dashboard in DASHBOARDS.values()
        for one in dashboard["position"].values()
        if isinstance(one, dict) and one.get("type") == "CHART"
    ]
    assert sorted(placed) == sorted(CHARTS)


@by_dashboard
def test_a_dashboard_is_filtered_by_time_and_place(dashboard: dict[str, Any]) -> None:
    columns = set()
    for one in dashboard["metadata"]["native_filter_configuration"]:
        [target] = one["targets"]
        assert target["column"]["name"] in column_names(DATASETS[target["datasetUuid"]])
        columns.add(target["column"]["name"])
        # without the second, the first value is shown as chosen and not asked for
        assert one["controlValues"]["defaultToFirstItem"] == one.get("requiredFirst", False)
    assert {"province_name", "city_name", "district_name", "unit_name"} <= columns
    assert columns & {"period", "stage_code"}


def test_what_is_shown_names_the_unit_that_each_row_belongs_to() -> None:
    for name in shown_datasets():
        [dataset] = [one for one in DATASETS.values() if one["table_name"] == name]
        assert len(column_names(dataset) & {"unit_code", "scope_code"}) == 1


def test_the_database_is_read_only_sealed_limited_and_lies_nowhere() -> None:
    [database] = load("databases")
    connection = database["extra"]["engine_params"]["connect_args"]
    assert database["database_name"] == DATABASE
    assert database["sqlalchemy_uri"] == "duckdb:///warehouse.duckdb"
    assert connection["read_only"] is True
    assert connection["config"].items() >= SEALED.items()
    assert {"memory_limit", "threads"} <= connection["config"].keys()
    assert not any(database[one] for one in ("allow_dml", "allow_ctas", "allow_cvas", "allow_csv_upload"))


def test_every_file_has_a_number_of_its_own() -> None:
    kinds = ("databases", "datasets", "charts", "dashboards")
    numbers = [one["uuid"] for kind in kinds for one in load(kind)]
    assert len(numbers) == len(set(numbers)) == len(list(ASSETS.rglob("*.yaml"))) - 1


def test_readers_of_dashboards_may_change_nothing_but_their_own_view() -> None:
    changing = {(what, thing) for what, thing in permissions()["仪表板读者"] if "write" in what}
    assert changing == {("can_write", "DashboardFilterStateRestApi"), ("can_write", "DashboardPermalinkRestApi")}
