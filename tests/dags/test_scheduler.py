"""The nightly under a real scheduler: LocalExecutor, real tasks, real retries, to a published warehouse."""

from __future__ import annotations

import os
from pathlib import Path

from ingest.home import Home
from samples import generate
from tests.support.airflow import airflow_home
from warehouse.ask import ask

PROJECT = Path(__file__).resolve().parents[2]


def test_the_nightly_runs_to_success_under_a_real_scheduler(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").prepare()
    summary = generate(home.root, "440103", ["2025-Q4"], workers=1)
    settings = {"JIEDAO_HOME": str(home.root), "PYTHONPATH": str(PROJECT), "PATH": os.environ["PATH"]}
    with airflow_home(
        tmp_path, PROJECT / "dags", settings, {"warehouse_writer": 1, "parse": 2, "channels": 4}
    ) as airflow:
        airflow.trigger("nightly_consolidation", timeout=400)
        # Shortly after 01:30 in Shanghai the schedule starts a run of its own, which may be the one that parses.
        runs = [run["dag_run_id"] for run in airflow.runs("nightly_consolidation")]
        results = [airflow.wait("nightly_consolidation", run_id, timeout=400) for run_id in runs]
        assert {result.state for result in results} == {"success"}, airflow.logs()
        labels = [task.map_label for result in results for task in result.tasks if task.task_id == "parse"]
        assert any(label and label.startswith("batch ") for label in labels)
        assessed = airflow.trigger("stage_assessment", {"stage": "S1"}, timeout=300)
        assert assessed.state == "success", airflow.logs()
    received = ask(home, "select count(*) from core.fct_submission").rows[0][0]
    assert received == summary.workbook_count
    assert list((home.root / "assessments" / "S1").glob("*/mart_stage_score.parquet"))
