"""Two scoring papers of different shape, given as seed rows alone, with scores computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.papers import programme, record, rulebook_with, score_with
from tests.support.reports import ABOVE, AT, BELOW, EMPTY, SILENT
from tests.support.warehouse import SmallWarehouse

RECORDS = [
    record(AT, "case", "honours", "国家级"),
    record(BELOW, "case", "honours", "省级"),
    record(ABOVE, "case", "honours", "省级"),
    record(BELOW, "case", "criticism", "第一次"),
    record(BELOW, "case", "criticism", "第二次"),
    record(EMPTY, "veto", "accident"),
]
Scores = dict[str, tuple[object, ...]]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """What five streets reported in 2025, judged once for all papers."""
    small = programme(tmp_path_factory.mktemp("papers"))
    small.decision_records = RECORDS
    return small


def scores(small: SmallWarehouse) -> Scores:
    """Score, rank, band and why not ranked, of every street in the first stage."""
    found = small.rows(
        "select unit_code, score, level_rank, band_code, unranked_reason from marts.mart_stage_score"
        " where stage_code = 'S1' and unit_level = 'street' order by unit_code"
    )
    return {unit_code: tuple(rest) for unit_code, *rest in found}


def points(small: SmallWarehouse, unit_code: str) -> dict[str, int | None]:
    """Points of every item of a street, in thousandths and before they are brought to the total."""
    return dict(small.rows(f"select item_code, raw_points from marts.mart_score_line where unit_code = '{unit_code}'"))


def test_a_paper_of_350_points_with_unstacked_bonuses_deductions_and_a_veto(
    judged: SmallWarehouse, tmp_path: Path
) -> None:
    score_with(judged, rulebook_with("scheme_350", tmp_path / "rulebook"), tmp_path)
    # One province grant, one city grant and three district grants that give no more than 20; nobody chaired a term.
    assert points(judged, AT) == {
        "cadres": 100000,
        "activities": 30000,
        "funds": 55000,
        "rotation": None,
        "missing": 60000,
        "members": 50000,
        "honours": 20000,
        "more_cadres": 0,
        "criticism": 0,
    }
    # Nine of ten cadres, five activities count as four, two reports missing cost 60 but 20 remain, one member missing.
    assert points(judged, BELOW) == {
        "cadres": 90000,
        "activities": 40000,
        "funds": 15000,
        "rotation": None,
        "missing": 20000,
        "members": 40000,
        "honours": 15000,
        "more_cadres": 0,
        "criticism": -16000,
    }
    # Eleven cadres are worth 5 points more, which do not add to the 15 of the honour.
    assert points(judged, ABOVE)["honours"] == 15000
    assert points(judged, ABOVE)["more_cadres"] == 0
    # Organisation gives at most 120; 60 points of the rotation do not apply: 350 * sum / 290, and what is on top.
    assert scores(judged) == {
        AT: (343966 + 20000, 1, "excellent", None),  # 120 + 55 + 60 + 50 = 285
        BELOW: (235345 + 15000 - 15000, 2, "good", None),  # 120 + 15 + 20 + 40 = 195
        ABOVE: (205172 + 15000, 3, "pass", None),  # 100 + 0 + 20 + 50 = 170
        EMPTY: (0, 4, "fail", None),
        SILENT: (None, None, None, "not_reported"),
    }


def test_a_paper_of_two_tiers_with_stars_by_share(judged: SmallWarehouse, tmp_path: Path) -> None:
    score_with(judged, rulebook_with("scheme_tiers", tmp_path / "rulebook"), tmp_path)
    assert points(judged, ABOVE) == {
        "cadres": 20000,  # eleven: the first tier is reached, the second, at twelve, is not
        "workers": 15000,  # two lie half way between one and three
        "orgs": 20000,
        "committees": 5000,  # two where one is right
        "terms": 10000,  # no term: counts in full
        "on_time": 2500,
    }
    assert scores(judged) == {
        AT: (80000, 1, "five_star", None),  # 20 + 10 + 20 + 10 + 10 + 10
        ABOVE: (72500, 2, "four_star", None),
        BELOW: (25000, 3, "three_star", None),  # 0 + 10 (a worker since April) + 0 + 0 + 10 + 5
        EMPTY: (10000, 4, "one_star", None),  # empty reports are not on time; the veto confines to the last band
        SILENT: (None, None, None, "not_reported"),
    }
