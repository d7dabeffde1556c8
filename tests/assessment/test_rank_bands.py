"""Ranks and rank bands held against a recomputation in plain Python, on made-up rosters in a real warehouse."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from shutil import copyfile
from typing import Any

import duckdb
import pytest

from tests.support.papers import programme, rulebook_with, score_with

PAPER, STAGE = "scheme_350", "S1"
SHIFT_PCT = 10
GROUPS = [f"g{number}" for number in range(8)]
EARLY, LATE = datetime(2025, 4, 1), datetime(2025, 4, 2)


@dataclass(frozen=True)
class Entry:
    """A street with what it earned and could earn in each group, in thousandths, and what breaks ties."""

    unit_code: str
    earned: tuple[int, ...]
    available: tuple[int, ...]
    extra: tuple[int, ...]
    batch_code: str = "B1"
    quota_met_count: int = 3
    worst_shortfall: int = 100
    first_clean_at: datetime | None = EARLY


def half_up(value: Fraction) -> int:
    """Rounded to a whole number, halves away from 0."""
    doubled = 2 * abs(value) + 1
    whole = doubled.numerator // (2 * doubled.denominator)
    return whole if value >= 0 else -whole


def score_of(entry: Entry, total: int, weights: Sequence[Fraction]) -> int:
    """Score in thousandths, from nothing to the total and no bound above, when each group weighs that much."""
    earned = sum(weight * value for weight, value in zip(weights, entry.earned, strict=True))
    available = sum(weight * value for weight, value in zip(weights, entry.available, strict=True))
    extra = half_up(Fraction(sum(weight * value for weight, value in zip(weights, entry.extra, strict=True))))
    return max(0, half_up(Fraction(total * earned) / available) + extra)


def ranks(roster: Sequence[Entry], scores: Mapping[str, int]) -> dict[str, int]:
    """Rank of each street in its batch: one more than those that stand before it."""

    def key(entry: Entry) -> tuple[Any, ...]:
        clean = (entry.first_clean_at is None, entry.first_clean_at or EARLY)
        return -scores[entry.unit_code], -entry.quota_met_count, entry.worst_shortfall, clean

    return {
        one.unit_code: 1 + sum(key(other) < key(one) for other in roster if other.batch_code == one.batch_code)
        for one in roster
    }


def bands(roster: Sequence[Entry], total: int) -> dict[str, tuple[int, int, int]]:
    """Rank, best and worst rank of each street when one group after the other weighs a tenth more, or less."""
    even = [Fraction(1)] * len(GROUPS)
    shifts = [
        [weight + Fraction(sign * SHIFT_PCT, 100) * (place == moved) for place, weight in enumerate(even)]
        for moved in range(len(GROUPS))
        for sign in (1, -1)
    ]
    found = [
        ranks(roster, {one.unit_code: score_of(one, total, weights) for one in roster}) for weights in (even, *shifts)
    ]
    return {
        code: (found[0][code], min(each[code] for each in found), max(each[code] for each in found))
        for code in found[0]
    }


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which a paper was scored once."""
    home = tmp_path_factory.mktemp("bands")
    small = programme(home / "home")
    score_with(small, rulebook_with(PAPER, home / "rulebook"), home)
    return small.database


@pytest.fixture
def warehouse(scored: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of it, in which a test puts another roster in the place of the real one."""
    database = tmp_path / "warehouse.duckdb"
    copyfile(scored, database)
    with duckdb.connect(str(database)) as connection:
        yield connection


def put(connection: duckdb.DuckDBPyConnection, roster: Sequence[Entry]) -> int:
    """Let a stage consist of ``roster``; returns the total of the paper in thousandths."""
    [(paper, points)] = connection.execute(
        "select paper_code, cast(total_points * 1000 as bigint) from rulebook.papers"
        " where unit_level = 'street' and score_kind = 'own'"
    ).fetchall()
    total = int(points)
    even = [Fraction(1)] * len(GROUPS)
    unit = {"stage_code": STAGE, "unit_level": "street", "paper_code": paper, "total_points": total}
    units = [
        {
            **unit,
            "unit_code": one.unit_code,
            "batch_code": one.batch_code,
            "street_class": "",
            "score": score_of(one, total, even),
            "max_score": total,
            "quota_met_count": one.quota_met_count,
            "worst_shortfall": one.worst_shortfall,
            "first_clean_at": one.first_clean_at,
            "is_zeroed": False,
            "score_floor": 0,
            "earned": sum(one.earned),
            "available": sum(one.available),
            "total_available": sum(one.available),
            "extra": sum(one.extra),
        }
        for one in roster
    ]
    groups = [
        {
            **unit,
            "unit_code": one.unit_code,
            "score_kind": "own",
            "group_code": group,
            "earned": one.earned[place],
            "available": one.available[place],
            "left_out": 0,
            "extra": one.extra[place],
        }
        for one in roster
        for place, group in enumerate(GROUPS)
    ]
    for table, rows in (("int_stage__scored", units), ("fct_group_score", groups)):
        connection.execute(f"delete from assessment.{table}")
        names = list(rows[0])
        connection.executemany(
            f"insert into assessment.{table} ({', '.join(names)}) values ({', '.join('?' * len(names))})",
            [[row[name] for name in names] for row in rows],
        )
    return total


def random_roster(seed: int, size: int) -> list[Entry]:
    """Streets of two batches, close to each other, some of them level."""
    rng = random.Random(seed)
    roster = []
    for number in range(size):
        available = tuple(rng.choice((0, 20000, 30000, 50000)) for _ in GROUPS[1:])
        available = (40000, *available)
        earned = tuple(rng.randint(int(0.7 * most), most) // 500 * 500 for most in available)
        extra = tuple(rng.choice((0, 0, 0, 1500, -2000)) for _ in GROUPS)
        clean = rng.choice((EARLY, LATE, None))
        roster.append(
            Entry(str(number), earned, available, extra, rng.choice(("B1", "B2")), rng.randint(2, 4), 100, clean)
        )
    return [*roster, *(replace(one, unit_code=f"{one.unit_code}-level") for one in roster[:5])]


@pytest.mark.parametrize("seed", range(5))
def test_ranks_and_their_bands_are_those_of_every_single_shift(warehouse: duckdb.DuckDBPyConnection, seed: int) -> None:
    roster = random_roster(seed, 40)
    total = put(warehouse, roster)
    found = warehouse.execute(
        "select unit_code, ranked.score_rank, rank_low, rank_high from assessment.int_stage__ranked as ranked"
        " inner join assessment.int_stage__rank_band using (stage_code, unit_code)"
    ).fetchall()
    expected = bands(roster, total)
    assert {code: tuple(rest) for code, *rest in found} == expected
    assert any(low < rank < high for rank, low, high in expected.values())


LEVEL = Entry("a", (30000,) * 8, (40000,) * 8, (0,) * 8)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"quota_met_count": 4, "worst_shortfall": 900, "first_clean_at": None}, {}),
        ({"worst_shortfall": 99, "first_clean_at": LATE}, {}),
        ({}, {"first_clean_at": LATE}),
        ({}, {"first_clean_at": None}),
    ],
    ids=["more quotas met", "smaller worst shortfall", "earlier clean report", "a clean report at all"],
)
def test_of_two_with_one_score_the_better_one_stands_first(
    warehouse: duckdb.DuckDBPyConnection, first: dict[str, Any], second: dict[str, Any]
) -> None:
    put(warehouse, [replace(LEVEL, unit_code="b", **second), replace(LEVEL, **first), replace(LEVEL, unit_code="c")])
    found = dict(warehouse.execute("select unit_code, score_rank from assessment.int_stage__ranked").fetchall())
    assert found["a"] < found["b"]
    assert {found["a"], found["b"], found["c"]} in ({1, 2}, {1, 3})


def test_who_is_level_in_everything_shares_the_rank_and_the_next_one_is_skipped(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    last = replace(LEVEL, unit_code="c", earned=(29000,) * 8)
    put(warehouse, [LEVEL, replace(LEVEL, unit_code="b"), last])
    rows = warehouse.execute("select unit_code, score_rank, level_rank from assessment.int_stage__ranked").fetchall()
    assert sorted(rows) == [("a", 1, 1), ("b", 1, 1), ("c", 3, 3)]


def test_streets_of_another_batch_are_no_peers(warehouse: duckdb.DuckDBPyConnection) -> None:
    pilot = replace(LEVEL, unit_code="b", batch_code="B2", earned=(29000,) * 8)
    put(warehouse, [LEVEL, pilot])
    rows = warehouse.execute(
        "select unit_code, score_rank, peers_count, level_rank, level_peers_count from assessment.int_stage__ranked"
    ).fetchall()
    assert sorted(rows) == [("a", 1, 1, 1, 2), ("b", 1, 1, 2, 2)]
