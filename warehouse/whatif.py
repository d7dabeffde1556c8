"""What if the rule book were another one: who flips, how scores and ranks move, who would have to pay or act.

A copy of the published warehouse gets the other seeds; only what hangs on a changed seed is made again, and only rules
whose rows to judge differ are judged again, in a folder that is gone afterwards. Nothing that is published is touched.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from ingest.home import Home
from warehouse.ask import ask, open_published
from warehouse.assess import Judge, work_folder, workshop_in
from warehouse.build import Workshop, run_dbt
from warehouse.comparison import compare
from warehouse.freeze import FrozenBuild, freeze
from warehouse.night import open_ledger
from warehouse.overrides import apply_override, parse_override
from warehouse.project import RULEBOOK_DIR, model_hash
from warehouse.rulebook import prepare_rulebook
from warehouse.rulebook_check import check_rulebook
from warehouse.rulebook_files import RulebookError, stage_of

PUBLISHED_SQL = "select build_id, known_at, model_hash from meta.build"
#: A stage may compare itself with what came before it, so nothing before its end is left as it was.
PERIODS_SQL = """
select distinct period from core.dim_roster
where period <= (select last_period from rulebook.stages where stage_code = $1)
union
select notice_id from rulebook.notices
order by 1
"""
CHANGED_RULES_SQL = """
select distinct rule_id
from (
    (from after.indicators.int_rules__to_judge except all from before.indicators.int_rules__to_judge)
    union all
    (from before.indicators.int_rules__to_judge except all from after.indicators.int_rules__to_judge)
)
"""
#: Outcomes of the rules that need no new judging: those of the published file.
MERGED_SQL = """
select rulebook_version, rule_id, unit_code, period, subject_key, outcome from read_parquet($1)
union all
select rulebook_version, rule_id, unit_code, period, subject_key, {outcome}
from before.assessment.fct_rule_result
where list_contains($2::varchar[], period) and not list_contains($3::varchar[], rule_id)
order by all
"""


#: What is wrong with the scoring papers; a night with such rows is not published.
GAPS_SQL = """
select distinct paper_code, item_code, gap
from (from after.assessment.int_score_item__gaps union all from after.assessment.int_paper__gaps)
order by all
"""


class StaleWarehouseError(Exception):
    """The published warehouse was made by other models or another rule book than ours."""


def what_if(
    home: Home, stage_code: str, *, judge: Judge, rulebook: str | None = None, overrides: Sequence[str] = ()
) -> dict[str, Any]:
    """Compare a stage as published with the same stage under another rule book.

    ``rulebook`` is a folder or a version, ``overrides`` such as ``rule.3d.lower_bound=8`` are set on top of it.
    Returns the comparison of ``warehouse.comparison.compare`` with what was changed. Raises RulebookError,
    StaleWarehouseError, NothingPublishedError, BuildFailedError.
    """
    parsed = [parse_override(text) for text in overrides]
    [published] = ask(home, PUBLISHED_SQL).records()
    if published["model_hash"] != model_hash():
        raise StaleWarehouseError(
            "the published warehouse was made by other models or another rule book; run `jiedao nightly` first"
        )
    with work_folder(home, "whatif") as work:
        chosen = prepare_rulebook(work / "rulebook", rulebook)
        stage_of(chosen, stage_code)
        # What tells the readings of a rule apart is set in the one in force: rulings come first.
        for override in sorted(parsed, key=lambda one: not one.target.choices_column):
            apply_override(chosen, override, stage_code)
        if parsed:
            check_rulebook(chosen, with_examples=False)
        changed = changed_seeds(chosen)
        after = work / "build" / "whatif.duckdb"
        if changed:
            after = _build(home, work, stage_code, published["known_at"], chosen, changed, judge)
        else:
            after.parent.mkdir()
            shutil.copyfile(home.published, after)
        with duckdb.connect() as connection:
            attach(connection, home.published, after)
            check_papers(connection)
            found = compare(connection, stage_code)
    return {
        "stage_code": stage_code,
        "build_id": published["build_id"],
        "rulebook": rulebook,
        "overrides": list(overrides),
        "changed_files": [f"{name}.csv" for name in changed],
        **found,
    }


def changed_seeds(rulebook: Path) -> list[str]:
    """Names of the seeds that differ from our rule book."""
    return [
        path.stem
        for path in sorted(RULEBOOK_DIR.glob("*.csv"))
        if path.read_bytes() != (rulebook / path.name).read_bytes()
    ]


def attach(connection: duckdb.DuckDBPyConnection, before: Path, after: Path) -> None:
    """Attach two warehouses read-only as ``before`` and ``after``."""
    for name, path in (("before", before), ("after", after)):
        literal = str(path).replace("'", "''")
        connection.execute(f"attach '{literal}' as {name} (read_only)")


def check_papers(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise RulebookError when the scoring papers of the warehouse ``after`` are not whole."""
    gaps = [f"{paper} {item}: {gap}" for paper, item, gap in connection.execute(GAPS_SQL).fetchall()]
    if gaps:
        raise RulebookError("the scoring papers are not whole: " + "; ".join(gaps))


def _build(
    home: Home, work: Path, stage_code: str, known_at: Any, rulebook: Path, changed: list[str], judge: Judge
) -> Path:
    """The warehouse under ``rulebook``, made from the published one; returns its file."""
    with open_published(home) as connection:
        periods = [row[0] for row in connection.execute(PERIODS_SQL, [stage_code]).fetchall()]
    with open_ledger(home) as ledger:
        frozen = freeze(home, ledger, build_id="whatif", started_at=known_at, known_at=known_at, folder=work / "build")
    build = replace(frozen, is_full_refresh=False, changed_periods=tuple(periods))
    shutil.copyfile(home.published, build.database)
    workshop = workshop_in(work, rulebook, lake_root=home.root, parsed=home.root / "dbt")
    hanging = [f"{name}+" for name in changed]
    # Staging is no part of the published file; as views it costs nothing, and whatever is made again may read it.
    _run(home, build, "before_judging", ["config.schema:staging", *hanging], workshop)
    judged = _judge_what_differs(home, build, judge)
    hanging += ["config.schema:staging", *(["fct_rule_result+"] if judged else [])]
    _run(home, build, "after_judging", hanging, workshop)
    return build.database


def _run(home: Home, build: FrozenBuild, tag: str, selected: list[str], workshop: Workshop) -> None:
    selector = " ".join(f"tag:{tag},{one}" for one in selected)
    run_dbt(home, build, selector, workshop=workshop, with_tests=False)


def _judge_what_differs(home: Home, build: FrozenBuild, judge: Judge) -> bool:
    """Judge the rules whose rows differ from the published ones, take the other outcomes over; whether any differed."""
    with duckdb.connect() as connection:
        attach(connection, home.published, build.database)
        rules = sorted(row[0] for row in connection.execute(CHANGED_RULES_SQL).fetchall())
    judge(build, frozenset(rules))
    path = build.judged / "rule_outcome.parquet"
    with duckdb.connect() as connection:
        attach(connection, home.published, build.database)
        columns = {row[0] for row in connection.execute("describe before.assessment.fct_rule_result").fetchall()}
        outcome = "judged_outcome" if "judged_outcome" in columns else "outcome"
        merged = connection.execute(
            MERGED_SQL.format(outcome=outcome), [str(path), list(build.changed_periods), rules]
        ).to_arrow_table()
    _write(merged, path)
    return bool(rules)


def _write(table: Any, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path)
