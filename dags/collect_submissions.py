"""Airflow DAG collect_submissions: every ten minutes, empty the channels into raw store and ledger."""

from __future__ import annotations

from airflow.sdk import Asset, CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException
from notifiers import OperatorNotifier
from wiring import RETRIES, Run, begin

from ingest.home import Home

#: Updated whenever a new file has come in; other DAGs may wait for it.
SUBMISSIONS = Asset(name="submissions", uri="jiedao://submissions/")


@dag(
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, "on_failure_callback": OperatorNotifier()},
    params={"known_at": None},
    tags=["ingest"],
    doc_md=__doc__,
)
def collect_submissions() -> None:
    """Receive what lies in the channels."""

    @task(outlets=[SUBMISSIONS])
    def collect(run: Run) -> int:
        from wiring import night_of

        from warehouse import night

        collected = night.collect(Home.from_environment(), night_of(run).now)
        if not collected.received:
            raise AirflowSkipException("nothing new")
        return len(collected.received)

    collect(begin())


collect_submissions()
