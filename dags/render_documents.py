"""Airflow DAG render_documents: after each publish, one document per unit for the pages of the portal.

It stands apart from the night: pages that go on showing yesterday's build must not make the night look failed.
"""

from __future__ import annotations

from airflow.sdk import dag, task
from notifiers import OperatorNotifier
from wiring import PUBLISHED, RETRIES

from ingest.home import Home


@dag(
    schedule=[PUBLISHED],
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, "on_failure_callback": OperatorNotifier(ends_night=False)},
    tags=["portal"],
    doc_md=__doc__,
)
def render_documents() -> None:
    """Render what is published."""

    @task
    def render() -> int:
        from portal.documents.render import render as render_all

        return render_all(Home.from_environment()).document_count

    render()


render_documents()
