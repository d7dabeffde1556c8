"""What is hidden in a table of counts cannot be computed from what is shown: no combination of sums gives it away."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space
from scipy.optimize import linprog

from exports.open_data.areas import Areas, Street, areas_of
from exports.open_data.suppression import Cell, Relation, computable, suppress

CATEGORIES = ("yes", "no", "open")
THRESHOLD = 5
WORDS = {"country_zh": "全国", "directly_zh": "直属", "no_class_zh": "未分类"}


def given_away(hidden: set[Cell], relations: list[Relation]) -> set[Cell]:
    """As ``computable``, by another way: a cell is known when the relations leave it no direction to move in."""
    cells = sorted(hidden)
    if not cells:
        return set()
    matrix = coefficients(cells, relations)
    free = null_space(matrix) if len(matrix) else np.eye(len(cells))
    return {cell for cell, row in zip(cells, free, strict=True) if np.abs(row).max(initial=0.0) < 1e-9}


def coefficients(cells: list[Cell], relations: list[Relation]) -> np.ndarray:
    place = {cell: number for number, cell in enumerate(cells)}
    rows = []
    for relation in relations:
        row = np.zeros(len(cells))
        for cell in relation.parts:
            if cell in place:
                row[place[cell]] += 1
        if relation.whole in place:
            row[place[relation.whole]] -= 1
        rows.append(row)
    return np.array([row for row in rows if row.any()])


def bounds(cell: Cell, hidden: set[Cell], counts: dict[Cell, int], relations: list[Relation]) -> tuple[float, float]:
    """The least and the largest value that a hidden cell may have, to one who knows that no count is negative."""
    cells = sorted(hidden)
    matrix = coefficients(cells, relations)
    values = matrix @ np.array([counts[one] for one in cells])
    aim = np.array([float(one == cell) for one in cells])
    low, high = (linprog(sign * aim, A_eq=matrix, b_eq=values) for sign in (1, -1))
    return low.fun, -high.fun if high.status == 0 else np.inf


@st.composite
def tables(draw: st.DrawFn) -> tuple[Areas, dict[Cell, int], list[Relation], list[str]]:
    """Streets in provinces, cities and districts, some directly under a city, each with a class and a category."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from("12"), st.sampled_from("12"), st.sampled_from(["", "1", "2", "3"]),
                st.sampled_from(["一类", "二类", ""]), st.sampled_from(CATEGORIES),
            ),
            min_size=1,
            max_size=60,
        )
    )  # fmt: skip
    streets, of_street = [], {}
    for number, (province, city, district, street_class, category) in enumerate(drawn):
        codes = [("province", f"4{province}"), ("city", f"4{province}0{city}")]
        codes += [("district", f"4{province}0{city}0{district}")] if district else []
        places = tuple((level, code, f"名{code}") for level, code in codes)
        streets.append(Street(str(number), places, street_class))
        of_street[str(number)] = category
    areas = areas_of(streets, **WORDS)
    counts = {(area.key, category): 0 for area in areas.listed for category in CATEGORIES}
    for unit, keys in areas.of_street.items():
        for key in keys:
            counts[key, of_street[unit]] += 1
    small = [area.key for area in areas.listed if area.street_count < THRESHOLD]
    return areas, counts, areas.relations(CATEGORIES, adds_up=True), small


@given(tables())
@settings(max_examples=30, deadline=None)
def test_the_relations_hold_for_the_counts_themselves(
    table: tuple[Areas, dict[Cell, int], list[Relation], list[str]],
) -> None:
    areas, counts, relations, _ = table
    streets = {area.key: area.street_count for area in areas.listed}
    for relation in relations:
        whole = counts[relation.whole] if relation.whole else streets[relation.parts[0][0]]
        assert sum(counts[cell] for cell in relation.parts) == whole


@given(tables())
@settings(max_examples=150, deadline=None)
def test_no_small_count_is_shown_and_none_can_be_computed(
    table: tuple[Areas, dict[Cell, int], list[Relation], list[str]],
) -> None:
    areas, counts, relations, small = table
    hidden = suppress(counts, relations, THRESHOLD, small_areas=small)
    assert [cell for cell, count in counts.items() if 0 < count < THRESHOLD and cell not in hidden] == []
    assert [cell for cell in product(small, CATEGORIES) if cell not in hidden] == []
    assert given_away(hidden, relations) == set()
    assert areas.listed


@given(tables())
@settings(max_examples=40, deadline=None)
def test_no_small_count_follows_from_sums_and_from_counts_being_no_less_than_zero(
    table: tuple[Areas, dict[Cell, int], list[Relation], list[str]],
) -> None:
    _, counts, relations, small = table
    hidden = suppress(counts, relations, THRESHOLD, small_areas=small)
    for cell in sorted(hidden):
        if 0 < counts[cell] < THRESHOLD:
            low, high = bounds(cell, hidden, counts, relations)
            assert high - low > 0.5, cell


@given(tables(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_both_ways_of_looking_find_the_same_cells_given_away(
    table: tuple[Areas, dict[Cell, int], list[Relation], list[str]], lots: object
) -> None:
    _, counts, relations, _ = table
    hidden = {cell for cell in counts if lots.random() < 0.4}  # type: ignore[attr-defined]
    assert computable(hidden, relations) == given_away(hidden, relations)


def test_hiding_only_the_small_count_would_give_it_away() -> None:
    counts = {("a", "yes"): 2, ("a", "no"): 8, ("b", "yes"): 9, ("b", "no"): 7, ("all", "yes"): 11, ("all", "no"): 15}
    relations = [
        Relation((("a", "yes"), ("b", "yes")), ("all", "yes")),
        Relation((("a", "no"), ("b", "no")), ("all", "no")),
        *(Relation(((area, "yes"), (area, "no"))) for area in ("a", "b", "all")),
    ]
    assert given_away({("a", "yes")}, relations) == {("a", "yes")}
    hidden = suppress(counts, relations, THRESHOLD)
    assert hidden == {("a", "yes"), ("a", "no"), ("b", "yes"), ("b", "no")}
    assert given_away(hidden, relations) == set()


def test_a_count_that_only_several_sums_together_give_away_is_found() -> None:
    """Two blocks of four hidden cells and one between them: no sum has only one hidden cell, yet that one follows."""
    blocks = [*product("ab", ("1", "2")), *product("cd", ("3", "4"))]
    between = ("b", "3")
    counts = {cell: 2 if cell in (*blocks, between) else 20 for cell in product("abcd", "1234")}
    counts |= {("all", category): sum(counts[area, category] for area in "abcd") for category in "1234"}
    relations = [Relation(tuple((area, one) for area in "abcd"), ("all", one)) for one in "1234"]
    relations += [Relation(tuple((area, one) for one in "1234")) for area in (*"abcd", "all")]
    small = {cell for cell, count in counts.items() if count < THRESHOLD}
    assert all(len(set(relation.cells) & small) != 1 for relation in relations)
    assert given_away(small, relations) == computable(small, relations) == {between}
    hidden = suppress(counts, relations, THRESHOLD)
    assert hidden > small
    assert given_away(hidden, relations) == set()


def test_a_table_without_small_counts_is_shown_whole() -> None:
    counts = {("a", "yes"): 5, ("a", "no"): 0}
    assert suppress(counts, [Relation((("a", "yes"), ("a", "no")))], THRESHOLD) == set()


@pytest.mark.parametrize(("districts", "keys"), [(["", "1"], {"direct:4101"}), (["1", "2"], set())])
def test_streets_directly_under_a_city_have_an_area_of_their_own(districts: list[str], keys: set[str]) -> None:
    streets = [
        Street(
            str(number),
            (("province", "41", "省"), ("city", "4101", "市"), *((("district", f"41010{one}", "区"),) if one else ())),
            "",
        )
        for number, one in enumerate(districts)
    ]
    assert {area.key for area in areas_of(streets, **WORDS).listed if area.level == "direct"} == keys
