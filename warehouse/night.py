"""The steps of the nightly run, each a function of ids and instants, so that Airflow and the CLI run the same ones.

begin -> collect -> plan -> parse (per batch) -> freeze -> build core -> judge -> build marts -> publish. Judging is
``expectations.judge`` and stands between the two builds; everything else is here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.batch import BatchResult, process_batch, senders_units
from ingest.channels.arrivals import ChannelError
from ingest.channels.collect import Collected, collect, failed
from ingest.channels.settings import (
    CHANNELS_FILE,
    ChannelSettings,
    ChannelSettingsError,
    Connection,
    load_channel_settings,
    open_channel,
)
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.registers import Registers
from warehouse.build import AFTER_JUDGING, BEFORE_JUDGING, DbtResult, run_dbt, start_database
from warehouse.enrolment import note_enrolment
from warehouse.freeze import FrozenBuild, freeze
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR
from warehouse.publish import publish

log = logging.getLogger(__name__)

#: Files checked by one task: large enough to pay for a task's overhead, small enough to lose little in a crash.
BATCH_SIZE = 200


@dataclass(frozen=True)
class Night:
    """One nightly run: its instant, and what it shall know. All instants are UTC without a zone."""

    now: datetime
    known_at: datetime

    @property
    def build_id(self) -> str:
        """Name of the run's build; it sorts by time."""
        return f"{self.now:%Y%m%dT%H%M%S%f}"

    @classmethod
    def at(cls, now: datetime, known_at: datetime | None = None) -> Night:
        """The run that starts at ``now`` and knows what was known at ``known_at`` (default: everything)."""
        return cls(now, known_at or now)


@contextmanager
def open_ledger(home: Home) -> Iterator[Ledger]:
    """The home's ledger, closed again at the end."""
    ledger = Ledger(home.prepare().ledger_url)
    try:
        yield ledger
    finally:
        ledger.close()


def collect_channel(
    home: Home,
    settings: ChannelSettings,
    now: datetime,
    *,
    connection: Connection | None = None,
    progress: Callable[[str], None] | None = None,
) -> Collected:
    """Empty one channel into raw store and ledger; a channel that fails says so in its `Collected`.

    ``connection`` replaces what it says of address and secrets.
    """
    with open_ledger(home) as ledger:
        try:
            channel = open_channel(home, settings, Registers(REFERENCE_DIR, RULEBOOK_DIR), connection)
        except ChannelError as error:
            return failed(ledger, settings.name, str(error), now)
        collected = collect(home, ledger, channel, now=now, progress=progress)
    for path in collected.left:
        log.warning("channel %s: left: %s", settings.name, path)
    return collected


def collect_channels(home: Home, now: datetime, progress: Callable[[str], None] | None = None) -> list[Collected]:
    """Empty every channel; one that fails does not stop the others, and neither does a wrong ``channels.yml``."""
    try:
        channels = load_channel_settings(home)
    except ChannelSettingsError as error:
        with open_ledger(home) as ledger:
            return [failed(ledger, CHANNELS_FILE, str(error), now)]
    return [collect_channel(home, settings, now, progress=progress) for settings in channels]


def plan(home: Home) -> list[str]:
    """Ids of the batches of files that wait for a decision."""
    with open_ledger(home) as ledger:
        units = senders_units(home, ledger, registers=Registers(REFERENCE_DIR, RULEBOOK_DIR))
        return sorted(ledger.plan_batches(BATCH_SIZE, units))


def parse(home: Home, batch_id: str, now: datetime) -> BatchResult:
    """Check, land and decide one batch."""
    with open_ledger(home) as ledger:
        registers = Registers(REFERENCE_DIR, RULEBOOK_DIR)
        return process_batch(home, ledger, batch_id, registers=registers, now=now)


def freeze_inputs(home: Home, night: Night, *, full_refresh: bool = False) -> FrozenBuild:
    """Freeze what the build depends on, record that it has started, and clear away the databases of failed builds."""
    with open_ledger(home) as ledger:
        for failed in (event["build_id"] for event in ledger.builds() if event["state"] == "failed"):
            for database in (home.builds / failed).glob("*.duckdb*"):
                database.unlink()
        note_enrolment(home, ledger, night.now)
        build = freeze(
            home,
            ledger,
            build_id=night.build_id,
            started_at=night.now,
            known_at=night.known_at,
            full_refresh=full_refresh,
        )
        ledger.add_build(build.build_id, "started", recorded_at=night.now, known_at=night.known_at, detail="")
    return build


def build_core(home: Home, folder: Path) -> DbtResult:
    """Seeds, staging, core and indicators of the frozen build in ``folder``."""
    build = FrozenBuild.load(folder)
    start_database(home, build)
    return run_dbt(home, build, BEFORE_JUDGING)


def build_marts(home: Home, folder: Path) -> DbtResult:
    """Rule results, assessment and marts of the frozen build in ``folder``; its tests are the audit gate."""
    return run_dbt(home, FrozenBuild.load(folder), AFTER_JUDGING)


def publish_build(home: Home, folder: Path, now: datetime) -> dict[str, Any]:
    """Swap the build in ``folder`` into place and record it; returns its manifest."""
    build = FrozenBuild.load(folder)
    manifest = publish(home, build, published_at=now)
    with open_ledger(home) as ledger:
        ledger.add_build(build.build_id, "published", recorded_at=now, known_at=build.known_at, detail="")
    return manifest


def record_failure(home: Home, night: Night, reason: str) -> None:
    """Note in the ledger that a build failed and why; yesterday's warehouse stays published."""
    with open_ledger(home) as ledger:
        ledger.add_build(night.build_id, "failed", recorded_at=night.now, known_at=night.known_at, detail=reason[:4000])
