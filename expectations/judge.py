"""Rows to judge in, outcomes out: the one entry of this package, called by the nightly and by the command line."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expectations.engine import Engine, Verdict, suite_name
from expectations.source import KEY, SUBJECT, ToJudge, read_to_judge
from expectations.vocabulary import WHEN, JudgeError, outcomes_by_status

#: Told once per rule, in words for a log.
Progress = Callable[[str], None]


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
    verdicts, outcomes = _judge_rules(engine, to_judge, tell)
    out_dir.mkdir(parents=True, exist_ok=True)
    outcome_file = _write_outcomes(to_judge, outcomes, out_dir / "rule_outcome.parquet")
    run_file = _write_run(to_judge, verdicts, out_dir / "gx_run.parquet")
    results_file = _write_results(verdicts, out_dir / "validation_results.jsonl")
    if with_data_docs:
        tell("building the Data Docs")
    return JudgeSummary(
        rule_count=len(verdicts),
        row_count=len(outcomes),
        evaluated_count=sum(verdict.evaluated_count for verdict in verdicts),
        outcomes=dict(sorted(Counter(outcomes).items())),
        rules_without_values=tuple(suite_name(one.rule) for one in verdicts if one.evaluated_count == 0),
        outcome_file=outcome_file,
        run_file=run_file,
        results_file=results_file,
        data_docs=engine.build_data_docs() if with_data_docs else None,
        seconds=time.perf_counter() - started,
    )


def _say_nothing(_message: str) -> None:
    pass


def _judge_rules(engine: Engine, to_judge: ToJudge, tell: Progress) -> tuple[list[Verdict], list[str]]:
    """Verdict of every rule, and the outcome of every row: by the verdict or, where there was nothing to evaluate, by
    its status."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = to_judge.rows
    by_status = outcomes_by_status()
    status = pc.index_in(rows["status"], pa.array(list(by_status))).to_numpy()
    is_draft = rows["is_draft"].to_numpy()
    is_evaluated = np.array([one.is_evaluated for one in by_status.values()])[status] & ~is_draft
    ending = np.where(is_draft, WHEN.index("when_draft"), WHEN.index("when_met"))
    verdicts = []
    for rule in to_judge.rules:
        part = to_judge.slice_of(rule)
        numbers = part.start + np.flatnonzero(is_evaluated[part])
        verdict = engine.validate(rule, rows.select([*SUBJECT, "value"]).take(numbers))
        ending[numbers[verdict.unmet]] = WHEN.index("when_unmet")
        ending[numbers[verdict.without_value]] = WHEN.index("when_null")
        verdicts.append(verdict)
        tell(_told(verdict))
    words = np.array([[getattr(one, when) for when in WHEN] for one in by_status.values()])
    return verdicts, words[status, ending].tolist()


def _told(verdict: Verdict) -> str:
    if verdict.evaluated_count == 0:
        return f"{verdict.rule.rule_id}: nothing to evaluate"
    return f"{verdict.rule.rule_id}: {verdict.evaluated_count} evaluated, {len(verdict.unmet)} short of it"


def _write_outcomes(to_judge: ToJudge, outcomes: list[str], path: Path) -> Path:
    import pyarrow as pa

    schema = pa.schema([pa.field(name, pa.string(), nullable=False) for name in (*KEY, "outcome")])
    return _write_parquet({**{name: to_judge.rows[name] for name in KEY}, "outcome": outcomes}, schema, path)


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
    parts = [to_judge.slice_of(one.rule) for one in verdicts]
    columns = {
        "rulebook_version": [one.rule.rulebook_version for one in verdicts],
        "rule_id": [one.rule.rule_id for one in verdicts],
        "clause_id": [one.rule.clause_id for one in verdicts],
        "row_count": [part.stop - part.start for part in parts],
        "evaluated_count": [one.evaluated_count for one in verdicts],
        "unexpected_count": [len(one.unmet) for one in verdicts],
        "null_count": [len(one.without_value) for one in verdicts],
        "success": [one.success for one in verdicts],
        "seconds": [one.seconds for one in verdicts],
    }
    return _write_parquet(columns, pa.schema(list(fields.items())), path)


def _write_parquet(columns: Mapping[str, Any], schema: object, path: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns, schema=schema), path, compression="zstd")
    return path


def _write_results(verdicts: list[Verdict], path: Path) -> Path:
    """One line per evaluated rule; failing subjects are listed once, by key."""
    with path.open("w", encoding="utf-8") as handle:
        for verdict in verdicts:
            if verdict.result is not None:
                handle.write(json.dumps(verdict.result, ensure_ascii=False, sort_keys=True) + "\n")
    return path


__all__ = ["JudgeError", "JudgeSummary", "Progress", "judge"]
