"""Great Expectations itself: context, one suite per rule, validation, Data Docs."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from expectations.data_docs import make_self_contained, swap_in
from expectations.source import SUBJECT, Rule
from expectations.vocabulary import FOLDER, JudgeError, gx_severities, known

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa
    from great_expectations.core import ExpectationSuite
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )

#: Folders that a run makes anew; what an earlier rule book left there must not show up in the Data Docs.
MADE_ANEW = ("suites", "validations", "validation_definitions", "checkpoints", "data_docs_next")

#: Every failing row by its number: without COMPLETE only the first 20 would be told. `_named` gives them their keys;
#: Great Expectations itself would take thirty times as long for it as for judging.
RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}

#: Up to so many failing subjects of a rule the Data Docs name them all, beyond it they count them.
NAMED_IN_DATA_DOCS = 200

NOT_NULL = "expect_column_values_to_not_be_null"
BETWEEN = "expect_column_values_to_be_between"
EXPECTATIONS = (NOT_NULL, BETWEEN)


RowNumbers: TypeAlias = "npt.NDArray[np.int64]"


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations found for one rule: the numbers of the rows without a value and of those that miss the
    bounds, counted from 0 within the rows validated, and its result with the failing subjects by key."""

    rule: Rule
    evaluated_count: int
    without_value: RowNumbers
    unmet: RowNumbers
    success: bool | None
    seconds: float
    result: Mapping[str, Any] | None

    @classmethod
    def nothing_evaluated(cls, rule: Rule) -> Verdict:
        """A rule without a single value to look at: neither passed nor failed."""
        return cls(rule, 0, _row_numbers([]), _row_numbers([]), None, 0.0, None)


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
        # One asset for all rules: each further one would write the whole configuration of the context again.
        asset = self._context.data_sources.add_or_update_pandas("rulebook").add_dataframe_asset("subjects")
        self._batches = asset.add_batch_definition_whole_dataframe("to_judge")
        self._run_id = RunIdentifier(run_name=run_name)

    def validate(self, rule: Rule, subjects: pa.Table) -> Verdict:
        """Validate one rule on its rows (columns `SUBJECT` and ``value``, double, null = no value).

        The suite is stored even when there are no rows, so that the Data Docs show the whole rule book.
        Raises `JudgeError` when an expectation could not be computed or its result does not cover every row.
        """
        started = time.perf_counter()
        suite = self._context.suites.add(build_suite(rule))
        if subjects.num_rows == 0:
            return Verdict.nothing_evaluated(rule)
        frame = subjects.select(["value"]).to_pandas()
        found = self._batches.get_batch({"dataframe": frame}).validate(suite, result_format=RESULT_FORMAT)
        by_type = {expectation: _failing_rows(rule, found, expectation, len(frame)) for expectation in EXPECTATIONS}
        result = _named(found, by_type, subjects)
        self._store(found)
        return Verdict(
            rule=rule,
            evaluated_count=len(frame),
            without_value=by_type[NOT_NULL],
            unmet=by_type[BETWEEN],
            success=bool(found.success),
            seconds=time.perf_counter() - started,
            result=result,
        )

    def _store(self, result: ExpectationSuiteValidationResult) -> None:
        """Keep a result for the Data Docs."""
        from great_expectations.data_context.types.resource_identifiers import (
            ExpectationSuiteIdentifier,
            ValidationResultIdentifier,
        )

        result.meta |= {"run_id": self._run_id, "validation_time": self._run_id.run_time}
        key = ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(name=result.suite_name),
            run_id=self._run_id,
            batch_identifier=result.batch_id,
        )
        self._context.validation_results_store.set(key, result)

    def build_data_docs(self) -> Path:
        """Build the static site, free it of outside addresses, put it in place; returns its ``index.html``."""
        self._context.build_data_docs()
        make_self_contained(self._home / "data_docs_next")
        return swap_in(self._home / "data_docs_next", self._home / "data_docs") / "index.html"


def suite_name(rule: Rule) -> str:
    """Name of the suite of a rule; without dots, which the file stores would turn into folders."""
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


def _failing_rows(rule: Rule, result: ExpectationSuiteValidationResult, expectation: str, row_count: int) -> RowNumbers:
    """Numbers of the rows that one expectation of the suite names; raises unless the result accounts for every row."""
    found = [one for one in result.results if _type(one) == expectation]
    if len(found) != 1 or "element_count" not in found[0].result:
        reasons = [one.exception_info for one in found]
        raise JudgeError(f"rule {rule.rule_id}: {expectation} gave no result: {reasons}")
    detail = found[0].result
    failing = _row_numbers(detail["unexpected_index_list"])
    if detail["element_count"] != row_count or detail["unexpected_count"] != len(failing):
        raise JudgeError(
            f"rule {rule.rule_id}: {expectation} names {len(failing)} subjects"
            f" but counts {detail['unexpected_count']} of {detail['element_count']} for {row_count} rows"
        )
    return failing


def _row_numbers(found: list[int]) -> RowNumbers:
    import numpy as np

    return np.array(found, dtype=np.int64)


def _type(result: ExpectationValidationResult) -> str | None:
    return None if result.expectation_config is None else result.expectation_config.type


def _named(
    found: ExpectationSuiteValidationResult, failing: Mapping[str, RowNumbers], subjects: pa.Table
) -> dict[str, Any]:
    """The result as JSON with all failing subjects by key; what ``found`` itself keeps is cut to what people read."""
    full_lists = []
    for one in found.results:
        named = subjects.take(failing[_type(one) or ""]).to_pylist()
        for repeated in ("unexpected_list", "unexpected_index_list", "partial_unexpected_index_list"):
            one.result.pop(repeated, None)
        full_lists.append(named)
    as_json: dict[str, Any] = found.to_json_dict()  # type: ignore[no-untyped-call]
    for one, told, named in zip(found.results, as_json["results"], full_lists, strict=True):
        told["result"]["unexpected_index_list"] = named
        if 0 < len(named) <= NAMED_IN_DATA_DOCS:
            one.result |= {"unexpected_index_list": named, "unexpected_index_column_names": list(SUBJECT)}
    return as_json
