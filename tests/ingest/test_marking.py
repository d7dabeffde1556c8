"""A street gets its own workbook back: wrong cells coloured and annotated, everything else as it was."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import python_calamine
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName

from ingest.forms import load_forms
from ingest.grouping import group_findings
from ingest.guard import guard
from ingest.issues import make_issue
from ingest.marking import Explanation, mark_workbook, read_explanations
from ingest.marking.copied import marked_copy
from ingest.marking.findings_sheet import harmless
from ingest.readers import read_grids
from ingest.report import Marked, Report
from ingest.settings import marking_texts
from ingest.template import Formula
from tests.support import packages
from tests.support.workbooks import check, edited, found, place_of, report_workbook, typical_rows, with_cell

SHEET = marking_texts()["sheet"]
MARK = marking_texts()["note_mark"]
RED, BLUE = (f"FF{marking_texts()['colours'][name]}" for name in ("error", "note"))
VARIANTS = [
    packages.strict, packages.prefixed, packages.absolute_targets, packages.without_styles, packages.without_addresses,
    packages.single_quoted, packages.in_another_folder,
]  # fmt: skip


def mark(data: bytes) -> tuple[Report, Marked]:
    report = check(data)
    return report, mark_workbook(data, report.issues)


def book_of(data: bytes, *, values: bool = False) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), data_only=values)


def grids_of(data: bytes) -> dict[str, list[list[Any]]]:
    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def looks(data: bytes) -> dict[tuple[str, str], tuple[Any, ...]]:
    """All that a person sees of each cell, formulas and their results among it."""
    formulas, values = book_of(data), book_of(data, values=True)
    return {
        (sheet.title, cell.coordinate): (
            cell.value, values[sheet.title][cell.coordinate].value, cell.number_format, cell.font.b, cell.font.name,
            cell.border.left.style, cell.alignment.horizontal, cell.protection.locked,
            cell.fill.fgColor.rgb if cell.fill.fill_type else None, cell.comment.text if cell.comment else None,
        )
        for sheet in formulas
        for row in sheet.iter_rows()
        for cell in row
    }  # fmt: skip


def changed(before: bytes, after: bytes) -> set[tuple[str, str]]:
    """Cells that look different, those of the sheet of findings left out."""
    old, new = looks(before), looks(after)
    places = {place for place in (*old, *new) if place[0] != SHEET}
    # openpyxl makes up empty cells between those that are there: without value, fill and note they are nothing.
    old, new = (
        {place: look for place, look in one.items() if any(look[n] is not None for n in (0, 1, 8, 9))}
        for one in (old, new)
    )
    return {place for place in places if old.get(place) != new.get(place)}


def spoilt() -> tuple[bytes, str]:
    return with_cell("青年阵地", "启用日期", "2023-02-30")


def test_the_wrong_cell_is_red_and_annotated_and_no_other_cell_is_touched() -> None:
    data, place = spoilt()
    report, marked = mark(data)
    assert marked.is_own_file
    assert changed(data, marked.data) == {("青年阵地", place)}
    cell = book_of(marked.data)["青年阵地"][place]
    assert cell.fill.fgColor.rgb == RED
    assert cell.comment is not None
    [issue] = found(report, "date_impossible")
    assert cell.comment.text == f"{MARK}{issue.message}\n{issue.remedy}"
    before, after = grids_of(data), grids_of(marked.data)
    assert list(after) == [SHEET, *before]
    assert all(after[name] == rows for name, rows in before.items())


def test_the_first_sheet_lists_what_is_wrong_with_a_link_to_the_cell() -> None:
    data, place = spoilt()
    report, marked = mark(data)
    book = book_of(marked.data)
    sheet = book[SHEET]
    assert book.sheetnames[0] == SHEET
    assert book.active is sheet
    assert [one.title for one in book if one.sheet_view.tabSelected] == [SHEET]
    headers = [header for _, header, _ in marking_texts()["columns"]]
    assert [cell.value for cell in sheet[3]] == headers
    line = dict(zip(headers, sheet[4], strict=True))
    [issue] = found(report, "date_impossible")
    assert [line[name].value for name in ("工作表", "单元格", "栏目", "填报内容", "问题", "怎么改", "说明")] == [
        "青年阵地", place, "启用日期", "2023-02-30", issue.message, issue.remedy, None,
    ]  # fmt: skip
    assert line["单元格"].hyperlink.location == f"'青年阵地'!{place}"


def test_a_marked_workbook_that_was_corrected_is_accepted_and_gives_the_same_rows() -> None:
    data, place = spoilt()
    _, marked = mark(data)

    def correct(book: Workbook) -> None:
        book["青年阵地"][place].value = "2023-02-28"

    report = check(edited(marked.data, correct))
    assert (report.state, report.issues) == ("accepted", [])
    assert report.row_counts == check(report_workbook()).row_counts


def test_marking_again_takes_away_colours_and_notes_of_what_was_corrected() -> None:
    data, place = spoilt()
    _, marked = mark(data)
    corrected = edited(marked.data, lambda book: book["青年阵地"].__setitem__(place, "2023-02-28"))
    again = mark_workbook(corrected, check(corrected).issues)
    assert again.is_own_file
    cell = book_of(again.data)["青年阵地"][place]
    assert cell.comment is None
    assert cell.fill.fill_type is None
    assert book_of(again.data).sheetnames.count(SHEET) == 1
    assert book_of(again.data)[SHEET]["A1"].value == marking_texts()["title_none"]
    assert changed(corrected, again.data) == {("青年阵地", place)}


def test_marking_twice_gives_the_same_as_marking_once() -> None:
    data, _ = spoilt()
    report, marked = mark(data)
    assert mark_workbook(data, report.issues).data == marked.data
    again = mark_workbook(marked.data, report.issues)
    assert changed(marked.data, again.data) == set()
    assert grids_of(again.data) == grids_of(marked.data)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.__name__)
def test_a_package_of_another_program_is_marked_in_place(variant: Callable[[packages.Parts], None]) -> None:
    data = packages.repacked(spoilt()[0], variant)
    report, marked = mark(data)
    place = found(report, "date_impossible")[0].cell
    assert marked.is_own_file
    before, after = grids_of(data), grids_of(marked.data)
    assert after.pop(SHEET)[3][3] == place
    assert after == before
    assert check(marked.data).to_json() == report.to_json()
    if variant not in (packages.strict, packages.in_another_folder):  # which openpyxl does not read
        cell = book_of(marked.data)["青年阵地"][place]
        assert (cell.fill.fgColor.rgb, cell.comment is not None) == (RED, True)


def test_a_missing_value_is_marked_where_there_was_no_cell_and_no_row() -> None:
    rows = typical_rows(load_forms()["street"])
    del rows["venue"][0]["venue_kind"]
    data = report_workbook(rows=rows)
    place = place_of(data, "青年阵地", "阵地类型")
    far = make_issue("value_missing", sheet="青年阵地", cell="B9", header="阵地类型")
    report = check(data)
    marked = mark_workbook(data, [*report.issues, far])
    sheet = book_of(marked.data)["青年阵地"]
    assert [sheet[one].fill.fgColor.rgb for one in (place, "B9")] == [RED, RED]
    assert changed(data, marked.data) == {("青年阵地", place), ("青年阵地", "B9")}
    assert check(marked.data).to_json() == report.to_json()


def test_formulas_and_their_results_stay_also_in_a_wrong_cell() -> None:
    rows = typical_rows(load_forms()["street"])
    rows["profile"][0]["youth_count"] = Formula("1+2", 3)
    rows["profile"][0]["league_member_count"] = Formula("A1/0", "#DIV/0!")
    data = report_workbook(rows=rows)
    report, marked = mark(data)
    wrong = found(report, "formula_error")[0].cell
    assert changed(data, marked.data) == {("基本情况", wrong)}
    cell, value = (book_of(marked.data, values=flag)["基本情况"][wrong].value for flag in (False, True))
    assert (cell, value) == ("=A1/0", "#DIV/0!")


def test_a_note_that_somebody_wrote_stays_and_ours_goes_when_the_cell_is_right_again() -> None:
    data, place = spoilt()

    def annotate(book: Workbook) -> None:
        book["青年阵地"][place].comment = Comment("问过社区，待核实", "某人")

    data = edited(data, annotate)
    report, marked = mark(data)
    text = book_of(marked.data)["青年阵地"][place].comment.text  # type: ignore[union-attr]
    assert text.startswith(f"问过社区，待核实\n{MARK}")
    again = mark_workbook(marked.data, [])
    assert report.issues
    assert book_of(again.data)["青年阵地"][place].comment.text == "问过社区，待核实"  # type: ignore[union-attr]


def test_a_cell_within_a_merged_area_is_marked_at_the_corner_that_is_seen() -> None:
    data = edited(report_workbook(), lambda book: book["青年阵地"].merge_cells("B3:B4"))
    marked = mark_workbook(data, [make_issue("value_missing", sheet="青年阵地", cell="B4", header="阵地类型")])
    assert book_of(marked.data)["青年阵地"]["B3"].fill.fgColor.rgb == RED


def test_names_validations_widths_and_hidden_sheets_stay() -> None:
    def add_name(book: Workbook) -> None:
        book["青年阵地"].defined_names["本表"] = DefinedName("本表", attr_text="'青年阵地'!$A$1:$B$2")
        book["青年阵地"].column_dimensions["B"].width = 33

    data = edited(spoilt()[0], add_name)
    marked = mark(data)[1]
    before, after = book_of(data), book_of(marked.data)
    for sheet in before:
        same = after[sheet.title]
        assert set(same.defined_names) == set(sheet.defined_names)
        assert same.print_title_rows == sheet.print_title_rows
        assert same.sheet_state == sheet.sheet_state
        assert same.merged_cells.ranges == sheet.merged_cells.ranges
        rules = [
            {(str(rule.sqref), rule.type, rule.formula1) for rule in one.data_validations.dataValidation}
            for one in (sheet, same)
        ]
        assert rules[0] == rules[1]
    assert after["青年阵地"].column_dimensions["B"].width == 33


def test_what_is_not_touched_is_copied_byte_for_byte() -> None:
    data = packages.repacked(spoilt()[0], lambda parts: parts.update({"xl/media/章.png": b"\x89PNG 1"}))
    marked = mark(data)[1]
    before, after = packages.parts_of(data), packages.parts_of(marked.data)
    different = {name for name in before if after[name] != before[name]}
    assert len([name for name in different if name.startswith("xl/worksheets/sheet")]) == 2  # the wrong one, the cover
    assert after["xl/media/章.png"] == b"\x89PNG 1"
    guard(marked.data)


def test_another_format_gives_a_copy_of_its_values_that_says_so() -> None:
    data, place = spoilt()
    grids = read_grids(guard(data))
    copy = marked_copy(grids, "Excel 97-2003 工作簿（xls）", group_findings(check(data).issues))
    book = book_of(copy)
    assert "Excel 97-2003 工作簿（xls）" in book[SHEET]["A2"].value
    assert book["青年阵地"][place].fill.fgColor.rgb == RED
    assert book["青年阵地"][place].comment is not None
    assert book[SHEET]["D4"].hyperlink.location == f"'青年阵地'!{place}"
    shown = {grid.name: grid.rows for grid in grids if grid.is_visible}
    assert {name: rows for name, rows in grids_of(copy).items() if name != SHEET} == shown
    assert marked_copy(grids, "Excel 97-2003 工作簿（xls）", group_findings(check(data).issues)) == copy


def test_a_file_that_cannot_be_read_gives_the_list_of_findings_alone() -> None:
    report = check(b"<html>")
    marked = mark_workbook(b"<html>", report.issues)
    book = book_of(marked.data)
    assert (marked.is_own_file, book.sheetnames) == (False, [SHEET])
    assert book[SHEET]["A2"].value == marking_texts()["guide_unreadable"]
    assert report.issues[0].message in [cell.value for cell in book[SHEET][4]]


def test_what_looks_like_a_formula_is_text_in_the_list() -> None:
    data, _ = with_cell("青年阵地", "启用日期", "x")
    issue = make_issue("date_invalid", sheet="青年阵地", cell="G3", header="启用日期", raw='=HYPERLINK("http://x")')
    sheet = book_of(mark_workbook(data, [issue]).data)[SHEET]
    assert sheet["F4"].value == '\'=HYPERLINK("http://x")'
    assert (sheet["F4"].quotePrefix, sheet["F4"].number_format) == (True, "@")
    assert [harmless(text) for text in ("-5", "+1.5", "-x", "@a", "a=1")] == ["-5", "+1.5", "'-x", "'@a", "a=1"]


def test_what_the_clerk_explained_is_read_again_and_stays_when_the_finding_does() -> None:
    data, place = spoilt()
    report, marked = mark(data)
    explained = edited(marked.data, lambda book: book[SHEET].__setitem__("I4", "台账确是这样登记的"))
    [issue] = report.issues
    place_and_words = ("date_impossible", "青年阵地", "启用日期", (place,), "台账确是这样登记的")
    expected = Explanation(*place_and_words, (issue.finding_key,))
    assert read_explanations(read_grids(guard(explained))) == [expected]
    again = mark_workbook(explained, report.issues)
    assert book_of(again.data)[SHEET]["I4"].value == "台账确是这样登记的"
