"""Airflow DAG nightly_consolidation: every night at 01:30, from what arrived to the published warehouse.

collect -> plan -> parse (one mapped task per batch) -> freeze -> dbt to the indicators -> Great Expectations -> dbt to
the marts, whose tests are the audit gate -> publish by atomic swap.
"""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException
from notifiers import OperatorNotifier
from wiring import (
    CHANNEL_POOL,
    PARSE_POOL,
    PUBLISHED,
    RETRIES,
    WRITER_POOL,
    Run,
    begin,
    build_core,
    build_marts,
    channels,
    empty_channel,
    freeze,
    judge,
    night_of,
)

from ingest.home import Home


@dag(
    schedule=CronTriggerTimetable("30 1 * * *", timezone="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, "on_failure_callback": OperatorNotifier()},
    params={
        "known_at": Param(None, type=["null", "string"], description="Build what was known then (ISO). Default: now."),
        "full_refresh": Param(False, type="boolean", description="Make every table anew from the lake."),
    },
    tags=["nightly"],
    doc_md=__doc__,
)
def nightly_consolidation() -> None:
    """Collect, check, build, judge, publish."""

    @task(
        pool=CHANNEL_POOL,
        map_index_template="channel {{ channel }}",
        on_failure_callback=OperatorNotifier(ends_night=False),
    )
    def collect(channel: str, run: Run) -> int:
        get_current_context()["channel"] = channel  # type: ignore[typeddict-unknown-key]
        return empty_channel(channel, run)

    # A channel that is broken has told the operator; the night goes on with what the others brought.
    @task(trigger_rule="all_done")
    def plan() -> list[str]:
        from warehouse import night

        return night.plan(Home.from_environment())

    @task(pool=PARSE_POOL, map_index_template="batch {{ batch_id }}")
    def parse(batch_id: str, run: Run) -> None:
        from warehouse import night

        get_current_context()["batch_id"] = batch_id  # type: ignore[typeddict-unknown-key]
        night.parse(Home.from_environment(), batch_id, night_of(run).now)

    @task(pool=WRITER_POOL, outlets=[PUBLISHED])
    def publish(folder: str, run: Run) -> str:
        from warehouse import night
        from warehouse.publish import PublishRefusedError

        try:
            return str(night.publish_build(Home.from_environment(), Path(folder), night_of(run).now)["build_id"])
        except PublishRefusedError as error:
            raise AirflowFailException(str(error)) from error

    run = begin()
    planned = plan()
    collect.partial(run=run).expand(channel=channels()) >> planned
    parsed = parse.partial(run=run).expand(batch_id=planned)
    frozen = freeze(run)
    parsed >> frozen
    publish(build_marts(judge(build_core(frozen))), run)


nightly_consolidation()
