"""Tasks that more than one DAG of this folder strings together. Each calls one function and passes ids and paths on.

The instant of a run is the instant at which Airflow started it: no task reads a clock, so a task that is run again
does the same once more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from notifiers import OperatorNotifier

from ingest.home import Home

#: Pools, their sizes stand in deploy/pools.json.
WRITER_POOL = "warehouse_writer"
PARSE_POOL = "parse"
CHANNEL_POOL = "channels"

#: The published warehouse; what reads it after each publish starts by it.
PUBLISHED = Asset("published_warehouse")

RETRIES = {
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
}

#: What the tasks hand on: the instants of the run, as text.
Run = dict[str, str]


def night_of(run: Run) -> Any:
    """The run's instants as the steps want them."""
    from warehouse.night import Night

    return Night.at(datetime.fromisoformat(run["now"]), datetime.fromisoformat(run["known_at"]))


@task
def begin() -> Run:
    """Fix the instants of the run: its start, and what it shall know (parameter ``known_at``, default the start)."""
    from warehouse.instants import parse_instant, to_utc

    context = get_current_context()
    dag_run = context["dag_run"]
    now = to_utc(dag_run.start_date or dag_run.run_after)
    asked = context["params"].get("known_at")
    known_at = parse_instant(str(asked)) if asked else now
    return {"now": now.isoformat(), "known_at": known_at.isoformat()}


@task(on_failure_callback=OperatorNotifier(ends_night=False))
def channels() -> list[str]:
    """Names of the channels to empty."""
    from ingest.channels.settings import ChannelSettingsError, load_channel_settings

    try:
        return [one.name for one in load_channel_settings(Home.from_environment())]
    except ChannelSettingsError as error:
        raise AirflowFailException(str(error)) from error  # trying again does not mend it


def empty_channel(name: str, run: Run) -> int:
    """Empty one channel, by its Airflow connection where it names one; returns how many files are new.

    A channel that fails is tried again, and then told to the operator; the others do not wait for it.
    """
    from airflow.sdk import Connection as AirflowConnection

    from ingest.channels.settings import Connection, load_channel_settings
    from warehouse import night

    home = Home.from_environment()
    [settings] = [one for one in load_channel_settings(home) if one.name == name]
    connection = None
    if settings.connection:
        found = AirflowConnection.get(settings.connection)
        connection = Connection(found.host, found.port, found.login, found.password, found.extra_dejson)
    collected = night.collect_channel(home, settings, night_of(run).now, connection=connection)
    if collected.failure:
        raise AirflowException(collected.failure)
    return len(collected.received)


@task(pool=WRITER_POOL, trigger_rule="none_failed")
def freeze(run: Run) -> str:
    """Freeze the inputs of the build; returns its folder."""
    from warehouse import night

    full_refresh = bool(get_current_context()["params"].get("full_refresh"))
    return str(night.freeze_inputs(Home.from_environment(), night_of(run), full_refresh=full_refresh).folder)


@task(pool=WRITER_POOL)
def build_core(folder: str) -> str:
    """Run dbt from the seeds to the indicators; returns the folder of the build."""
    from warehouse import night
    from warehouse.build import BuildFailedError

    try:
        night.build_core(Home.from_environment(), Path(folder))
    except BuildFailedError as error:
        raise AirflowFailException(str(error)) from error  # a wrong warehouse is not mended by trying again
    return folder


@task(pool=WRITER_POOL)
def judge(folder: str) -> str:
    """Let Great Expectations judge the indicators by the rule book; returns the folder of the build."""
    from expectations.build import judge_build

    judge_build(Home.from_environment(), Path(folder))
    return folder


@task(pool=WRITER_POOL)
def build_marts(folder: str) -> str:
    """Run dbt from the outcomes to the marts; its tests are the audit gate. Returns the folder of the build."""
    from warehouse import night
    from warehouse.build import BuildFailedError

    try:
        night.build_marts(Home.from_environment(), Path(folder))
    except BuildFailedError as error:
        raise AirflowFailException(str(error)) from error
    return folder
