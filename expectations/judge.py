"""Rows to judge in, outcomes out: the one entry of this package, called by the nightly and by the command line."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.engine import Engine, Verdict, suite_name
from expectations.source import KEY, SUBJECT, Rule, ToJudge, read_to_judge
from expectations.vocabulary import JudgeError, outcomes_by_status

if TYPE_CHECKING:
    import pandas as pd

#: Told once per rule, in words for a log.
Progress = Callable[[str], None]

#: Parts of a result that repeat the list of failing subjects in another form.
REPEATED_PARTS = ("partial_unexpected_list", "partial_unexpected_counts", "partial_unexpected_index_list")
REPEATED_LISTS = ("unexpected_list", "unexpected_index_query")


@dataclass(frozen=True)
class JudgeSummary:
    """What a run did. ``outcomes`` counts the rows by outcome and adds up to ``row_count``.

    ``rules_without_values`` are rules of the book that had nothing to evaluate: not passed, not failed.
    """

    rule_count: int
    row_count: int
    evaluated_count: int
    outcomes: Mapping[str, int]
    rules_without_values: tuple[str, ...]
    outcome_file: Path
    run_file: Path
    results_file: Path
    data_docs: Path | None
    seconds: float


def judge(
    build_db: Path,
    out_dir: Path,
    *,
    gx_home: Path,
    periods: list[str] | None,
    rule_ids: frozenset[str] | None = None,
    with_data_docs: bool = True,
    progress: Progress | None = None,
) -> JudgeSummary:
    """Judge the rows of a build by the rule book with Great Expectations.

    Reads ``indicators.int_rules__to_judge`` and the seeds ``rulebook.rules``, ``.clauses`` and ``.stages`` of
    ``build_db`` (opened read-only, closed before judging) for ``periods`` and ``rule_ids`` (None = all).
    Writes to ``out_dir``:

    - ``rule_outcome.parquet``: `KEY` and ``outcome``, one row per row judged, sorted; same input, same bytes;
    - ``gx_run.parquet``: one row per rule with the counts, success (null when nothing was evaluated) and seconds;
    - ``validation_results.jsonl``: one line per evaluated rule, Great Expectations' own result.

    Suites, results and, unless left out, Data Docs (``data_docs/index.html``) go to ``gx_home``, which is made anew.
    Raises `JudgeError` when the rows, the rule book or a result cannot be relied on.
    """
    started = time.perf_counter()
    tell = progress or _say_nothing
    to_judge = read_to_judge(build_db, periods, rule_ids)
    engine = Engine(gx_home, run_name=build_db.stem)
    frames = _frames(to_judge.rows)
    verdicts = [
        _judge_rule(engine, rule, frames.get((rule.rulebook_version, rule.rule_id)), tell) for rule in to_judge.rules
    ]
    outcomes = _outcomes(to_judge, verdicts)
    out_dir.mkdir(parents=True, exist_ok=True)
    outcome_file = _write_outcomes(outcomes, out_dir / "rule_outcome.parquet")
    run_file = _write_run(to_judge, verdicts, out_dir / "gx_run.parquet")
    results_file = _write_results(verdicts, out_dir / "validation_results.jsonl")
    if with_data_docs:
        tell("building the Data Docs")
    return JudgeSummary(
        rule_count=len(verdicts),
        row_count=len(outcomes),
        evaluated_count=sum(verdict.evaluated_count for verdict in verdicts),
        outcomes=dict(sorted(Counter(outcomes["outcome"]).items())),
        rules_without_values=tuple(suite_name(one.rule) for one in verdicts if one.evaluated_count == 0),
        outcome_file=outcome_file,
        run_file=run_file,
        results_file=results_file,
        data_docs=engine.build_data_docs() if with_data_docs else None,
        seconds=time.perf_counter() - started,
    )


def _say_nothing(_message: str) -> None:
    pass


def _frames(rows: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """The rows to evaluate by (rulebook_version, rule_id); rules without any are absent."""
    evaluated = [status for status, outcome in outcomes_by_status().items() if outcome.is_evaluated]
    chosen = rows[rows["status"].isin(evaluated) & ~rows["is_draft"]]
    return {
        (str(version), str(rule_id)): frame[[*SUBJECT, "value"]].reset_index(drop=True)
        for (version, rule_id), frame in chosen.groupby(["rulebook_version", "rule_id"], sort=False)
    }


def _judge_rule(engine: Engine, rule: Rule, frame: pd.DataFrame | None, tell: Progress) -> Verdict:
    verdict = engine.validate(rule, frame)
    if verdict.evaluated_count == 0:
        tell(f"{rule.rule_id}: nothing to evaluate")
    else:
        tell(f"{rule.rule_id}: {verdict.evaluated_count} evaluated, {len(verdict.unmet)} short of it")
    return verdict


def _outcomes(to_judge: ToJudge, verdicts: list[Verdict]) -> pd.DataFrame:
    """`KEY` and ``outcome`` of every row, from the verdicts and, where there was nothing to evaluate, the status."""
    by_rule = {(one.rule.rulebook_version, one.rule.rule_id): one for one in verdicts}
    rows = to_judge.rows
    columns = [*KEY, "status", "is_draft"]
    outcomes = [
        _outcome(by_rule[(version, rule_id)], subject, status, is_draft)
        for version, rule_id, *subject, status, is_draft in rows[columns].itertuples(index=False, name=None)
    ]
    return rows[list(KEY)].assign(outcome=outcomes)


def _outcome(verdict: Verdict, subject: list[str], status: str, is_draft: bool) -> str:
    by_status = outcomes_by_status()[status]
    if is_draft:
        return by_status.when_draft
    if tuple(subject) in verdict.without_value:
        return by_status.when_null
    return by_status.when_unmet if tuple(subject) in verdict.unmet else by_status.when_met


def _write_outcomes(outcomes: pd.DataFrame, path: Path) -> Path:
    import pyarrow as pa

    schema = pa.schema([pa.field(name, pa.string(), nullable=False) for name in (*KEY, "outcome")])
    return _write_parquet({name: outcomes[name].tolist() for name in schema.names}, schema, path)


def _write_run(to_judge: ToJudge, verdicts: list[Verdict], path: Path) -> Path:
    import pyarrow as pa

    fields: dict[str, pa.DataType] = {
        "rulebook_version": pa.string(),
        "rule_id": pa.string(),
        "clause_id": pa.string(),
        "row_count": pa.int64(),
        "evaluated_count": pa.int64(),
        "unexpected_count": pa.int64(),
        "null_count": pa.int64(),
        "success": pa.bool_(),
        "seconds": pa.float64(),
    }
    row_counts = Counter(zip(to_judge.rows["rulebook_version"], to_judge.rows["rule_id"], strict=True))
    columns: dict[str, list[object]] = {
        "rulebook_version": [one.rule.rulebook_version for one in verdicts],
        "rule_id": [one.rule.rule_id for one in verdicts],
        "clause_id": [one.rule.clause_id for one in verdicts],
        "row_count": [row_counts[one.rule.rulebook_version, one.rule.rule_id] for one in verdicts],
        "evaluated_count": [one.evaluated_count for one in verdicts],
        "unexpected_count": [len(one.unmet) for one in verdicts],
        "null_count": [len(one.without_value) for one in verdicts],
        "success": [one.success for one in verdicts],
        "seconds": [one.seconds for one in verdicts],
    }
    return _write_parquet(columns, pa.schema(list(fields.items())), path)


def _write_parquet(columns: Mapping[str, list[object]], schema: object, path: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns, schema=schema), path, compression="zstd")
    return path


def _write_results(verdicts: list[Verdict], path: Path) -> Path:
    """One line per evaluated rule; failing subjects are listed once, by key."""
    with path.open("w", encoding="utf-8") as handle:
        for verdict in verdicts:
            if verdict.result is None:
                continue
            results = [
                {
                    **one,
                    "result": {
                        key: value
                        for key, value in one["result"].items()
                        if key not in REPEATED_PARTS and key not in REPEATED_LISTS
                    },
                }
                for one in verdict.result["results"]
            ]
            handle.write(json.dumps({**verdict.result, "results": results}, ensure_ascii=False, sort_keys=True) + "\n")
    return path


__all__ = ["JudgeError", "JudgeSummary", "Progress", "judge"]
