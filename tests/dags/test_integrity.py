"""The DAGs import, hold no logic, and are wired as the architecture says."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DAGS = PROJECT / "dags"
NIGHT = ["begin", "channels", "collect", "plan", "parse", "freeze", "build_core", "judge", "build_marts", "publish"]


@pytest.fixture(scope="module")
def dags() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(DAGS))
    assert bag.import_errors == {}
    return dict(bag.dags)


def test_there_are_the_five_dags(dags: dict[str, Any]) -> None:
    after_publish = ["render_documents", "send_alerts"]
    assert sorted(dags) == ["collect_submissions", "nightly_consolidation", *after_publish, "stage_assessment"]


@pytest.mark.parametrize(
    ("dag_id", "cron"), [("collect_submissions", "*/10 * * * *"), ("nightly_consolidation", "30 1 * * *")]
)
def test_schedules_are_in_shanghai_time_and_do_not_catch_up(dags: dict[str, Any], dag_id: str, cron: str) -> None:
    dag = dags[dag_id]
    assert dag.timetable.expression == cron
    assert str(dag.timetable.timezone) == "Asia/Shanghai"
    assert dag.catchup is False
    assert dag.max_active_runs == 1


def test_mails_are_answered_whatever_became_of_the_channels(dags: dict[str, Any]) -> None:
    reply = dags["collect_submissions"].get_task("reply")
    assert "collect" in reply.upstream_task_ids
    assert reply.trigger_rule == "all_done"


def test_stage_assessment_is_started_by_hand(dags: dict[str, Any]) -> None:
    assert dags["stage_assessment"].schedule is None
    assert "stage" in dags["stage_assessment"].params


@pytest.mark.parametrize("dag_id", ["render_documents", "send_alerts"])
def test_pages_and_messages_follow_each_publish(dags: dict[str, Any], dag_id: str) -> None:
    [published] = dags["nightly_consolidation"].get_task("publish").outlets
    [awaited] = dags[dag_id].timetable.asset_condition.objects
    assert awaited.name == published.name


def test_the_night_runs_in_the_order_of_the_architecture(dags: dict[str, Any]) -> None:
    dag = dags["nightly_consolidation"]
    order = [task.task_id for task in dag.topological_sort()]
    assert order == NIGHT
    assert dag.get_task("parse").is_mapped


@pytest.mark.parametrize("task_id", ["freeze", "build_core", "judge", "build_marts", "publish"])
def test_whoever_writes_the_warehouse_waits_for_the_one_writer(dags: dict[str, Any], task_id: str) -> None:
    assert dags["nightly_consolidation"].get_task(task_id).pool == "warehouse_writer"


def test_every_task_is_tried_again_with_growing_pauses_and_tells_the_operator(dags: dict[str, Any]) -> None:
    tasks = [task for dag in dags.values() for task in dag.tasks]
    assert len(tasks) > len(NIGHT)
    for task in tasks:
        settings = task.partial_kwargs if task.is_mapped else vars(task)
        assert settings["retries"] >= 2, task.task_id
        assert settings["retry_exponential_backoff"], task.task_id
        assert settings["max_retry_delay"] <= timedelta(minutes=10)
        assert settings["on_failure_callback"], task.task_id


def test_collecting_emits_the_asset(dags: dict[str, Any]) -> None:
    [asset] = dags["collect_submissions"].get_task("collect").outlets
    assert asset.uri == "jiedao://submissions/"


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_dag_files_import_nothing_heavy_when_they_are_parsed(path: Path) -> None:
    heavy = {"duckdb", "pandas", "pyarrow", "great_expectations", "dbt", "warehouse", "expectations", "samples"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in tree.body
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported & heavy == set()


@pytest.mark.parametrize(
    "package", ["ingest", "warehouse", "expectations", "exports", "alerts", "portal", "samples", "cli"]
)
def test_no_package_of_ours_imports_airflow(package: str) -> None:
    for path in (PROJECT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "airflow" for name in names), path


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("ingest", set()),
        ("warehouse", {"ingest"}),
        ("expectations", {"warehouse", "ingest"}),
        ("alerts", {"warehouse", "ingest"}),
        ("portal", {"warehouse", "ingest"}),
        ("samples", {"ingest"}),
    ],
)
def test_packages_import_only_what_the_architecture_allows(package: str, allowed: set[str]) -> None:
    ours = {"ingest", "warehouse", "expectations", "exports", "alerts", "portal", "samples", "cli", "dags"} - {package}
    for path in (PROJECT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            used = {name.split(".")[0] for name in names} & ours
            assert used <= allowed, f"{path} imports {used - allowed}"


def test_importing_the_command_line_is_quick_because_heavy_libraries_wait() -> None:
    code = "import cli.main, sys; print([m for m in ('pandas', 'great_expectations', 'dbt') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
