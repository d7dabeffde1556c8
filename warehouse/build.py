"""Run dbt on a frozen build: seeds to indicators before judging, assessment and marts after it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.forms import FORMS_DIR
from ingest.home import Home
from warehouse.dbt_failure import describe_failure
from warehouse.freeze import FrozenBuild
from warehouse.project import DBT_PROJECT_DIR, REFERENCE_DIR

BUILD_DATABASE_VARIABLE = "JIEDAO_BUILD_DB"
CHANGED_PERIODS_VARIABLE = "JIEDAO_CHANGED_PERIODS"
#: Tags of the two halves of the dbt project; Great Expectations judges between them.
BEFORE_JUDGING = "tag:before_judging"
AFTER_JUDGING = "tag:after_judging"


class BuildFailedError(Exception):
    """dbt ended with errors or failed tests; the message names them."""


@dataclass(frozen=True)
class Workshop:
    """Where dbt works: ``root`` holds the ``lake/`` that it reads, ``project`` is the dbt project with its rule book,
    ``target`` the folder of its parsed project and logs, ``reference`` the administrative hierarchy."""

    root: Path
    target: Path
    project: Path = DBT_PROJECT_DIR
    reference: Path = REFERENCE_DIR

    @classmethod
    def of_home(cls, home: Home) -> Workshop:
        """The workshop of the night."""
        return cls(home.root, home.root / "dbt")


@dataclass(frozen=True)
class DbtResult:
    """What one dbt run came to: nodes by status, and its wall time in seconds."""

    statuses: dict[str, int]
    seconds: float


def _dbt() -> str:
    """The dbt of this environment."""
    return str(Path(sys.executable).with_name("dbt"))


def start_database(home: Home, build: FrozenBuild) -> None:
    """Give the build its database: a copy of the published one, or nothing when everything is made anew."""
    for leftover in build.folder.glob(f"{build.database.name}*"):
        leftover.unlink()
    if not build.is_full_refresh:
        shutil.copyfile(home.published, build.database)


def environment_of(
    home: Home, database: Path, build: FrozenBuild | None, reference: Path = REFERENCE_DIR
) -> dict[str, str]:
    """What the dbt project reads from the environment; command-line variables would make dbt parse it all anew."""
    inherited = {name: value for name, value in os.environ.items() if name != CHANGED_PERIODS_VARIABLE}
    given = {
        **inherited,
        "JIEDAO_HOME": str(home.root),
        "JIEDAO_REFERENCE_DIR": str(reference),
        "JIEDAO_FORMS_DIR": str(FORMS_DIR),
        BUILD_DATABASE_VARIABLE: str(database),
        "JIEDAO_TEMP_DIR": str(database.parent / "spill"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    if build:
        given["JIEDAO_BUILD_DIR"] = str(build.folder)
        if not build.is_full_refresh:
            given[CHANGED_PERIODS_VARIABLE] = ",".join(build.changed_periods)
    return given


def run_dbt(
    home: Home, build: FrozenBuild, selector: str, *, workshop: Workshop | None = None, with_tests: bool = True
) -> DbtResult:
    """Run ``dbt build`` on the nodes of ``selector`` in a process of its own, so that no connection outlives it.

    ``workshop`` is by default that of ``home``. Raises BuildFailedError with the names and messages of what failed.
    """
    place = workshop or Workshop.of_home(home)
    results_path = place.target / "run_results.json"
    results_path.unlink(missing_ok=True)
    command = [
        *(_dbt(), "--quiet", "--no-use-colors"),
        *("--log-path", str(place.target), "build", "--select", *selector.split()),
        # A test runs once all that it reads is there. Unit tests prove models, not a night: `make test` runs them.
        *("--indirect-selection", "buildable", "--exclude-resource-type", "unit_test"),
        *(() if with_tests else ("--exclude-resource-type", "test")),
        *("--project-dir", str(place.project), "--profiles-dir", str(place.project)),
        *("--target-path", str(place.target)),
        *(("--full-refresh",) if build.is_full_refresh else ()),
    ]
    environment = environment_of(Home(place.root), build.database, build, place.reference)
    started = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    results = _read_results(results_path)
    statuses: dict[str, int] = {}
    for result in results:
        statuses[result["status"]] = statuses.get(result["status"], 0) + 1
    if done.returncode != 0:
        raise BuildFailedError(describe_failure(results, done.stdout + done.stderr, build.database))
    return DbtResult(statuses, seconds)


def document_published(home: Home) -> tuple[int, Path]:
    """Document the published warehouse and its lineage with dbt: dbt's exit code, and the page, which needs no network.

    dbt works beside the page, on a copy that is gone afterwards: a night may publish meanwhile. Its words go to stderr.
    """
    page = home.root / "docs" / "index.html"
    with tempfile.TemporaryDirectory(prefix="dbt-docs-", dir=home.root) as folder:
        target = Path(folder)
        copy = target / "warehouse.duckdb"
        shutil.copyfile(home.published, copy)
        done = subprocess.run(
            [
                *(_dbt(), "--quiet", "--log-path", folder, "docs", "generate", "--static", "--target-path", folder),
                *("--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)),
            ],
            env=environment_of(home, copy, None),
            check=False,
            stdout=sys.stderr,
        )
        if done.returncode == 0:
            page.parent.mkdir(parents=True, exist_ok=True)
            (target / "static_index.html").replace(page)
    return done.returncode, page


def _read_results(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return list(json.loads(path.read_text(encoding="utf-8"))["results"])
