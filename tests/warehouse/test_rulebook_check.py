"""A rule book that is not whole is refused before anything is built, and every fault names its file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.overrides import apply_override, parse_override
from warehouse.project import RULEBOOK_DIR
from warehouse.rulebook import copy_rulebook, prepare_rulebook
from warehouse.rulebook_check import check_rulebook, links
from warehouse.rulebook_files import RulebookError, read_rows, write_rows

Row = dict[str, str]
Change = Callable[[bytes], bytes]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copy_rulebook(RULEBOOK_DIR, tmp_path / "rulebook")


def test_our_rule_book_holds_what_its_definitions_say() -> None:
    check_rulebook(RULEBOOK_DIR)


def test_every_link_names_columns_that_exist() -> None:
    for link in links():
        for file, columns, only in (
            (link.file, link.columns, link.only),
            (link.other_file, link.other_columns, link.other_only),
        ):
            header, _ = read_rows(RULEBOOK_DIR / file)
            assert {*columns, *filter(None, only[:1])} <= set(header)


def _cell(old: str, new: str) -> Change:
    return lambda content: content.replace(old.encode(), new.encode(), 1)


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("rules.csv", _cell(",ge,10,", ",ge,ten,"), r"rules.csv, line \d+: lower_bound is a number, and 'ten' is none"),
        ("rules.csv", _cell("lower_bound", "bound"), "rules.csv has no column lower_bound"),
        ("rules.csv", lambda content: content + content.splitlines(keepends=True)[-1], "stands in line .* already"),
        ("rules.csv", lambda content: content + b"2025.1,3z\n", "not as many cells as the header"),
        ("rules.csv", lambda content: content.decode().encode("gb18030"), "rules.csv is no text in UTF-8"),
        ("stages.csv", _cell("2025-01-01", "1 Jan"), "opens_on is a day such as 2025-12-31, and '1 Jan' is none"),
        ("rulings.csv", _cell(",counted,", ",perhaps,"), "3d.off_establishment cannot be 'perhaps'"),
    ],
)
def test_a_rule_book_with_a_wrong_cell_names_file_and_line(
    copy: Path, tmp_path: Path, name: str, change: Change, complaint: str
) -> None:
    (copy / name).write_bytes(change((copy / name).read_bytes()))
    with pytest.raises(RulebookError, match=complaint):
        prepare_rulebook(tmp_path / "prepared", str(copy))


def without(**values: str) -> Callable[[list[Row]], list[Row]]:
    """All lines but those with these values."""
    return lambda rows: [row for row in rows if any(row[name] != value for name, value in values.items())]


def first(values: dict[str, str], **changed: str) -> Callable[[list[Row]], list[Row]]:
    """The lines, the first one with ``values`` changed."""

    def change(rows: list[Row]) -> list[Row]:
        found = next(row for row in rows if all(row[name] == value for name, value in values.items()))
        return [{**row, **changed} if row is found else row for row in rows]

    return change


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        (
            "indicators.csv",
            without(indicator_code="cadre_count"),
            r"rules.csv, line \d+: indicator_code is cadre_count, and indicators.csv has no line for it; alike: .*_",
        ),
        (
            "indicators.csv",
            without(indicator_code="funds_per_youth_spread_cny"),
            "indicators.csv has no line with the indicator_code funds_per_youth_spread_cny",
        ),
        ("clauses.csv", without(clause_id="3d"), r"indicators.csv, line \d+: clause_id is 3d, and clauses.csv has no"),
        (
            "rule_examples.csv",
            without(rule_id="3d", indicator_code="cadre_count", example="fail"),
            r"rules.csv, line \d+: .* is 2025.1, 3d, cadre_count, and rule_examples.csv has no fail line for it",
        ),
        (
            "rule_examples.csv",
            without(rule_id="3d", indicator_code="cadre_count", example="pass"),
            r"rules.csv, line \d+: .* is 2025.1, 3d, cadre_count, and rule_examples.csv has no pass line for it",
        ),
        (
            "rulings.csv",
            without(ruling_code="3d.off_establishment"),
            r"rules.csv, line \d+: .* is 2025.1, 3d.off_establishment, and rulings.csv has no line for it",
        ),
        (
            "rules.csv",
            without(rule_id="3d", ruling_choice="not_counted"),
            r"rulings.csv, line \d+: rules.csv has no reading of 3d.off_establishment for 'not_counted'",
        ),
        (
            "rules.csv",
            without(rule_id="3a"),
            r"rule_examples.csv, line \d+: .* 2025.1, 3a, .* and rules.csv has no line for it",
        ),
        (
            "parameters.csv",
            without(parameter_code="6e.school_count"),
            "parameters.csv has no line of 2025.1 with the parameter_code 6e.school_count",
        ),
        (
            "score_items.csv",
            lambda rows: [*rows, rows[0]],
            r"score_items.csv, line \d+: GD-2025, street, own, 3a stands in line 2 already",
        ),
        (
            "score_items.csv",
            first({"item_code": "3a"}, group_code="gaols"),
            r"score_items.csv, line 2: .* is GD-2025, gaols, and score_groups.csv has no line for it; alike: goals",
        ),
        (
            "score_items.csv",
            first({"item_code": "3a"}, item_code=""),
            "score_items.csv, line 2: item_code is missing",
        ),
        (
            "stages.csv",
            first({"stage_code": "S2"}, paper_code="GD-2026"),
            "stages.csv, line 3: paper_code is GD-2026, and papers.csv has no line for it, only for GD-2025",
        ),
        (
            "stages.csv",
            first({"stage_code": "S2"}, first_period="2025-Q4"),
            "stages.csv, line 3: it begins with 2025-Q4, before line 2 is over",
        ),
        (
            "rules.csv",
            first({"rule_id": "3d"}, lower_bound=""),
            r"rules.csv, line \d+: A rule with ge has a",
        ),
        (
            "rules.csv",
            first({"rule_id": "3d"}, upper_bound="5"),
            r"rules.csv, line \d+: A rule with ge has a",
        ),
        ("bands.csv", first({"band_code": "good"}, lower_share="1200"), "bands.csv, line 3: .*thousandths from 0 to"),
        ("bands.csv", first({"band_code": "good"}, max_unit_share="-1"), "bands.csv, line 3: .*thousandths from 0 to"),
        ("bands.csv", first({"band_code": "good"}, max_unit_share="0.2"), "bands.csv, line 3: .* is a whole number"),
        (
            "papers.csv",
            first({"unit_level": "city"}, total_points="0"),
            r"papers.csv, line \d+: Policies, .*the total is above 0",
        ),
    ],
)
def test_a_rule_book_that_lacks_or_doubles_a_line_names_file_and_line(
    copy: Path, tmp_path: Path, name: str, change: Callable[[list[Row]], list[Row]], complaint: str
) -> None:
    header, rows = read_rows(copy / name)
    write_rows(copy / name, header, change(rows))
    with pytest.raises(RulebookError, match=complaint):
        prepare_rulebook(tmp_path / "prepared", str(copy))


def test_a_value_that_is_tried_out_needs_no_example_but_all_else(copy: Path) -> None:
    apply_override(copy, parse_override("rule.3d.indicator_code=fixed_volunteer_count"), "S1")
    check_rulebook(copy, with_examples=False)
    with pytest.raises(RulebookError, match="has no pass line for it"):
        check_rulebook(copy)
    apply_override(copy, parse_override("rule.3d.indicator_code=cadre_cuont"), "S1")
    with pytest.raises(RulebookError, match=r"indicator_code is cadre_cuont, .*alike: .*cadre_count"):
        check_rulebook(copy, with_examples=False)
