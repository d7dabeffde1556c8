"""Judge one frozen build of the warehouse: what the nightly run and the stage assessment call."""

from __future__ import annotations

from pathlib import Path

from expectations.judge import JudgeSummary, Progress, judge
from ingest.home import Home
from warehouse.freeze import FrozenBuild


def judge_build(home: Home, folder: Path, progress: Progress | None = None) -> JudgeSummary:
    """Judge the changed periods (all, when the build is a full refresh) of the build in ``folder``.

    Raises ``expectations.vocabulary.JudgeError``.
    """
    build = FrozenBuild.load(folder)
    periods = None if build.is_full_refresh else list(build.changed_periods)
    return judge(build.database, build.judged, gx_home=home.gx, periods=periods, progress=progress)


def judge_in_place(build: FrozenBuild, rule_ids: frozenset[str] | None) -> None:
    """Judge a build that nobody will publish, all rules or the ones named: its traces stay beside its database.

    Raises ``expectations.vocabulary.JudgeError``.
    """
    periods = None if build.is_full_refresh else list(build.changed_periods)
    gx_home = build.folder / "gx"
    judge(build.database, build.judged, gx_home=gx_home, periods=periods, rule_ids=rule_ids, with_data_docs=False)
