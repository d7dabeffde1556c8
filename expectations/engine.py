"""Great Expectations itself: context, one suite per rule, validation, Data Docs."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.data_docs import make_self_contained, swap_in
from expectations.source import SUBJECT, Rule
from expectations.vocabulary import FOLDER, JudgeError, gx_severities, known

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuite
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult

#: Folders that a run makes anew; what an earlier rule book left there must not show up in the Data Docs.
MADE_ANEW = ("suites", "validations", "validation_definitions", "checkpoints", "data_docs_next")

#: Every failing subject by its key: without COMPLETE and the column names only the first 20 would be named.
RESULT_FORMAT = {"result_format": "COMPLETE", "unexpected_index_column_names": list(SUBJECT)}

NOT_NULL = "expect_column_values_to_not_be_null"
BETWEEN = "expect_column_values_to_be_between"

Subject = tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations found for one rule: which subjects have no value, which miss the bounds."""

    rule: Rule
    evaluated_count: int
    without_value: frozenset[Subject]
    unmet: frozenset[Subject]
    success: bool | None
    seconds: float
    result: Mapping[str, Any] | None

    @classmethod
    def nothing_evaluated(cls, rule: Rule) -> Verdict:
        """A rule without a single value to look at: neither passed nor failed."""
        return cls(rule, 0, frozenset(), frozenset(), None, 0.0, None)


class Engine:
    """A file context in ``gx_home``, fresh for each run; suites and results of earlier runs there are removed."""

    def __init__(self, gx_home: Path, run_name: str) -> None:
        """Make the context in ``gx_home``; ``run_name`` labels the results in the Data Docs."""
        _quieten()
        import great_expectations as gx
        from great_expectations.core.run_identifier import RunIdentifier

        for name in MADE_ANEW:
            shutil.rmtree(gx_home / name, ignore_errors=True)
        gx_home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FOLDER / "great_expectations.yml", gx_home / "great_expectations.yml")
        self._home = gx_home
        self._context = gx.get_context(mode="file", context_root_dir=str(gx_home))
        self._source = self._context.data_sources.add_or_update_pandas("rulebook")
        self._run_id = RunIdentifier(run_name=run_name)

    def validate(self, rule: Rule, frame: pd.DataFrame | None) -> Verdict:
        """Validate one rule on its rows (columns `SUBJECT` and ``value``, float, NaN = no value; None = no rows).

        The suite is stored even when there are no rows, so that the Data Docs show the whole rule book.
        Raises `JudgeError` when an expectation could not be computed or its result does not cover every row.
        """
        from great_expectations.core.validation_definition import ValidationDefinition

        started = time.perf_counter()
        name = suite_name(rule)
        suite = self._context.suites.add(build_suite(rule))
        if frame is None:
            return Verdict.nothing_evaluated(rule)
        batch = self._source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("to_judge")
        definition = self._context.validation_definitions.add(ValidationDefinition(name=name, data=batch, suite=suite))
        # Plain objects: picking cells out of Arrow strings makes the list of failing keys three times as slow.
        result = definition.run(
            batch_parameters={"dataframe": frame.astype(dict.fromkeys(SUBJECT, object))},
            result_format=RESULT_FORMAT,
            run_id=self._run_id,
        )
        return _verdict(rule, result, len(frame), time.perf_counter() - started)

    def build_data_docs(self) -> Path:
        """Build the static site, free it of outside addresses, put it in place; returns its ``index.html``."""
        self._context.build_data_docs()
        make_self_contained(self._home / "data_docs_next")
        return swap_in(self._home / "data_docs_next", self._home / "data_docs") / "index.html"


def suite_name(rule: Rule) -> str:
    """Name of the suite and asset of a rule; without dots, which the file stores would turn into folders."""
    return f"{rule.rule_id}@{rule.rulebook_version}".replace(".", "-")


def build_suite(rule: Rule) -> ExpectationSuite:
    """The suite of a rule: a value is there, and it lies within the bounds (both ends included)."""
    import great_expectations as gx
    from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull

    meta = {
        "rulebook_version": rule.rulebook_version,
        "rule_id": rule.rule_id,
        "clause_id": rule.clause_id,
        "indicator_code": rule.indicator_code,
        "quote": rule.quote_zh,
        "owed_by": rule.owed_by,
        "severity": rule.severity,
        "message": rule.message_zh,
    }
    common: dict[str, Any] = {
        "column": "value",
        "severity": known(gx_severities(), rule.severity, "severity"),
        "meta": meta,
        "notes": f"{rule.clause_id} 「{rule.quote_zh}」 {rule.message_zh}",
    }
    return gx.ExpectationSuite(
        name=suite_name(rule),
        meta=meta,
        expectations=[
            ExpectColumnValuesToNotBeNull(**common),
            ExpectColumnValuesToBeBetween(min_value=rule.minimum, max_value=rule.maximum, **common),
        ],
    )


def _quieten() -> None:
    """Keep Great Expectations from reporting home and, when Airflow was imported first, from 200 lines of INFO."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)


def _verdict(rule: Rule, result: ExpectationSuiteValidationResult, row_count: int, seconds: float) -> Verdict:
    without_value = _unexpected(rule, result, NOT_NULL, row_count)
    unmet = _unexpected(rule, result, BETWEEN, row_count)
    as_json: dict[str, Any] = result.to_json_dict()  # type: ignore[no-untyped-call]
    return Verdict(
        rule=rule,
        evaluated_count=row_count,
        without_value=without_value,
        unmet=unmet,
        success=bool(result.success),
        seconds=seconds,
        result=as_json,
    )


def _unexpected(
    rule: Rule, result: ExpectationSuiteValidationResult, expectation: str, row_count: int
) -> frozenset[Subject]:
    """Subjects that one expectation of the suite named; raises unless the result accounts for every row."""
    found = [
        one
        for one in result.results
        if one.expectation_config is not None and one.expectation_config.type == expectation
    ]
    if len(found) != 1 or "element_count" not in found[0].result:
        reasons = [one.exception_info for one in found]
        raise JudgeError(f"rule {rule.rule_id}: {expectation} gave no result: {reasons}")
    detail = found[0].result
    subjects = frozenset(tuple(entry[column] for column in SUBJECT) for entry in detail["unexpected_index_list"])
    if detail["element_count"] != row_count or detail["unexpected_count"] != len(subjects):
        raise JudgeError(
            f"rule {rule.rule_id}: {expectation} names {len(subjects)} subjects"
            f" but counts {detail['unexpected_count']} of {detail['element_count']} for {row_count} rows"
        )
    return subjects
