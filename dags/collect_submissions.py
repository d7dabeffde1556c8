"""Airflow DAG collect_submissions: every ten minutes, empty the channels and answer the mails."""

from __future__ import annotations

from airflow.sdk import Asset, CronTriggerTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from notifiers import OperatorNotifier
from wiring import CHANNEL_POOL, RETRIES, Run, begin, channels, empty_channel, night_of

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
    """Receive what lies in the channels, and answer."""

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

    # Whatever became of the channels: what they brought is in the ledger, and its senders wait.
    @task(trigger_rule="all_done", on_failure_callback=OperatorNotifier(ends_night=False))
    def reply(run: Run) -> str:
        from alerts.replies import send_replies

        return send_replies(Home.from_environment(), now=night_of(run).now).told()

    run = begin()
    collect.partial(run=run).expand(channel=channels()) >> reply(run)


collect_submissions()
