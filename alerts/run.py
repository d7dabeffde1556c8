"""One run of the messages: write what is due, then send what waits. What the night, the CLI and Airflow call."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alerts.delivery import deliver, sole_sender
from alerts.outbox import write_messages
from alerts.settings import AlertSettings
from ingest.contacts import load_contacts
from ingest.home import Home
from ingest.registers import Registers
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AlertsResult:
    """Messages written in this run, and what became of those that waited."""

    written: int
    sent: int
    failed: int
    unaddressed: int

    def told(self) -> str:
        """The result as one line for the operator."""
        return (
            f"{self.written} messages written, {self.sent} sent, {self.failed} failed, "
            f"{self.unaddressed} stay in the outbox (nobody to send them to)"
        )


def send_alerts(
    home: Home, *, now: datetime, unit_code: str | None = None, progress: Callable[[str], None] | None = None
) -> AlertsResult:
    """Write and send. Raises AlertSettingsError and `warehouse.ask.NothingPublishedError`; ``now`` is UTC."""
    settings = AlertSettings.load(home.programme)
    registers = Registers(REFERENCE_DIR, RULEBOOK_DIR)
    contacts = load_contacts(home.programme / "contacts.csv", registers.unit_names)
    for problem in contacts.problems:
        log.warning("%s", problem)
    with sole_sender(home):
        written = write_messages(home, settings, registers, now=now, unit_code=unit_code, progress=progress)
        result = deliver(home, settings, contacts, now=now, progress=progress)
    return AlertsResult(written, result.sent, result.failed, result.unaddressed)
