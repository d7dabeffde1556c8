"""The dbt unit tests: they prove the models and not a night's data, so they run here and not every night."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from expectations.build import judge_build
from ingest.home import Home
from ingest.ledger import Ledger
from warehouse import build as building
from warehouse.freeze import freeze
from warehouse.project import DBT_PROJECT_DIR

NOW = datetime(2026, 1, 21)


def test_every_dbt_unit_test_passes(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").prepare()
    build = freeze(home, Ledger(home.ledger_url), build_id="b1", started_at=NOW, known_at=NOW)
    building.start_database(home, build)
    building.run_dbt(home, build, building.BEFORE_JUDGING)
    judge_build(home, build.folder)
    building.run_dbt(home, build, building.AFTER_JUDGING)
    target = home.root / "dbt"
    command = [
        *(sys.executable, "-m", "dbt.cli.main", "--quiet", "--log-path", str(target)),
        *("test", "--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)),
        *("--target-path", str(target), "--select", "test_type:unit"),
    ]
    environment = building.environment_of(home, build.database, build)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    units = {one["unique_id"]: one["status"] for one in results if one["unique_id"].startswith("unit_test.")}
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(units) >= 20
    assert set(units.values()) == {"pass"}
