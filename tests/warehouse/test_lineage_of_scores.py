"""Trends and ranks across real changes of streets: a new code, a merger, a split, a town that became a street."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.early import build_and_judge, early_rulebook, report, resources, write_rows
from tests.support.reports import Rows, payment
from tests.support.warehouse import SmallWarehouse
from warehouse.rulebook import make_project
from warehouse.rulebook_files import read_rows

#: 光明街道 was recoded between the lists of 2017 and 2018, its district being new.
GUANGMING_BEFORE, GUANGMING = "440306027", "440311001"
#: 公兴街道 and 协和街道 became 怡心街道 between the lists of 2019 and 2020.
GONGXING, XIEHE, YIXIN = "510116007", "510116008", "510116017"
#: 公明街道 was split before the list of 2017; the part that kept the name has another code.
GONGMING_BEFORE, GONGMING = "440306007", "440306028"
MINZHONG_TOWN, MINZHONG = "442000102", "442000007"
#: 东升街道, its neighbour, was left alone.
UNCHANGED = "510116001"
#: Two items that add up over a stage: payments that were received, and quarters in which rule 3c was met.
SUMS = {"payments": ("fact", "fct_funding_received", ""), "met": ("rule", "3c", "passes")}
GAINS = {"staff": "3i.rise", "venues": "3h"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """Seven streets through the years of their changes, each reporting the last quarter before and after."""
    small = SmallWarehouse(tmp_path_factory.mktemp("lineage") / "home", known_at=datetime(2022, 6, 1))
    for unit_code in (GUANGMING_BEFORE, GONGMING_BEFORE, GONGXING, XIEHE, UNCHANGED, MINZHONG):
        small.enrol(unit_code, from_period="2016-Q1")
    report(small, GUANGMING_BEFORE, 2017, resources(2, 1))
    report(small, GUANGMING, 2018, {**resources(4, 2), **paid("5000", 2018)})
    report(small, GONGMING_BEFORE, 2016, resources(9, 5))
    report(small, GONGMING, 2017, {**resources(3, 1), **paid("3000", 2017)})
    # Two people serve both streets; together they are five.
    report(small, GONGXING, 2019, resources(4, 1))
    report(small, XIEHE, 2019, resources(3, 1, first=2))
    report(small, YIXIN, 2020, {**resources(6, 3), **paid("6", 2020)})
    report(small, UNCHANGED, 2019, resources(2, 1))
    report(small, UNCHANGED, 2020, resources(2, 1))
    report(small, MINZHONG, 2021, resources(3, 1))
    # The same stages, before the change in the middle of each.
    report(small, GUANGMING_BEFORE, 2018, {**resources(3, 1), **paid("9000", 2018)}, quarter=2)
    report(small, GONGMING_BEFORE, 2017, paid("9000", 2017), quarter=1)
    report(small, GONGXING, 2020, paid("700", 2020), quarter=1)
    report(small, XIEHE, 2020, paid("80", 2020), quarter=1)
    build_and_judge(small, make_project(small.home / "project", rulebook_with_sums(small.home / "rulebook")))
    return small


def paid(amount: str, year: int) -> Rows:
    """One payment of basic funds for a year."""
    return {"funding": [payment(amount, year)]}


def rulebook_with_sums(folder: Path) -> Path:
    """The early rule book with the items of ``SUMS`` beside the total of its paper."""
    early_rulebook(folder)
    header, items = read_rows(folder / "score_items.csv")
    own = next(item for item in items if (item["unit_level"], item["score_kind"]) == ("street", "own"))
    kept = ("paper_code", "unit_level", "score_kind", "group_code")
    for number, (code, (reads, reads_code, counted)) in enumerate(SUMS.items(), start=900):
        items.append(
            {
                **dict.fromkeys(header, ""),
                **{name: own[name] for name in kept},
                "item_code": code,
                "name_zh": code,
                "sort_order": str(number),
                "reads": reads,
                "reads_code": reads_code,
                "counted": counted,
                "method": "per_unit",
                "counts_as": "extra",
                "per_unit": "0.001",
                "over_periods": "sum",
            }
        )
    write_rows(folder / "score_items.csv", header, items)
    return folder


def summed(built: SmallWarehouse, unit_code: str, year: int, item_code: str) -> int:
    """What an item that adds up over a stage has counted for a street, in thousandths of a point for one each."""
    [(points,)] = built.rows(
        "select raw_points from marts.mart_score_line"
        f" where unit_code = '{unit_code}' and stage_code = '{year}' and item_code = '{item_code}'"
    )
    return int(points)


def funds(built: SmallWarehouse, unit_code: str, year: int) -> tuple[int, str]:
    """Basic funds of a year as known in its last quarter, and the status."""
    [found] = built.rows(
        "select cast(value as integer), status from indicators.int_indicators__values"
        f" where unit_code = '{unit_code}' and period = '{year}-Q4' and indicator_code = 'basic_funds_received_cny'"
    )
    return found


def outcome(built: SmallWarehouse, unit_code: str, year: int, rule_id: str) -> tuple[Any, ...]:
    """Value and outcome of a rule in the last quarter of a year."""
    [found] = built.rows(
        "select cast(value as integer), outcome from marts.mart_rule_result"
        f" where unit_code = '{unit_code}' and period = '{year}-Q4' and rule_id = '{rule_id}'"
    )
    return found


def score(built: SmallWarehouse, unit_code: str, year: int) -> dict[str, Any]:
    """The line of a unit in a stage."""
    with built.connect() as connection:
        found = connection.execute(
            "select * from marts.mart_stage_score where unit_code = ? and stage_code = ?", [unit_code, str(year)]
        )
        names = [column[0] for column in found.description]
        [row] = found.fetchall()
    return dict(zip(names, row, strict=True))


def test_a_street_with_a_new_code_is_compared_with_its_old_one(built: SmallWarehouse) -> None:
    assert outcome(built, GUANGMING, 2018, GAINS["staff"]) == (2, "pass")
    assert outcome(built, GUANGMING, 2018, GAINS["venues"]) == (1, "pass")
    found, before = score(built, GUANGMING, 2018), score(built, GUANGMING_BEFORE, 2017)
    assert (found["unit_event"], found["unit_event_zh"]) == ("recoded", "代码变更")
    assert found["baseline_state"] == "predecessor"
    assert found["previous_score"] == before["score"]
    assert found["improvement"] == found["score"] - before["score"]
    assert found["improvement_rank"] == 1


def test_a_merger_is_compared_with_all_that_went_into_it_each_thing_once(built: SmallWarehouse) -> None:
    assert outcome(built, YIXIN, 2020, GAINS["staff"]) == (1, "pass")
    assert outcome(built, YIXIN, 2020, GAINS["venues"]) == (1, "pass")
    found = score(built, YIXIN, 2020)
    parts = [score(built, unit_code, 2019) for unit_code in (GONGXING, XIEHE)]
    assert (found["unit_event"], found["baseline_state"]) == ("merged", "merged")
    share = sum(part["score"] for part in parts) / sum(part["max_score"] for part in parts)
    assert found["previous_score"] == int(share * found["max_score"] + 0.5)


def test_the_district_compares_the_merged_street_with_its_parts(built: SmallWarehouse) -> None:
    [(now, before)] = built.rows(
        "select later_staff_count, earlier_staff_count from indicators.int_trend__changes"
        " where unit_code = '510116' and later_period = '2020-Q4' and earlier_period = '2019-Q4'"
    )
    # The neighbour lists two of the same people, before and after.
    assert (now, before) == (6, 5)


def test_a_part_of_a_split_street_has_neither_gained_nor_lost(built: SmallWarehouse) -> None:
    assert outcome(built, GONGMING, 2017, GAINS["staff"]) == (None, "too_early")
    assert outcome(built, GONGMING, 2017, GAINS["venues"]) == (None, "too_early")
    found = score(built, GONGMING, 2017)
    assert (found["unit_event"], found["baseline_state"]) == ("split", "not_comparable")
    assert found["rank"] is not None
    assert (found["previous_score"], found["improvement"], found["improvement_rank"]) == (None, None, None)


def test_a_street_that_was_a_town_begins_anew(built: SmallWarehouse) -> None:
    assert outcome(built, MINZHONG, 2021, GAINS["staff"]) == (None, "too_early")
    found = score(built, MINZHONG, 2021)
    assert (found["unit_event_zh"], found["baseline_state"]) == ("镇改街道", "no_score_before")
    assert found["improvement"] is None


def test_sums_of_a_stage_go_on_under_a_new_code(built: SmallWarehouse) -> None:
    assert funds(built, GUANGMING, 2018) == (14_000, "incomplete")
    assert summed(built, GUANGMING, 2018, "payments") == 2
    assert summed(built, GUANGMING, 2018, "met") == 2
    assert summed(built, GUANGMING_BEFORE, 2018, "payments") == 1


def test_sums_of_a_merger_hold_what_each_part_had_until_then(built: SmallWarehouse) -> None:
    assert funds(built, YIXIN, 2020) == (786, "incomplete")
    assert summed(built, YIXIN, 2020, "payments") == 3


def test_a_part_of_a_split_street_sums_up_its_own_quarters_only(built: SmallWarehouse) -> None:
    assert funds(built, GONGMING, 2017)[0] == 3_000
    assert summed(built, GONGMING, 2017, "payments") == 1


def test_a_sum_of_a_street_that_nothing_happened_to_is_its_own(built: SmallWarehouse) -> None:
    assert (
        built.rows(
            "select distinct unit_code from indicators.int_unit__carried_reports"
            f" where unit_code = '{UNCHANGED}' or part_code = '{UNCHANGED}'"
        )
        == []
    )


def test_a_street_that_went_is_listed_and_not_ranked_and_its_successor_is_not_late(built: SmallWarehouse) -> None:
    gone, successor = score(built, GUANGMING_BEFORE, 2018), score(built, GUANGMING, 2018)
    assert (gone["unranked_reason"], gone["rank"], gone["unit_event"]) == ("gone", None, "recoded")
    assert (successor["is_late_entrant"], successor["rank"]) == (False, 1)
    for unit_code in (GONGXING, XIEHE):
        assert score(built, unit_code, 2020)["unranked_reason"] == "gone"
    assert score(built, YIXIN, 2020)["unranked_reason"] is None


def test_a_street_that_nothing_happened_to_is_compared_with_itself(built: SmallWarehouse) -> None:
    assert outcome(built, UNCHANGED, 2020, GAINS["staff"]) == (0, "fail")
    found = score(built, UNCHANGED, 2020)
    assert (found["unit_event"], found["baseline_state"]) == (None, "own")
    assert found["previous_score"] == score(built, UNCHANGED, 2019)["score"]


def test_what_a_street_was_told_under_its_old_code_stands(built: SmallWarehouse) -> None:
    found = score(built, GONGXING, 2019)
    assert (found["district_code"], found["unit_name"]) == ("510116", "公兴街道")
    assert (found["unranked_reason"], found["unit_event"], found["peers_count"]) == (None, None, 3)
