"""Every mistake in a paper is named with its file, its column and its row, before any score is told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from shutil import copyfile

import duckdb
import pytest

from tests.support.warehouse import SmallWarehouse

GAPS = (
    "select item_code, gap from assessment.int_score_item__gaps"
    " union all select item_code, gap from assessment.int_paper__gaps"
)
ITEM = "update rulebook.score_items set {} where item_code = '4j' and score_kind = 'own'"
TIER = "insert into rulebook.score_item_tiers values ('GD-2025', '4j', {}, '达标', {}, {})"
TIERED = ITEM.format("method = 'tiered'")
NESTED = "insert into rulebook.score_subgroups values ('GD-2025', '{}', '{}')"
BAND = "update rulebook.bands set {} where band_code = 'good'"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with our rule book and the models that look for mistakes in it, without any report."""
    small = SmallWarehouse(tmp_path_factory.mktemp("papers"))
    small.build(select="+int_score_item__gaps +int_paper__gaps", with_tests=False)
    return small.database


@pytest.fixture
def rulebook(checked: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of it, to be spoilt."""
    with duckdb.connect(copyfile(checked, tmp_path / checked.name)) as connection:
        yield connection


def test_the_paper_in_force_has_no_mistake(rulebook: duckdb.DuckDBPyConnection) -> None:
    assert rulebook.execute(GAPS).fetchall() == []


@pytest.mark.parametrize(
    ("mistakes", "row", "where", "what"),
    [
        ([ITEM.format("reads_code = '9z'")], "4j", "score_items.csv, reads_code", "not in force"),
        ([ITEM.format("reads = 'indicator'")], "4j", "score_items.csv, reads_code", "does not have"),
        ([ITEM.format("reads = 'hearsay'")], "4j", "score_items.csv, reads", "hearsay, none of rule, indicator"),
        ([ITEM.format("method = 'dice'")], "4j", "score_items.csv, method", "dice, none of attainment"),
        ([ITEM.format("counts_as = 'half'")], "4j", "score_items.csv, counts_as", "half, none of base, extra"),
        ([ITEM.format("na_policy = 'guess'")], "4j", "score_items.csv, na_policy", "guess, none of rescale"),
        ([ITEM.format("group_code = 'x'")], "4j", "score_items.csv, group_code", "its group is not in the paper"),
        ([ITEM.format("unit_level = 'village'")], "4j", "score_items.csv, unit_level, score_kind", "not in the paper"),
        ([ITEM.format("points = 0")], "4j", "score_items.csv, points", "has no points"),
        ([ITEM.format("counts_as = 'extra', points = -2")], "4j", "score_items.csv, points", "below nothing"),
        ([ITEM.format("cap = -1, floor = -2")], "4j", "score_items.csv, cap", "below nothing"),
        ([ITEM.format("cap = 1, floor = 2")], "4j", "score_items.csv, cap, floor", "its floor lies above its cap"),
        ([ITEM.format("method = 'per_unit'")], "4j", "score_items.csv, per_unit", "points per unit are missing"),
        ([ITEM.format("method = 'per_unit', per_unit = -1")], "4j", "score_items.csv, per_unit", "below nothing"),
        ([ITEM.format("unit_size = 0")], "4j", "score_items.csv, unit_size", "a unit has no size"),
        ([ITEM.format("stack_keep = 0")], "4j", "score_items.csv, stack_keep", "none of the stacking group"),
        ([ITEM.format("counted = 'excess'")], "4j", "score_items.csv, target", "a target is missing"),
        (
            [ITEM.format("counted = 'outside'")],
            "4j",
            "score_items.csv, lower_value, upper_value",
            "an end of the range",
        ),
        ([ITEM.format("lower_value = 5, upper_value = 3")], "4j", "score_items.csv, lower_value", "wrong way round"),
        ([ITEM.format("method = 'veto'")], "4j", "score_items.csv, reads", "only a veto reads nothing"),
        ([ITEM.format("method = 'by_kind'")], "4j", "score_items.csv, reads", "only facts and records"),
        (
            [ITEM.format("reads = 'report', reads_code = 'lost', method = 'deduction', per_unit = 1")],
            *("4j", "score_items.csv, reads_code", "a state that there is not"),
        ),
        ([TIERED], "4j", "score_item_tiers.csv, item_code", "a tiered item has no tiers"),
        ([TIER.format(1, 10, 5)], "4j", "score_item_tiers.csv, item_code", "or not tiered"),
        ([TIERED, TIER.format(1, 10, 5), TIER.format(2, 10, 9)], "4j", "score_item_tiers.csv, reached_at", "1 and 2"),
        ([TIERED, TIER.format(1, 10, -5)], "4j", "score_item_tiers.csv, reached_at, points", "at least 0"),
        ([TIERED, TIER.format(1, "null", 5)], "4j", "score_item_tiers.csv, reached_at, points", "needs a value"),
        (
            ["insert into rulebook.score_item_kinds values ('GD-2025', '4j', '省', 20, null)"],
            *("4j", "score_item_kinds.csv, item_code", "or not counted by kind"),
        ),
        (
            ["update rulebook.score_groups set cap = -5 where group_code = 'bonus'"],
            *("bonus", "score_groups.csv, points, cap, floor", "below nothing"),
        ),
        ([NESTED.format("bonus", "bonus")], "bonus", "score_subgroups.csv, parent_group_code", "lies in itself"),
        (
            [NESTED.format("bonus", "gaols")],
            "bonus",
            "score_subgroups.csv, group_code, parent_group_code",
            "not in the",
        ),
        (
            [NESTED.format(*pair) for pair in pairwise(("goals", "organisation", "bonus", "resources", "workforce"))],
            *("goals", "score_subgroups.csv, parent_group_code", "more than four groups"),
        ),
        ([BAND.format("lower_share = 950")], "good", "bands.csv, lower_score, lower_share", "a better band"),
        ([BAND.format("lower_share = 900")], "good", "bands.csv, lower_score, lower_share", "a better band"),
        ([BAND.format("sort_order = 7")], "good", "bands.csv, sort_order, band_code", "not numbered"),
        ([BAND.format("unit_level = 'village'")], "good", "bands.csv, unit_level", "no own score of this level"),
        (
            ["delete from rulebook.bands where band_code = 'fail'"],
            "street",
            "bands.csv, lower_score",
            "whoever is left",
        ),
        (
            ["update rulebook.papers set veto_band_code = 'worst' where unit_level = 'city'"],
            *("GD-2025", "papers.csv or score_items.csv, veto_band_code", "does not have"),
        ),
        (
            ["update rulebook.papers set score_floor = 120 where unit_level = 'city'"],
            *("city", "papers.csv, score_floor, score_cap", "above its cap"),
        ),
        (
            ["update rulebook.papers set unit_level = 'village' where unit_level = 'city'"],
            *("village", "papers.csv, unit_level", "there is no such level"),
        ),
        (
            ["delete from rulebook.score_items where unit_level = 'city'"],
            *("city", "papers.csv, unit_level, score_kind", "no item stands for this level"),
        ),
        (
            ["update rulebook.stages set paper_code = 'GD-2026' where stage_code = 'S5'"],
            *("S5", "stages.csv, paper_code", "does not exist"),
        ),
        (
            ["delete from rulebook.score_items where item_code = '4j'"],
            *("4j", "score_items.csv, reads_code", "unscored_rules does not say why"),
        ),
        (
            ["insert into rulebook.unscored_rules values ('GD-2025', '4j', '理由', 'reason')"],
            *("4j", "unscored_rules.csv, rule_id", "listed as unscored"),
        ),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value)[-60:],
)
def test_a_mistake_in_a_paper_is_named_with_file_column_and_row(
    rulebook: duckdb.DuckDBPyConnection, mistakes: list[str], row: str, where: str, what: str
) -> None:
    for mistake in mistakes:
        rulebook.execute(mistake)
    told = [gap for item, gap in rulebook.execute(GAPS).fetchall() if item == row]
    assert [gap for gap in told if gap.startswith(where) and what in gap], told
