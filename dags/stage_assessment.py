"""Airflow DAG stage_assessment: by hand, one stage, from what is known to a folder with its results.

It calls the function behind ``jiedao assess``, publishes nothing and writes ``assessments/<stage>/<known_at>/``.
"""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException
from notifiers import OperatorNotifier
from wiring import RETRIES, WRITER_POOL, Run, begin

from ingest.home import Home


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, "on_failure_callback": OperatorNotifier()},
    params={
        "stage": Param("S1", type="string", description="Code of the stage, such as S1."),
        "known_at": Param(None, type=["null", "string"], description="Assess what was known then (ISO). Default: now."),
        "rulebook": Param(None, type=["null", "string"], description="Version of the rule book. Default: as it is."),
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
    def assess(run: Run, stage: str) -> str:
        from expectations.build import judge_in_place
        from warehouse import assess as assessing
        from warehouse.build import BuildFailedError
        from warehouse.enrolment import EnrolmentError
        from warehouse.rulebook_files import RulebookError
        from warehouse.stages import StageNotOpenError

        rulebook = get_current_context()["params"].get("rulebook")
        known_at = datetime.fromisoformat(run["known_at"])
        try:
            found = assessing.assess(
                Home.from_environment(), stage, known_at=known_at, judge=judge_in_place, rulebook=rulebook
            )
        except (BuildFailedError, EnrolmentError, RulebookError, StageNotOpenError) as error:
            raise AirflowFailException(str(error)) from error  # trying again does not mend it
        return str(found.folder)

    stage = choose_stage()
    run = begin()
    stage >> run
    assess(run, stage)


stage_assessment()
