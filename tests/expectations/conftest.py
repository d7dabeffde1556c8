"""Judging a build file made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from expectations import judge
from tests.support.judging import RULES, Judge, Judged, Row, RuleRow, make_build


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """Function that judges rows in a build of its own."""

    def run(
        *rows: Row, rules: Iterable[RuleRow] = RULES, periods: list[str] | None = None, name: str = "build"
    ) -> Judged:
        build = make_build(tmp_path / f"{name}.duckdb", rows, rules)
        summary = judge(build, tmp_path / name / "judged", gx_home=tmp_path / "gx", periods=periods)
        found = pq.read_table(summary.outcome_file).to_pylist()
        keys = ("rule_id", "unit_code", "period", "subject_key")
        return Judged(summary, {tuple(row[key] for key in keys): row["outcome"] for row in found})

    return run
