"""The paper in force on copies of the rule book: a weight moves what it should, and a bad paper stops the night."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from samples.truth_scores import half_up
from tests.support.papers import programme, score_with
from tests.support.reports import ABOVE, AT, BELOW, SILENT
from tests.support.warehouse import SmallWarehouse
from warehouse.project import RULEBOOK_DIR
from warehouse.rulebook import copy_rulebook
from warehouse.rulebook_files import read_rows

ITEM = "4j"
Items = list[dict[str, str]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """What five streets and their district reported in 2025, judged once for all copies."""
    return programme(tmp_path_factory.mktemp("weights"))


def score_by(small: SmallWarehouse, work: Path, change: Callable[[Items], Items]) -> None:
    """Score by a copy of our rule book whose score items are changed."""
    folder = copy_rulebook(RULEBOOK_DIR, work / "rulebook")
    header, items = read_rows(folder / "score_items.csv")
    with (folder / "score_items.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(items))
    score_with(small, folder, work)


def state(small: SmallWarehouse) -> dict[str, dict[str, tuple[object, ...]]]:
    """What is told of every unit in the first stage: its outcomes, its scores and the raw points of its other lines."""
    queries = {
        "outcomes": "select unit_code,"
        " list((rule_id, period, subject_key, outcome, value) order by rule_id, period, subject_key)"
        " from assessment.fct_rule_result group by unit_code",
        "own": "select unit_code, score from marts.mart_stage_score where stage_code = 'S1'",
        "superior": "select unit_code, superior_score from marts.mart_stage_score where stage_code = 'S1'",
        "lines": "select unit_code,"
        " list((score_kind, item_code, raw_points, raw_max_points) order by score_kind, item_code)"
        f" from marts.mart_score_line where stage_code = 'S1' and item_code <> '{ITEM}' group by unit_code",
    }
    return {name: {row[0]: row[1:] for row in small.rows(query)} for name, query in queries.items()}


def test_one_changed_weight_changes_exactly_the_scores_of_those_for_whom_the_item_counts(
    judged: SmallWarehouse, tmp_path: Path
) -> None:
    def heavier(items: Items) -> Items:
        [item] = [row for row in items if row["item_code"] == ITEM]
        item["points"] = str(Decimal(item["points"]) + 20)
        return items

    score_by(judged, tmp_path / "ours", lambda items: items)
    before = state(judged)
    counted = {
        unit_code: (raw, full, earned, available)
        for unit_code, raw, full, earned, available in judged.rows(
            "select line.unit_code, any_value(raw_points), any_value(raw_max_points), sum(earned), sum(available)"
            " from marts.mart_score_line as line"
            " inner join assessment.fct_group_score as groups using (stage_code, unit_code, score_kind)"
            f" where stage_code = 'S1' and item_code = '{ITEM}' and is_in_denominator group by line.unit_code"
        )
    }
    # Empty reports name no venue, so that it does not apply; a district does not owe it; who is silent has no score.
    assert {AT, BELOW, ABOVE, SILENT} == set(counted) < set(before["own"])
    del counted[SILENT]

    score_by(judged, tmp_path / "heavier", heavier)
    after = state(judged)
    expected = {
        unit_code: (half_up(100_000 * (earned + 20 * 1000 * raw // full), available + 20_000),)
        for unit_code, (raw, full, earned, available) in counted.items()
    }
    assert after["own"] == before["own"] | expected
    assert all(after["own"][unit_code] != before["own"][unit_code] for unit_code in counted)
    for name in ("outcomes", "superior", "lines"):
        assert after[name] == before[name], name


def test_a_rule_that_loses_its_item_without_a_reason_stops_the_night(judged: SmallWarehouse, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="papers_name_what_there_is"):
        score_by(judged, tmp_path, lambda items: [row for row in items if row["item_code"] != ITEM])


def test_an_item_that_charges_a_street_through_an_indicator_of_its_superiors_stops_the_night(
    judged: SmallWarehouse, tmp_path: Path
) -> None:
    def charging(items: Items) -> Items:
        item = next(row for row in items if (row["item_code"], row["score_kind"]) == ("5b", "superior"))
        funds = {"item_code": "funds", "score_kind": "own", "reads": "indicator", "target": "20000"}
        return [*items, {**item, **funds, "reads_code": "basic_funds_received_cny"}]

    with pytest.raises(AssertionError, match="own_score_reads_only_own_duties"):
        score_by(judged, tmp_path, charging)
