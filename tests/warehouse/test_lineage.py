"""Streets that were merged, split, renamed or given another code: real changes of the lists, and our corrections."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import PROJECT_DIR, BuildFailedError, SmallWarehouse

LINEAGE = "+bridge_unit_predecessor"
GUANGMING_BEFORE, GUANGMING = "440306027", "440311001"
MINZHONG_TOWN, MINZHONG = "442000102", "442000007"
#: A street that got another name, and the one that has its old name since.
LIULIQIAO, LUGOUQIAO = "110106008", "110106017"
OLD, NEW = "440103001", "440103099"


class CorrectedWarehouse(SmallWarehouse):
    """A small warehouse with reference files of its own, in which a test may write."""

    @property
    def reference_dir(self) -> Path:
        """Copy of the reference files."""
        folder = self.home / "reference"
        if not folder.exists():
            shutil.copytree(PROJECT_DIR.parent / "reference", folder)
        return folder

    def environment(self, changed_periods: Sequence[str]) -> dict[str, str]:
        """As always, but with the reference files of this test."""
        return super().environment(changed_periods) | {"JIEDAO_REFERENCE_DIR": str(self.reference_dir)}

    def append(self, name: str, line: str) -> None:
        """Add a line to one of the text files."""
        with (self.reference_dir / name).open("a", encoding="utf-8") as handle:
            handle.write(line + "\n")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """The hierarchy with its lineage; nobody reports."""
    small = SmallWarehouse(tmp_path_factory.mktemp("lineage"))
    small.build(select=LINEAGE)
    return small


def _on(built: SmallWarehouse, day: date, *codes: str) -> list[tuple[Any, ...]]:
    listed = ", ".join(f"'{code}'" for code in codes)
    return built.rows(
        f"select unit_code, unit_name, district_code, city_code from core.dim_unit where unit_code in ({listed})"
        f" and valid_from <= date '{day}' and (valid_to is null or valid_to > date '{day}') order by 1"
    )


def _predecessors(built: SmallWarehouse, code: str) -> list[tuple[Any, ...]]:
    return built.rows(
        "select predecessor_code, kind, has_baseline, depth from core.bridge_unit_predecessor"
        f" where unit_code = '{code}' order by depth, predecessor_code"
    )


def test_the_tree_of_a_day_has_the_street_under_the_code_and_district_of_then(built: SmallWarehouse) -> None:
    both = (GUANGMING_BEFORE, GUANGMING)
    assert _on(built, date(2018, 1, 1), *both) == [(GUANGMING_BEFORE, "光明街道", "440306", "4403")]
    assert _on(built, date(2019, 1, 1), *both) == [(GUANGMING, "光明街道", "440311", "4403")]
    assert _on(built, date(2020, 1, 1), MINZHONG) == []
    assert _on(built, date(2022, 1, 1), MINZHONG) == [(MINZHONG, "民众街道", None, "4420")]


def test_a_street_with_a_new_code_finds_its_baseline_under_the_old_one(built: SmallWarehouse) -> None:
    assert (GUANGMING_BEFORE, "recoded", True, 1) in _predecessors(built, GUANGMING)


def test_a_town_that_became_a_street_is_its_predecessor(built: SmallWarehouse) -> None:
    assert _predecessors(built, MINZHONG) == [(MINZHONG_TOWN, "converted", True, 1)]


def test_a_street_that_keeps_its_code_goes_on_under_another_name_whoever_has_the_old_one(built: SmallWarehouse) -> None:
    names = {
        day: [row[1] for row in _on(built, day, LIULIQIAO, LUGOUQIAO)] for day in (date(2020, 1, 1), date(2022, 1, 1))
    }
    assert list(names.values()) == [["卢沟桥街道", "卢沟桥地区"], ["六里桥街道", "卢沟桥街道"]]
    assert _predecessors(built, LIULIQIAO) == _predecessors(built, LUGOUQIAO) == []


def test_a_merged_street_follows_all_that_went_into_it(built: SmallWarehouse) -> None:
    assert _predecessors(built, "510116017")[:2] == [("510116007", "merged", True, 1), ("510116008", "merged", True, 1)]


def test_a_part_of_a_split_street_has_no_baseline(built: SmallWarehouse) -> None:
    assert _predecessors(built, "440306028") == [("440306007", "split", False, 1)]
    assert ("440306007", "split", False, 2) in _predecessors(built, "440311005")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "C9,reclassify,2018-10-31,recode,440306027,改了名街道,440311001,光明街道,split,,,,,why,where,2026-01-01",
            "old name",
        ),
        (
            "C9,add,2018-10-31,recode,440306027,光明街道,440311001,光明街道,,,,,,why,where,2026-01-01",
            "in a list by now",
        ),
        (
            "C9,resolve,2017-10-31,opened,,,440306029,新湖街道,split,999999001,无街道,,,why,where,2026-01-01",
            "no such unit",
        ),
        (
            "C9,reclassify,2018-10-31,recode,440306027,光明街道,440311001,光明街道,split,,,,,why,,2026-01-01",
            "no source",
        ),
    ],
)
def test_a_correction_that_no_longer_applies_fails_the_gate(tmp_path: Path, line: str, problem: str) -> None:
    small = CorrectedWarehouse(tmp_path)
    small.append("unit_change_corrections.csv", line)
    with pytest.raises(BuildFailedError, match="unit_change_corrections_apply"):
        small.build(select="unit_events +stg_reference__unit_change_correction +dim_unit_change")
    assert problem


def test_a_street_that_gets_a_new_code_stays_on_the_roster_and_is_not_missing_twice(tmp_path: Path) -> None:
    small = CorrectedWarehouse(tmp_path, known_at=datetime(2025, 8, 1))
    small.append("local_units.csv", f"{NEW},沙面街道,street,440103,440103,2025-05-01,,invented for this test")
    small.append(
        "unit_change_corrections.csv",
        f"C9,add,2025-05-01,recode,{OLD},沙面街道,{NEW},沙面街道,,,,,,invented,invented,2025-05-01",
    )
    small.enrol(OLD)
    small.build(select="+dim_roster +bridge_unit_predecessor")
    assert small.rows("select period, unit_code from core.dim_roster order by 1, 2") == [
        ("2025-Q1", OLD),
        ("2025-Q2", NEW),
    ]
    assert small.rows(
        "select predecessor_code, valid_from, kind, has_baseline, confidence from core.bridge_unit_predecessor"
        f" where unit_code = '{NEW}'"
    ) == [(OLD, date(2025, 5, 1), "recoded", True, "confirmed")]
    assert small.rows(f"select unit_code from core.dim_unit where is_current and unit_code in ('{OLD}', '{NEW}')") == [
        (NEW,)
    ]
