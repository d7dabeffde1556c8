"""Scoring papers for tests: a small programme, judged once and scored by any paper put into its rule book."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

from expectations.judge import judge
from tests.support.reports import (
    ABOVE,
    AT,
    BELOW,
    DISTRICT,
    EMPTY,
    SILENT,
    Rows,
    at_thresholds,
    one_above,
    one_below,
    payment,
)
from tests.support.warehouse import SmallWarehouse
from warehouse.project import RULEBOOK_DIR
from warehouse.rulebook import copy_rulebook, make_project
from warehouse.rulebook_files import read_rows

PAPERS = Path(__file__).resolve().parents[1] / "assessment" / "papers"
PERIODS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
MARTS = ("mart_stage_score", "mart_score_line")
ON_TIME = {
    "2025-Q1": datetime(2025, 4, 10),
    "2025-Q2": datetime(2025, 7, 10),
    "2025-Q3": datetime(2025, 10, 10),
    "2025-Q4": datetime(2026, 1, 10),
}


def activities(count: int) -> list[dict[str, Any]]:
    """So many activities."""
    return [{"activity_name": f"活动{number}", "held_on": date(2025, 3, 1)} for number in range(count)]


def grant(payer_level: str) -> dict[str, Any]:
    """Money from a level."""
    return {**payment("1000", kind="项目经费"), "payer_level": payer_level}


def record(unit_code: str, kind: str, about: str | None, outcome: str | None = None) -> dict[str, Any]:
    """A decision of an office about a unit in the first stage."""
    return {
        "record_id": f"{unit_code}/{kind}/{about}/{outcome}",
        "stage_code": "S1",
        "unit_code": unit_code,
        "rule_id": about,
        "subject_key": None,
        "kind": kind,
        "outcome": outcome,
        "decided_at": datetime(2026, 1, 15),
        "decided_by": "测试办公室",
        "reason": "测试",
    }


def programme(home: Path) -> SmallWarehouse:
    """Five streets and their district through 2025, judged: one at the thresholds, one below, one above, one with
    empty reports and one silent."""
    small = SmallWarehouse(home)
    for unit_code in (AT, BELOW, ABOVE, EMPTY, SILENT, DISTRICT):
        small.enrol(unit_code)
    reports: list[tuple[str, str, Rows]] = [
        (AT, "2025-Q1", {**at_thresholds(), "activity": activities(1), "funding": [grant("省")]}),
        (AT, "2025-Q2", {**at_thresholds(), "activity": activities(1), "funding": [grant("市")]}),
        (AT, "2025-Q3", {**at_thresholds(), "funding": [grant("区"), grant("区"), grant("区")]}),
        (AT, "2025-Q4", {**at_thresholds(), "activity": activities(1), "funding": [grant("社会")]}),
        (BELOW, "2025-Q1", {**one_below(), "activity": activities(5), "funding": [grant("市")]}),
        (BELOW, "2025-Q4", one_below()),
        (ABOVE, "2025-Q4", one_above()),
        *((EMPTY, period, {}) for period in PERIODS),
    ]
    for unit_code, period, rows in reports:
        small.submit(f"{unit_code}-{period}", unit_code, period, rows, submitted_at=ON_TIME[period])
    small.build(changed_periods=PERIODS, with_tests=False)
    judge(small.database, small.build_dir / "judged", gx_home=small.home / "gx", periods=PERIODS)
    return small


def rulebook_with(paper: str, folder: Path) -> Path:
    """A copy of the rule book in ``folder`` whose stages are all scored by a paper of ``tests/assessment/papers``."""
    copy_rulebook(RULEBOOK_DIR, folder)
    for path in sorted((PAPERS / paper).glob("*.csv")):
        copyfile(path, folder / path.name)
    _, papers = read_rows(folder / "papers.csv")
    header, stages = read_rows(folder / "stages.csv")
    with (folder / "stages.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "paper_code": papers[0]["paper_code"]} for row in stages)
    return folder


def score_with(small: SmallWarehouse, rulebook: Path, work: Path) -> None:
    """Load the rule book in folder ``rulebook`` and score what was judged; raises AssertionError when dbt fails."""
    project = make_project(work / "project", rulebook)
    small.freeze(PERIODS)
    target = work / "target"
    command = [
        *(sys.executable, "-m", "dbt.cli.main", "--quiet", "--no-use-colors", "--log-path", str(target)),
        *("build", "--full-refresh", "--select", "path:seeds/rulebook", "path:models/assessment", *MARTS),
        *("--indirect-selection", "buildable", "--exclude-resource-type", "unit_test"),
        *("--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(target)),
    ]
    environment = {**os.environ, **small.environment(PERIODS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
