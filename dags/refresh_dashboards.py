"""Airflow DAG refresh_dashboards: after each publish, the charts of a Superset on this home are asked once.

It stands apart from the night, and a Superset that is down is told in its log and fails nothing.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException
from notifiers import OperatorNotifier
from wiring import PUBLISHED, RETRIES

from ingest.home import Home


@dag(
    schedule=[PUBLISHED],
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, "on_failure_callback": OperatorNotifier(ends_night=False)},
    tags=["dashboards"],
    doc_md=__doc__,
)
def refresh_dashboards() -> None:
    """Warm the cache of the dashboards."""

    @task
    def warm() -> str:
        from dashboards.refresh import refresh_dashboards as refresh

        told = refresh(Home.from_environment())
        if not told:
            raise AirflowSkipException("no Superset runs on this home")
        return told

    warm()


refresh_dashboards()
