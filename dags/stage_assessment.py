"""Airflow DAG stage_assessment: by hand, one stage, from what is known to a folder with its results.

It builds like the night but publishes nothing: the stage's scores go to ``releases/<stage>/<build>/``.
"""

from __future__ import annotations

from pathlib import Path

from airflow.sdk import Param, dag, get_current_context, task
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

    @task(pool=WRITER_POOL)
    def release(folder: str) -> str:
        from warehouse.release import write_preliminary

        stage = str(get_current_context()["params"]["stage"])
        return str(write_preliminary(Home.from_environment(), Path(folder), stage))

    release(build_marts(judge(build_core(freeze(begin())))))


stage_assessment()
