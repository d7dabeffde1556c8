"""What happens when an Airflow task has failed for good."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseNotifier

from ingest.home import Home


class OperatorNotifier(BaseNotifier):
    """Tell the operator: a line in the ledger, and a text in the outbox that says what failed and where to look."""

    template_fields = ()

    def __init__(self, *, ends_night: bool = True) -> None:
        """``ends_night``: whether the failure keeps the run from going on."""
        super().__init__()
        self.ends_night = ends_night

    def notify(self, context: Any) -> None:
        """Write the notice; no personal data, only ids."""
        from warehouse.failures import report_failure

        instance, run = context["task_instance"], context["dag_run"]
        report_failure(
            Home.from_environment(),
            dag_id=instance.dag_id,
            task_id=instance.task_id if instance.map_index < 0 else f"{instance.task_id}-{instance.map_index}",
            run_id=run.run_id,
            started_at=run.start_date or run.run_after,
            reason=str(context.get("exception") or "the task ended without saying why"),
            ends_night=self.ends_night,
        )
