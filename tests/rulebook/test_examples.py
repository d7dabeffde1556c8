"""The examples of the rule book: every reading of every rule shows a value that passes and one that fails."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from expectations import judge
from tests.support.judging import Row, RuleRow, make_build

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "rulebook"
Reading = tuple[str, str, str]


def seed(name: str) -> list[dict[str, str]]:
    """Rows of one seed of the rule book."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def reading(row: dict[str, str]) -> Reading:
    """What tells the readings of the rules apart."""
    return row["rulebook_version"], row["rule_id"], row["indicator_code"]


RULES = {reading(row): row for row in seed("rules")}
EXAMPLES = seed("rule_examples")


def test_every_reading_of_every_rule_has_one_example_that_passes_and_one_that_fails() -> None:
    shown = defaultdict(list)
    for row in EXAMPLES:
        shown[reading(row)].append(row["example"])
    assert {key: sorted(examples) for key, examples in shown.items()} == {key: ["fail", "pass"] for key in RULES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda row: "-".join((*reading(row)[1:], row["example"])))
def test_an_example_tells_its_situation_in_both_languages(example: dict[str, str]) -> None:
    assert any("\u4e00" <= letter <= "\u9fff" for letter in example["situation_zh"])
    assert example["situation_en"].isascii()
    assert example["situation_en"]


def bounds(row: dict[str, str]) -> RuleRow:
    """The bounds of a reading as a rule of their own, judged whatever the state of the parameter."""
    name = "_".join((row["operator"], row["lower_bound"], row["upper_bound"])).replace("-", "minus ")
    return RuleRow(name, row["operator"], row["lower_bound"] or None, row["upper_bound"] or None)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What Great Expectations says of every example by its place in the seed; equal bounds are judged together."""
    folder = tmp_path_factory.mktemp("examples")
    rules = {bounds(row).rule_id: bounds(row) for row in RULES.values()}
    rows = [
        Row(str(place), row["value"], rule_id=bounds(RULES[reading(row)]).rule_id) for place, row in enumerate(EXAMPLES)
    ]
    build = make_build(folder / "build.duckdb", rows, rules.values())
    summary = judge(build, folder / "judged", gx_home=folder / "gx", periods=None)
    judged = pq.read_table(summary.outcome_file).to_pylist()
    return {row["unit_code"]: row["outcome"] for row in judged}


def test_great_expectations_gives_every_example_the_outcome_that_it_shows(outcomes: dict[str, str]) -> None:
    shown = {str(place): row["example"] for place, row in enumerate(EXAMPLES)}
    wrong = {place: EXAMPLES[int(place)] for place, outcome in outcomes.items() if outcome != shown[place]}
    assert wrong == {}
    assert outcomes.keys() == shown.keys()
