"""Releases of a stage's results: preliminary, appeals, final; every version a folder that can be recomputed anywhere.

The folder holds all that the results depend on (``inputs/``, ``lake/``, ``rulebook/``, ``reference/``), the
``results/`` themselves, the ``difference/`` to the version before, and ``manifest.json`` with the SHA-256 of each file.
States are events of the ledger. A release knows the reports of one instant; its final form also knows the decisions
about appeals.
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from ingest.home import Home
from ingest.ledger import Ledger
from ingest.registers import Registers
from warehouse.assess import Judge, build_fully, code_version, work_folder, workshop_in
from warehouse.difference import write_difference
from warehouse.enrolment import note_enrolment
from warehouse.freeze import FrozenBuild, freeze
from warehouse.inputs import DECISION_RECORD_SCHEMA
from warehouse.instants import midnight_after, to_local
from warehouse.night import open_ledger
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR, hash_files, reference_files
from warehouse.results import content_hash, hashes_of, sealed, write_json, write_parquet, write_results
from warehouse.rulebook import copy_rulebook
from warehouse.rulebook_files import read_rows, version_of_stage
from warehouse.stages import CLOSED, require_open, window_of

PRELIMINARY, APPEALS_OPEN, FINAL = "preliminary", "appeals_open", "final"
#: Tables of the lake that no result depends on: what was wrong with a file, and how much it asked for.
NOT_RELEASED = ("issue", "shadow_issue", "burden")


class UnknownStageError(Exception):
    """The rule book has no such stage."""


class ReleaseError(Exception):
    """A release cannot take the step asked for; the message says why."""


def check_stage(stage_code: str) -> str:
    """``stage_code`` itself; raises UnknownStageError with those that there are."""
    known = Registers(REFERENCE_DIR, RULEBOOK_DIR).stage_codes
    if stage_code not in known:
        raise UnknownStageError(f"the rule book has no stage {stage_code!r}, only {', '.join(sorted(known))}")
    return stage_code


def folder_of(home: Home, release_id: str, state: str) -> Path:
    """Folder of a release in its first or its final form."""
    stage_code, _, version = release_id.partition("-")
    return home.root / "releases" / stage_code / f"{version}-{FINAL if state == FINAL else PRELIMINARY}"


def states_of(ledger: Ledger, stage_code: str | None = None) -> list[dict[str, Any]]:
    """Every release in its present state: the last event of each, with ``appeals_until`` of its window."""
    latest: dict[str, dict[str, Any]] = {}
    for event in ledger.releases(stage_code):
        before = latest.get(event["release_id"], {})
        until = event["appeals_until"] or before.get("appeals_until")
        latest[event["release_id"]] = {**event, "appeals_until": until}
    return list(latest.values())


def current(ledger: Ledger, stage_code: str) -> dict[str, Any]:
    """The latest release of a stage; raises ReleaseError when there is none."""
    found = states_of(ledger, stage_code)
    if not found:
        raise ReleaseError(f"stage {stage_code} has no release; begin with `jiedao release create`")
    return found[-1]


def create(home: Home, stage_code: str, *, now: datetime, known_at: datetime | None, judge: Judge) -> dict[str, Any]:
    """Make the next version of a stage's release, preliminary, as known at ``known_at`` (default ``now``).

    Returns its manifest. Raises UnknownStageError, StageNotOpenError, ReleaseError while the version before is not
    final, BuildFailedError.
    """
    check_stage(stage_code)
    require_open(window_of(RULEBOOK_DIR, stage_code), known_at or now)
    with open_ledger(home) as ledger:
        earlier = states_of(ledger, stage_code)
        if earlier and earlier[-1]["state"] != FINAL:
            raise ReleaseError(f"{earlier[-1]['release_id']} is not final yet; finalise it before the next version")
        version = earlier[-1]["version"] + 1 if earlier else 1
        release_id = f"{stage_code}-v{version}"
        target = folder_of(home, release_id, PRELIMINARY)
        with work_folder(home, "release") as work:
            known = known_at or now
            note_enrolment(home, ledger, now)
            build = freeze(
                home,
                ledger,
                build_id=release_id,
                started_at=known,
                known_at=known,
                full_refresh=True,
                folder=work / "b",
            )
            draft = work / "release"
            shutil.copytree(build.inputs, draft / "inputs")
            copy_rulebook(RULEBOOK_DIR, draft / "rulebook")
            copy_reference(draft / "reference")
            copy_lake(home.lake, draft)
            before = folder_of(home, earlier[-1]["release_id"], FINAL) if earlier else None
            manifest = _complete(home, work, draft, build, stage_code, release_id, PRELIMINARY, before, judge)
            _put(draft, target)
        _record(ledger, manifest, now=now, version=version, detail="")
    return manifest


def open_appeals(home: Home, stage_code: str, *, now: datetime) -> dict[str, Any]:
    """Open the appeal window of a stage's preliminary release; it ends with a day, Shanghai time.

    Returns the event. Raises UnknownStageError or ReleaseError.
    """
    check_stage(stage_code)
    with open_ledger(home) as ledger:
        release = current(ledger, stage_code)
        if release["state"] != PRELIMINARY:
            raise ReleaseError(
                f"{release['release_id']} is {release['state']}; only a preliminary release opens appeals"
            )
        _, stages = read_rows(folder_of(home, release["release_id"], PRELIMINARY) / "rulebook" / "stages.csv")
        [days] = [int(row["appeal_days"]) for row in stages if row["stage_code"] == stage_code]
        event = {**release, "state": APPEALS_OPEN, "recorded_at": now, "appeals_until": window_end(now, days)}
        ledger.add_release(event)
    return event


def window_end(opened_at: datetime, days: int) -> datetime:
    """The instant (UTC) at which a window of ``days`` whole days after the day of opening is over, in Shanghai."""
    return midnight_after(to_local(opened_at).date() + timedelta(days=days))


def finalise(
    home: Home, stage_code: str, *, now: datetime, judge: Judge, force_reason: str | None = None
) -> dict[str, Any]:
    """Close a stage's release: its reports as they were, with the decisions about appeals. Returns the manifest.

    Raises ReleaseError when it knows only what was reported before the stage closed, and while the appeal window runs
    or appeals are open, unless ``force_reason`` says why not to wait for these.
    """
    check_stage(stage_code)
    with open_ledger(home) as ledger:
        release = current(ledger, stage_code)
        source = folder_of(home, release["release_id"], PRELIMINARY)
        _check_closable(ledger, release, now, force_reason)
        _check_closed(release, source / "rulebook")
        with work_folder(home, "release") as work:
            draft = work / "release"
            for part in ("inputs", "lake", "rulebook", "reference"):
                shutil.copytree(source / part, draft / part)
            records = ledger.decision_records(now)
            pq.write_table(_records_table(records), draft / "inputs" / "decision_record.parquet")
            build = frozen_in(draft, work / "b", release["release_id"])
            release_id = release["release_id"]
            manifest = _complete(home, work, draft, build, stage_code, release_id, FINAL, source, judge)
            _put(draft, folder_of(home, release_id, FINAL))
        _record(ledger, manifest, now=now, version=release["version"], detail=force_reason or "")
    return manifest


def _check_closable(ledger: Ledger, release: dict[str, Any], now: datetime, force_reason: str | None) -> None:
    release_id, state = release["release_id"], release["state"]
    if state == FINAL:
        raise ReleaseError(f"{release_id} is final already")
    if force_reason:
        return
    if state == PRELIMINARY:
        raise ReleaseError(f"the appeal window of {release_id} has not been opened")
    if now < release["appeals_until"]:
        raise ReleaseError(
            f"the appeal window of {release_id} runs until {to_local(release['appeals_until']):%Y-%m-%d %H:%M}"
        )
    waiting = [row["appeal_id"] for row in ledger.appeals() if row["release_id"] == release_id and not row["decision"]]
    if waiting:
        raise ReleaseError(f"appeals wait for a decision: {', '.join(waiting)}")


def _check_closed(release: dict[str, Any], rulebook: Path) -> None:
    window = window_of(rulebook, release["stage_code"])
    if window.state_at(release["known_at"]) != CLOSED:
        raise ReleaseError(
            f"{release['release_id']} is provisional: it knows the reports of "
            f"{to_local(release['known_at']):%Y-%m-%d %H:%M}, and stage {window.stage_code} closes with "
            f"{window.closes_on}"
        )


def _records_table(records: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    return pa.Table.from_pylist(records, schema=DECISION_RECORD_SCHEMA)


def copy_reference(folder: Path) -> None:
    """Copy the administrative hierarchy to ``folder``: it changes every year, a release does not."""
    folder.mkdir(parents=True)
    for path in reference_files():
        shutil.copyfile(path, folder / path.name)


def copy_lake(lake: Path, release: Path) -> None:
    """Copy the rows of the accepted reports among ``release/inputs/submission.parquet`` to ``release/lake``."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table wanted as select submission_id, period, batch_id from read_parquet($1) "
            "where state = 'accepted'",
            [str(release / "inputs" / "submission.parquet")],
        )
        batches = connection.execute("select distinct period, batch_id from wanted order by all").fetchall()
        for schema in sorted(lake.glob("*/schema.parquet")):
            table = schema.parent.name
            (release / "lake" / table).mkdir(parents=True)
            shutil.copyfile(schema, release / "lake" / table / schema.name)
            for period in sorted({period for period, _ in batches if table not in NOT_RELEASED}):
                folder = schema.parent / f"period={period}"
                files = [
                    path
                    for one, batch in batches
                    if one == period and (path := folder / f"batch-{batch}.parquet").exists()
                ]
                _copy_rows(connection, files, release / "lake" / table / folder.name)


def _copy_rows(connection: duckdb.DuckDBPyConnection, files: list[Path], folder: Path) -> None:
    """Write the wanted rows of ``files`` as one file, unless there are none."""
    if not files:
        return
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    select = (
        f"select * from read_parquet([{listed}], hive_partitioning = false) "  # noqa: S608 - paths of our own
        "where submission_id in (select submission_id from wanted)"
    )
    write_parquet(connection, select, folder / "batch-release.parquet")


def frozen_in(release: Path, folder: Path, build_id: str) -> FrozenBuild:
    """A full build in ``folder`` on the inputs that a release holds."""
    shutil.copytree(release / "inputs", folder / "inputs")
    (folder / "judged").mkdir()
    [record] = pq.read_table(release / "inputs" / "build.parquet").to_pylist()
    return FrozenBuild(
        build_id=build_id,
        folder=folder,
        known_at=record["known_at"],
        base_build_id=None,
        is_full_refresh=True,
        changed_periods=(),
        model_hash="",
        rulebook_hash=hash_files((release / "rulebook").glob("*.csv")),
        enrolment_hash="",
    )


def compute(
    home: Home, work: Path, release: Path, build: FrozenBuild, stage_code: str, judge: Judge, *, with_tests: bool
) -> list[Path]:
    """Build the stage from what ``release`` holds and write ``results`` into ``work``; returns the files."""
    place = {"lake_root": release, "parsed": home.root / "dbt", "reference": release / "reference"}
    workshop = workshop_in(work, release / "rulebook", **place)
    build_fully(home, build, workshop, judge, with_tests=with_tests)
    return write_results(build.database, stage_code, work / "results")


def _complete(
    home: Home,
    work: Path,
    draft: Path,
    build: FrozenBuild,
    stage_code: str,
    release_id: str,
    state: str,
    before: Path | None,
    judge: Judge,
) -> dict[str, Any]:
    """Compute the results from the draft's own inputs, write difference and manifest; returns the manifest."""
    compute(home, work, draft, build, stage_code, judge, with_tests=True)
    shutil.copytree(work / "results", draft / "results")
    if before:
        write_difference(before, draft)
    hashes = hashes_of(draft, (path for path in draft.rglob("*") if path.is_file()))
    results = {name: digest for name, digest in hashes.items() if name.startswith("results/")}
    manifest = sealed(
        {
            "release_id": release_id,
            "stage_code": stage_code,
            "state": state,
            "known_at": build.known_at.isoformat(),
            "stage_state": window_of(draft / "rulebook", stage_code).state_at(build.known_at),
            "rulebook_version": version_of_stage(draft / "rulebook", stage_code),
            "rulebook_hash": hash_files((draft / "rulebook").glob("*.csv")),
            "code": code_version(),
            "difference_to": before.name if before else None,
            "content_hash": content_hash(results),
            "files": hashes,
        }
    )
    write_json(draft / "manifest.json", manifest)
    return manifest


def _put(draft: Path, target: Path) -> None:
    """Put a finished folder into its place; what a run that broke off left there goes."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)


def _record(ledger: Ledger, manifest: dict[str, Any], *, now: datetime, version: int, detail: str) -> None:
    event = {
        **{name: manifest[name] for name in ("release_id", "state", "stage_code", "content_hash")},
        "version": version,
        "recorded_at": now,
        "known_at": datetime.fromisoformat(manifest["known_at"]),
        "appeals_until": None,
        "detail": detail,
    }
    if not ledger.add_release(event):
        raise ReleaseError(f"{manifest['release_id']} was made {manifest['state']} by another run at the same time")
