"""Airflow DAG send_alerts: after each publish, messages to streets and to those above them.

It stands apart from the night: a mail server that is down must not make a published warehouse look like a failed night.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from notifiers import OperatorNotifier
from wiring import PUBLISHED, RETRIES, Run, begin, night_of

from ingest.home import Home


@dag(
    schedule=[PUBLISHED],
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, "on_failure_callback": OperatorNotifier()},
    params={"known_at": None},
    tags=["alerts"],
    doc_md=__doc__,
)
def send_alerts() -> None:
    """Write what is due into the outbox, then send what waits."""

    @task
    def write_and_send(run: Run) -> str:
        from alerts.run import send_alerts as send

        return send(Home.from_environment(), now=night_of(run).now).told()

    write_and_send(begin())


send_alerts()
