"""Look whether everything of an installation is there and whole. The doctor changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain

import sqlalchemy as sa

from ingest.home import Home
from ingest.ledger import Ledger
from upkeep.checks import events, files, machine, published
from upkeep.finding import LEVELS, Finding, finding


def _checks(
    home: Home, ledger: Ledger, now: datetime, quick: bool, progress: Callable[[str], None]
) -> Iterator[tuple[str, Iterator[Finding]]]:
    """What is looked at, in the order of the data's way, and what is found."""
    yield "ledger", chain(events.check_damage(ledger), events.check_guards(ledger), events.check_lines(ledger))
    if not quick:
        yield "signatures", events.check_signatures(home, ledger)
    yield "waiting files", events.check_waiting(ledger, now)
    yield "raw store", files.check_raw(home, ledger, quick=quick, progress=progress)
    yield "lake", files.check_lake(home, ledger, quick=quick, progress=progress)
    yield "builds", files.check_builds_left(home, ledger)
    yield "last night", events.check_builds(ledger)
    yield "releases", files.check_releases(home, ledger)
    yield "outbox", files.check_outbox(home, ledger)
    yield "keys", files.check_keys(home, ledger, dict(os.environ))


def diagnose(
    home: Home, now: datetime, *, quick: bool = False, progress: Callable[[str], None] = lambda _: None
) -> list[Finding]:
    """All findings, the worst first. ``quick`` passes over what must read every byte. ``now`` is UTC."""
    found = [*machine.check_versions(), *machine.check_rights(home), *machine.check_space(home)]
    found += machine.check_restore(home)
    progress("published warehouse")
    found += published.check_published(home, now, quick=quick)
    try:
        found += _of_ledger(home, now, quick, progress)
    except (sa.exc.OperationalError, OSError) as error:
        found.append(finding("ledger_closed", error=_first_line(error)))
    except (sa.exc.DatabaseError, ValueError) as error:  # what is read may be no text any more
        found.append(finding("ledger_damaged", error=_first_line(error)))
    return sorted(found, key=lambda one: LEVELS.index(one.level))


def _of_ledger(home: Home, now: datetime, quick: bool, progress: Callable[[str], None]) -> list[Finding]:
    """What the ledger tells of itself and of the files that it names."""
    ledger = Ledger(home.ledger_url)
    try:
        found: list[Finding] = []
        for name, findings in _checks(home, ledger, now, quick, progress):
            progress(name)
            found += findings
        return found
    finally:
        ledger.close()


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]
