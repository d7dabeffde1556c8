"""A programme in the years of which the lists know real changes of streets: our models with an earlier calendar."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from expectations.judge import judge
from tests.support.reports import Rows, people
from tests.support.warehouse import SmallWarehouse
from warehouse.build import AFTER_JUDGING, BEFORE_JUDGING
from warehouse.project import RULEBOOK_DIR
from warehouse.rulebook import copy_rulebook, make_project
from warehouse.rulebook_files import read_rows

FIRST_YEAR, LAST_YEAR = 2016, 2022


def write_rows(path: Path, header: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Write one file of a rule book."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def early_rulebook(folder: Path) -> Path:
    """A copy of the rule book with a stage for each of the early years, named by it."""
    copy_rulebook(RULEBOOK_DIR, folder)
    header, calendars = read_rows(folder / "reporting_calendar.csv")
    periods = {"first_period": f"{FIRST_YEAR}-Q1", "last_period": f"{LAST_YEAR}-Q4"}
    write_rows(folder / "reporting_calendar.csv", header, [{**calendars[0], **periods}])
    header, stages = read_rows(folder / "stages.csv")
    write_rows(
        folder / "stages.csv",
        header,
        [
            {
                **stages[0],
                "stage_code": str(year),
                "first_period": f"{year}-Q1",
                "last_period": f"{year}-Q4",
                "opens_on": f"{year}-01-01",
                "closes_on": f"{year + 1}-02-28",
            }
            for year in range(FIRST_YEAR, LAST_YEAR + 1)
        ],
    )
    return folder


def resources(staff_count: int, venue_count: int, *, first: int = 0) -> Rows:
    """A report with so many people in post, known from person ``first`` on, and so many venues in use."""
    begun = {"start_on": date(2010, 1, 1)}
    venue = {"venue_name": "青年之家", "status": "正常", "opened_on": date(2012, 1, 1)}
    return {
        "person": [{**one, **begun} for one in people("专职团干部", staff_count, first=first)],
        "venue": [venue] * venue_count,
    }


def report(small: SmallWarehouse, unit_code: str, year: int, rows: Rows, *, quarter: int = 4) -> None:
    """Hand in a street's report of a quarter of a year, the last one if none is named, in time."""
    handed_in = datetime(year + 1, 1, 10) if quarter == 4 else datetime(year, 3 * quarter + 1, 10)
    period = f"{year}-Q{quarter}"
    small.submit(f"{unit_code}-{period}", unit_code, period, rows, submitted_at=handed_in)


def build_and_judge(small: SmallWarehouse, project: Path) -> None:
    """Both halves of dbt in ``project`` with the judging between; raises AssertionError when one fails."""
    periods = small.all_periods()
    small.freeze(periods)
    _run(small, project, BEFORE_JUDGING)
    judge(small.database, small.build_dir / "judged", gx_home=small.home / "gx", periods=periods)
    _run(small, project, AFTER_JUDGING)


def early_project(home: Path) -> Path:
    """A dbt project with the early rule book."""
    return make_project(home / "project", early_rulebook(home / "rulebook"))


def _run(small: SmallWarehouse, project: Path, select: str) -> None:
    target = small.home / "target"
    command = [
        *(sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-use-colors", "--log-path", str(target)),
        *("build", "--select", select, "--indirect-selection", "buildable", "--exclude-resource-type", "unit_test"),
        *("--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(target)),
    ]
    environment = {**os.environ, **small.environment(small.all_periods())}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
