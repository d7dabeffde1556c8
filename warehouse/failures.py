"""Failures of scheduled runs, told to the operator: the ledger keeps them, the outbox holds the message."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ingest.home import Home
from warehouse.instants import to_local, to_utc
from warehouse.night import Night, record_failure


def report_failure(home: Home, *, dag_id: str, task_id: str, run_id: str, started_at: datetime, reason: str) -> Path:
    """Record that a task failed for good; returns the message's path. The same failure is told once."""
    night = Night.at(to_utc(started_at))
    record_failure(home, night, f"{dag_id}.{task_id}: {reason}")
    folder = home.root / "outbox" / "operator"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{night.build_id}-{dag_id}-{task_id}.txt"
    path.write_text(
        f"{dag_id} failed in task {task_id}\n"
        f"run {run_id}, started {to_local(night.now):%Y-%m-%d %H:%M} Asia/Shanghai\n\n{reason}\n\n"
        "The warehouse of the night before stays published. Mend the cause and clear the failed task in Airflow,\n"
        "or run `jiedao nightly`: files that were collected are not lost and not read twice.\n",
        encoding="utf-8",
    )
    return path
