"""Assess a stage as known on an instant by a rule book: a full build in a folder of its own; nothing is published."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ingest.home import Home
from warehouse.build import AFTER_JUDGING, BEFORE_JUDGING, Workshop, run_dbt
from warehouse.freeze import FrozenBuild, freeze
from warehouse.night import open_ledger
from warehouse.project import PROJECT_ROOT, REFERENCE_DIR, code_hash, hash_files
from warehouse.results import content_hash, hashes_of, write_json, write_results
from warehouse.rulebook import make_project, prepare_rulebook
from warehouse.stages import require_open, window_of

#: Judges a build where it lies, all rules or the ones named; given by the caller: judging is a room of its own.
Judge = Callable[[FrozenBuild, frozenset[str] | None], None]
PARSED = "partial_parse.msgpack"


class TargetExistsError(Exception):
    """The folder for the results holds something else."""


@dataclass(frozen=True)
class Assessment:
    """A stage's results in ``folder``, described by ``manifest``."""

    folder: Path
    manifest: dict[str, Any]


@contextmanager
def work_folder(home: Home, purpose: str) -> Iterator[Path]:
    """A folder beside the builds, where there is room for a warehouse; gone afterwards, whatever happens."""
    home.builds.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=home.builds, prefix=f"{purpose}-") as folder:
        yield Path(folder)


def workshop_in(
    work: Path, rulebook: Path, *, lake_root: Path, parsed: Path | None, reference: Path = REFERENCE_DIR
) -> Workshop:
    """A workshop in ``work`` with the rule book ``rulebook``.

    ``parsed`` is the folder of a parsed project to begin with: what is the same need not be parsed again.
    """
    target = work / "dbt"
    target.mkdir()
    if parsed and (parsed / PARSED).exists():
        shutil.copyfile(parsed / PARSED, target / PARSED)
    return Workshop(lake_root, target, make_project(work / "project", rulebook), reference)


def build_fully(home: Home, build: FrozenBuild, workshop: Workshop, judge: Judge, *, with_tests: bool) -> None:
    """Both halves of dbt with the judging between them, on frozen inputs; the database is ``build.database``."""
    run_dbt(home, build, BEFORE_JUDGING, workshop=workshop, with_tests=with_tests)
    judge(build, None)
    run_dbt(home, build, AFTER_JUDGING, workshop=workshop, with_tests=with_tests)


def code_version() -> dict[str, str]:
    """What the code calls itself (``git describe``, else the package's version) and the hash of what shapes results."""
    # .git is a file in a work tree; without it a repository around an installed package would answer instead
    if (PROJECT_ROOT / ".git").exists():
        command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
        done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return {"name": done.stdout.strip(), "code_hash": code_hash()}
    try:
        name = version("jiedao")
    except PackageNotFoundError:
        name = "unknown"
    return {"name": name, "code_hash": code_hash()}


def assess(
    home: Home,
    stage_code: str,
    *,
    known_at: datetime,
    judge: Judge,
    rulebook: str | None = None,
    out: Path | None = None,
) -> Assessment:
    """Build the stage ``stage_code`` as known at ``known_at`` (UTC) and write its results.

    ``rulebook`` is a folder with a rule book or one of our versions, by default the rule book as it is. Results go to
    ``out``, by default ``assessments/<stage>/<known_at>`` in the home. The same call gives the same bytes.
    Raises RulebookError, StageNotOpenError, TargetExistsError, EnrolmentError, BuildFailedError.
    """
    with work_folder(home, "assess") as work:
        chosen = prepare_rulebook(work / "rulebook", rulebook)
        window = window_of(chosen, stage_code)
        described = {
            "stage_code": stage_code,
            "known_at": known_at.isoformat(),
            "stage_state": require_open(window, known_at),
            "rulebook_version": window.rulebook_version,
            "rulebook_hash": hash_files(chosen.glob("*.csv")),
        }
        name = f"{known_at:%Y%m%dT%H%M%S%f}" + (f"-{described['rulebook_hash'][:12]}" if rulebook else "")
        folder = _fresh(out or home.root / "assessments" / stage_code / name)
        with open_ledger(home) as ledger:
            instants = {"started_at": known_at, "known_at": known_at}
            build = freeze(home, ledger, build_id=name, **instants, full_refresh=True, folder=work / "build")
        workshop = workshop_in(work, chosen, lake_root=home.root, parsed=home.root / "dbt")
        build_fully(home, build, workshop, judge, with_tests=True)
        files = write_results(build.database, stage_code, folder)
    hashes = hashes_of(folder, files)
    manifest = {
        **described,
        "enrolment_hash": build.enrolment_hash,
        "code": code_version(),
        "files": hashes,
        "content_hash": content_hash(hashes),
    }
    write_json(folder / "manifest.json", manifest)
    return Assessment(folder, manifest)


def _fresh(folder: Path) -> Path:
    """``folder``, to be written; raises TargetExistsError unless it is empty, new, or an assessment to write again."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "manifest.json").exists():
        raise TargetExistsError(f"{folder} holds something else than an assessment; name another folder")
    for path in folder.glob("*.parquet"):
        path.unlink()
    return folder
