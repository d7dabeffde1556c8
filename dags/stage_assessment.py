"""Airflow DAG stage_assessment: by hand, one stage, from what is known to a folder with its results.

It builds like the night but publishes nothing: the stage's scores go to ``releases/<stage>/<build>/``.
"""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException
from notifiers import OperatorNotifier
from wiring import RETRIES, WRITER_POOL, begin, build_core, build_marts, freeze, judge

from ingest.home import Home


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, "on_failure_callback": OperatorNotifier()},
    params={
        "stage": Param("S1", type="string", description="Code of the stage, such as S1."),
        "known_at": Param(None, type=["null", "string"], description="Assess what was known then (ISO). Default: now."),
    },
    tags=["assessment"],
    doc_md=__doc__,
)
def stage_assessment() -> None:
    """Assess one stage."""

    @task
    def choose_stage() -> str:
        from warehouse.release import UnknownStageError, check_stage

        try:
            return check_stage(str(get_current_context()["params"]["stage"]))
        except UnknownStageError as error:
            raise AirflowFailException(str(error)) from error

    @task(pool=WRITER_POOL)
    def release(folder: str, stage: str) -> str:
        from warehouse.release import write_preliminary

        return str(write_preliminary(Home.from_environment(), Path(folder), stage))

    stage = choose_stage()
    run = begin()
    stage >> run
    release(build_marts(judge(build_core(freeze(run)))), stage)


stage_assessment()
