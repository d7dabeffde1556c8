"""Freeze what a build depends on, so that it depends on files alone and can be repeated.

A frozen build is a folder ``builds/<build_id>/`` with ``inputs/`` (decisions as known on an instant, who takes part,
which periods must be made again) and ``build.json``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.home import Home
from ingest.land import NO_PERIOD, prepare_lake
from ingest.ledger import Ledger
from ingest.reviews import with_afterwards
from ingest.waivers import Waiver
from warehouse.ask import ask_on
from warehouse.enrolment import enrolment_at, enrolment_hash, is_quarter
from warehouse.inputs import write_inputs
from warehouse.instants import midnight_after
from warehouse.project import RULEBOOK_DIR, model_hash, rulebook_hash

#: How many quarters an indicator may look back (a year of funds, a long chair term): a change in one quarter makes
#: those that follow due again.
LOOK_BACK_QUARTERS = 4


@dataclass(frozen=True)
class FrozenBuild:
    """A build that is ready to run. ``base_build_id`` is the published build that it starts from, if any."""

    build_id: str
    folder: Path
    known_at: datetime
    base_build_id: str | None
    is_full_refresh: bool
    changed_periods: tuple[str, ...]
    model_hash: str
    rulebook_hash: str
    enrolment_hash: str

    @property
    def database(self) -> Path:
        """The DuckDB file that this build writes, under a name never used before."""
        return self.folder / f"{self.build_id}.duckdb"

    @property
    def inputs(self) -> Path:
        """Folder of the frozen inputs."""
        return self.folder / "inputs"

    @property
    def judged(self) -> Path:
        """Folder of the outcomes that Great Expectations writes."""
        return self.folder / "judged"

    def save(self) -> None:
        """Write ``build.json`` beside the inputs."""
        record = {**asdict(self), "folder": None, "known_at": self.known_at.isoformat()}
        (self.folder / "build.json").write_text(json.dumps(record, indent=2), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> FrozenBuild:
        """Read a build back; raises FileNotFoundError when ``folder`` holds none."""
        record = json.loads((folder / "build.json").read_text(encoding="utf-8"))
        record["folder"] = folder
        record["known_at"] = datetime.fromisoformat(record["known_at"])
        record["changed_periods"] = tuple(record["changed_periods"])
        return cls(**record)


@dataclass(frozen=True)
class Base:
    """The published warehouse that a build starts from: its record, its submissions and the instants it waits for."""

    build: dict[str, Any]
    submissions: dict[str, str]
    instants: tuple[tuple[str, datetime], ...]


def read_base(published: Path) -> Base | None:
    """Read what the published warehouse was made of; None before the first publish."""
    if not published.exists():
        return None
    with duckdb.connect(str(published), read_only=True) as connection:
        [build] = ask_on(connection, "select * from meta.build").records()
        submissions = connection.execute("select submission_id, period from core.fct_submission").fetchall()
        closings = connection.execute("select last_period, closes_on from rulebook.stages").fetchall()
        ends = connection.execute("select period, ends_on from core.dim_period").fetchall()
        deadlines = connection.execute(
            "select period, deadline_at from core.dim_period union all select period, deadline_at from rulebook.notices"
        ).fetchall()
    # A quarter or a stage is over at the first midnight, in Shanghai, after its last day.
    overs = ((period, midnight_after(last_day)) for period, last_day in (*ends, *closings))
    return Base(build, dict(submissions), (*overs, *deadlines))


def _with_following(period: str) -> list[str]:
    """``period`` and the quarters that look back on it; a notice stands alone."""
    if not is_quarter(period):
        return [period]
    start = _quarter_number(period)
    return [f"{number // 4}-Q{number % 4 + 1}" for number in range(start, start + LOOK_BACK_QUARTERS + 1)]


def _notice_quarters() -> dict[str, str]:
    with (RULEBOOK_DIR / "notices.csv").open(encoding="utf-8", newline="") as handle:
        return {row["notice_id"]: row["period"] for row in csv.DictReader(handle)}


def _stage_periods() -> dict[str, list[str]]:
    """Quarters of each stage."""
    with (RULEBOOK_DIR / "stages.csv").open(encoding="utf-8", newline="") as handle:
        stages = list(csv.DictReader(handle))
    return {
        stage["stage_code"]: [
            f"{number // 4}-Q{number % 4 + 1}"
            for number in range(_quarter_number(stage["first_period"]), _quarter_number(stage["last_period"]) + 1)
        ]
        for stage in stages
    }


def _quarter_number(period: str) -> int:
    return int(period[:4]) * 4 + int(period[6]) - 1


def changed_periods(
    base: Base | None,
    submissions: Sequence[dict[str, Any]],
    known_at: datetime,
    decision_records: Sequence[dict[str, Any]] = (),
    words: Sequence[tuple[str, datetime]] = (),
    remarks: Sequence[tuple[str, datetime]] = (),
) -> tuple[str, ...]:
    """Periods that a build must make again: news since ``base``, instants passed since, and what looks back on them.

    ``submissions`` are the decided files as known at ``known_at``, without a base all their periods are new;
    ``decision_records`` those of the ledger known at either instant: one between the two touches its whole stage.
    ``words`` are instants at which something happened to reports of a period afterwards, ``remarks`` those at which
    something was said about its findings.
    """
    known = {row["submission_id"]: row["period"] or NO_PERIOD for row in submissions}
    before = {key: period or NO_PERIOD for key, period in base.submissions.items()} if base else {}
    touched = {period for key, period in (known.items() ^ before.items())}
    if base:
        earlier, later = sorted((base.build["known_at"], known_at))
        instants = (*base.instants, *words, *remarks)
        touched |= {period for period, instant in instants if earlier < instant <= later}
        touched |= _still_waiting(base, {period for period, _ in words}, earlier)
        stages = {row["stage_code"] for row in decision_records if earlier < row["decided_at"] <= later}
        touched |= {period for stage, periods in _stage_periods().items() if stage in stages for period in periods}
    notices = _notice_quarters()
    touched |= {notices[period] for period in touched if period in notices}
    return tuple(sorted({following for period in touched for following in _with_following(period)}))


def _still_waiting(base: Base, periods: Iterable[str], earlier: datetime) -> set[str]:
    """Quarters among ``periods`` whose reports may still wait for a review: the wait grows until the next deadline."""
    deadlines: dict[str, datetime] = {}
    for period, instant in base.instants:
        deadlines[period] = max(instant, deadlines.get(period, instant))
    quarters = (period for period in periods if is_quarter(period))
    return {period for period in quarters if earlier < deadlines.get(_with_following(period)[1], earlier)}


def _is_stale(base: Base | None, hashes: dict[str, str]) -> bool:
    """Whether nothing of the base can be kept: there is none, or the models or the roster are other ones."""
    return base is None or any(base.build[name] != hashes[name] for name in ("model_hash", "enrolment_hash"))


def freeze(
    home: Home,
    ledger: Ledger,
    *,
    build_id: str,
    started_at: datetime,
    known_at: datetime,
    full_refresh: bool = False,
    folder: Path | None = None,
) -> FrozenBuild:
    """Freeze the inputs of build ``build_id`` as known at ``known_at`` (UTC). Freezing again gives the same files.

    They go to ``folder``, by default the build's own in the home.
    """
    prepare_lake(home.lake)
    submissions = with_afterwards(ledger.submissions(known_at), ledger.reviews(known_at), ledger.locks(known_at))
    enrolment = enrolment_at(home, ledger, known_at, submissions)
    hashes = {
        "model_hash": model_hash(),
        "rulebook_hash": rulebook_hash(),
        "enrolment_hash": enrolment_hash(enrolment),
    }
    base = read_base(home.published)
    # Those taken between the two instants count as news even when the build goes back in time.
    latest = max(known_at, base.build["known_at"]) if base else known_at
    records = ledger.decision_records(latest)
    words = [(row["period"], row["reviewed_at"]) for row in ledger.reviews(latest)]
    words += [(row["period"], row["recorded_at"]) for row in ledger.locks(latest)]
    explanations = ledger.explanations(latest)
    waivers = ledger.waivers(latest)
    remarks = [(row["period"], row["explained_at"]) for row in explanations]
    remarks += [
        (period, instant)
        for row in waivers
        for period in {one["period"] for one in submissions if Waiver.of(row).covers(one["unit_code"], one["period"])}
        for instant in filter(None, (row["recorded_at"], row["revoked_at"]))
    ]
    build = FrozenBuild(
        build_id=build_id,
        folder=folder or home.builds / build_id,
        known_at=known_at,
        base_build_id=base.build["build_id"] if base else None,
        is_full_refresh=full_refresh or _is_stale(base, hashes),
        changed_periods=changed_periods(None if full_refresh else base, submissions, known_at, records, words, remarks),
        **hashes,
    )
    inputs = {
        "submission": submissions,
        "enrolment": enrolment,
        "decision_record": [row for row in records if row["decided_at"] <= known_at],
        "explanation": [row for row in explanations if row["explained_at"] <= known_at],
        "waiver": ledger.waivers(known_at),
        "changed_period": [{"period": period} for period in build.changed_periods],
        "build": [{"build_id": build.build_id, "known_at": build.known_at, "started_at": started_at}],
    }
    build.judged.mkdir(parents=True, exist_ok=True)
    write_inputs(build.inputs, inputs)
    build.save()
    return build
