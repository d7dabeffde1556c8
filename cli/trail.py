"""The audit log of the command line: who took figures away, and who may look at them."""

from __future__ import annotations

import sqlalchemy as sa

from cli.output import tell_progress
from ingest.home import Home

#: As wide as the ledger's column.
_SUBJECT_CHARS = 64


def record(home: Home, event: str, subject: str) -> None:
    """Write one line; where there is only a copy of the warehouse and no ledger to write to, say so and go on."""
    from getpass import getuser

    from warehouse.instants import utc_now
    from warehouse.night import open_ledger

    try:
        with open_ledger(home) as ledger:
            told = " ".join(subject.split())[:_SUBJECT_CHARS]
            ledger.add_audit_event(at=utc_now(), user_name=f"os:{getuser()}", event=event, subject=told)
    except (OSError, sa.exc.SQLAlchemyError) as error:
        tell_progress(f"not in the audit log: {str(error).splitlines()[0]}")
