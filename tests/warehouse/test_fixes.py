"""The points that a fix gains are whole numbers that follow the paper: groups, caps, floors, a total, a veto."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from warehouse.fixes import gains_of, half_up, score_of

NO_LIMITS = {"score_floor": None, "score_cap": None}


def line(raw: int, full: int | None, group: str = "g", counts_as: str = "base") -> dict[str, Any]:
    """A line with so many thousandths of a point of so many; without a full value it stands beside the total."""
    return {
        "group_code": group,
        "raw_points": raw,
        "raw_max_points": full,
        "is_in_denominator": full is not None,
        "counts_as": counts_as,
    }


def group(available: int, *, total: int = 100_000, code: str = "g", **more: Any) -> dict[str, Any]:
    return {
        "group_code": code,
        "parent_group_code": None,
        "group_points": None,
        "group_cap": None,
        "group_floor": None,
        "item_points": available,
        "total_available": available,
        "total_points": total,
        "is_vetoed": False,
        **more,
    }


def test_halves_are_rounded_away_from_nothing() -> None:
    assert [half_up(numerator, 2) for numerator in (5, 4, -5, 1, -1)] == [3, 2, -3, 1, -1]


def test_a_gain_keeps_the_denominator_and_is_rounded_once() -> None:
    lines = [line(13_500, 15_000), line(70_000, 70_000)]
    groups = [group(85_000)]
    score = score_of(groups, lines, NO_LIMITS)
    assert score == 98_235  # 100 * 83.5 / 85 = 98.2353
    assert gains_of(lines, groups, NO_LIMITS, 98_235)[0] == 1_765
    assert gains_of(lines, groups, NO_LIMITS, 98_235)[1] == 0


def test_a_capped_group_gains_no_more_than_its_cap() -> None:
    lines = [line(18_000, 20_000), line(5_000, 20_000)]
    groups = [group(40_000, total=25_000, total_available=25_000, group_cap=Decimal(25))]
    assert score_of(groups, lines, NO_LIMITS) == 23_000
    assert gains_of(lines, groups, NO_LIMITS, 23_000)[1] == 2_000


def test_a_group_with_points_of_its_own_scales_the_gain() -> None:
    lines = [line(1_000, 2_000), line(2_000, 2_000)]
    groups = [group(4_000, total=10_000, total_available=10_000, group_points=10_000)]
    assert score_of(groups, lines, NO_LIMITS) == 7_500
    assert gains_of(lines, groups, NO_LIMITS, 7_500)[0] == 2_500


def test_a_group_inside_another_one_gains_what_the_outer_one_lets_through() -> None:
    lines = [line(1_000, 2_000, "inner"), line(2_000, 2_000, "inner"), line(4_000, 20_000)]
    groups = [
        group(30_000, total=10_000, total_available=20_000, group_cap=Decimal(20)),
        group(4_000, total=10_000, code="inner", group_points=10_000, parent_group_code="g"),
    ]
    assert score_of(groups, lines, NO_LIMITS) == 5_750  # 10 * (10 * 3 / 4 + 4) / 20
    assert gains_of(lines, groups, NO_LIMITS, 5_750)[0] == 1_250
    assert gains_of(lines, groups, NO_LIMITS, 5_750)[2] == 4_250  # 27.5 points, of which 20 count


def test_what_is_deducted_comes_back_when_the_case_is_mended() -> None:
    lines = [line(10_000, 10_000), line(-3_000, None, counts_as="extra")]
    groups = [group(10_000, total=10_000)]
    assert score_of(groups, lines, NO_LIMITS) == 7_000
    assert gains_of(lines, groups, NO_LIMITS, 7_000)[1] == 3_000


def test_a_score_at_its_cap_gains_nothing() -> None:
    lines = [line(5_000, 10_000), line(8_000, None, counts_as="extra")]
    groups, paper = [group(10_000, total=10_000)], {"score_floor": 0, "score_cap": 10}
    assert score_of(groups, lines, paper) == 10_000
    assert gains_of(lines, groups, paper, 10_000)[0] == 0


def test_a_vetoed_group_and_a_score_that_was_set_to_nothing_gain_nothing_by_one_item() -> None:
    lines = [line(5_000, 10_000)]
    assert gains_of(lines, [group(10_000, is_vetoed=True)], NO_LIMITS, 0)[0] == 0
    assert gains_of(lines, [group(10_000)], NO_LIMITS, 0)[0] == 0
