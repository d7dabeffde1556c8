"""Failures of scheduled runs, told to the operator: the ledger keeps them, the outbox holds the message."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ingest.home import Home
from warehouse.instants import to_local, to_utc
from warehouse.night import Night, record_failure

_NIGHT_ENDED = """\
The warehouse of the night before stays published. Mend the cause and clear the failed task in Airflow,
or run `jiedao nightly`: files that were collected are not lost and not read twice.
"""
_NIGHT_GOES_ON = """\
The night goes on with what the other channels brought; what this one holds waits there. Mend the cause, and clear the
failed task in Airflow or run `jiedao collect`.
"""


def report_failure(
    home: Home, *, dag_id: str, task_id: str, run_id: str, started_at: datetime, reason: str, ends_night: bool = True
) -> Path:
    """Record that a task failed for good; returns the message's path. The same failure is told once.

    A failure that does not end the night is in the ledger already, as an event of its channel.
    """
    night = Night.at(to_utc(started_at))
    if ends_night:
        record_failure(home, night, f"{dag_id}.{task_id}: {reason}")
    folder = home.root / "outbox" / "operator"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{night.build_id}-{dag_id}-{task_id}.txt"
    path.write_text(
        f"{dag_id} failed in task {task_id}\n"
        f"run {run_id}, started {to_local(night.now):%Y-%m-%d %H:%M} Asia/Shanghai\n\n{reason}\n\n"
        f"{_NIGHT_ENDED if ends_night else _NIGHT_GOES_ON}",
        encoding="utf-8",
    )
    return path
