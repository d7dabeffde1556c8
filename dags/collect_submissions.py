"""Airflow DAG collect_submissions: every ten minutes, empty the channels into raw store and ledger."""

from __future__ import annotations

from airflow.sdk import Asset, CronTriggerTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from notifiers import OperatorNotifier
from wiring import CHANNEL_POOL, RETRIES, Run, begin, channels, empty_channel

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

    @task(
        pool=CHANNEL_POOL,
        outlets=[SUBMISSIONS],
        map_index_template="channel {{ channel }}",
        on_failure_callback=OperatorNotifier(ends_night=False),
    )
    def collect(channel: str, run: Run) -> int:
        get_current_context()["channel"] = channel  # type: ignore[typeddict-unknown-key]
        received = empty_channel(channel, run)
        if not received:
            raise AirflowSkipException("nothing new")
        return received

    collect.partial(run=begin()).expand(channel=channels())


collect_submissions()
