"""Workbooks that clerks have made their own: with macros, notes, hidden sheets and sheets called like ours."""

from __future__ import annotations

import re

import pytest
from openpyxl.comments import Comment
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.workbook import Workbook

from ingest.explanations import findings_sheet_of
from ingest.forms import load_forms
from ingest.guard import guard
from ingest.marking import mark_workbook, read_explanations
from ingest.marking.copied import marked_copy
from ingest.readers import read_grids
from tests.ingest.test_marking import RED, SHEET, book_of, changed, grids_of, mark, spoilt
from tests.support import formats, packages
from tests.support.workbooks import check, edited, typical_rows

OURS = f"{SHEET}(2)"


def with_own_sheet(state: str = "visible") -> tuple[bytes, str]:
    """A spoilt report in which the clerk has a sheet of the name that ours has."""
    data, place = spoilt()

    def add(book: Workbook) -> None:
        sheet = book.create_sheet(SHEET)
        sheet["A1"], sheet["B2"], sheet.sheet_state = "我的问题清单", 7, state

    return edited(data, add), place


def test_a_workbook_with_macros_comes_back_as_a_plain_one_that_excel_opens_under_its_name() -> None:
    data = packages.repacked(spoilt()[0], packages.with_macros)
    report, marked = mark(data)
    assert [issue.code for issue in report.issues if issue.code == "macros_ignored"] == ["macros_ignored"]
    assert marked.is_own_file
    parts = packages.parts_of(marked.data)
    assert not [name for name in parts if "vba" in name.lower()]
    listed = parts["[Content_Types].xml"]
    assert re.search(rb'"/xl/workbook.xml" ContentType="[^"]*\.spreadsheetml\.sheet\.main\+xml"', listed)
    assert b"vbaProject" not in listed + parts["xl/_rels/workbook.xml.rels"]
    assert [issue.code for issue in check(marked.data).issues] == ["date_impossible"]


@pytest.mark.parametrize("state", ["visible", "hidden"])
def test_a_sheet_of_the_clerks_own_that_is_called_like_ours_stays(state: str) -> None:
    data, place = with_own_sheet(state)
    report, marked = mark(data)
    book = book_of(marked.data)
    assert book.sheetnames[0] == OURS
    assert book.active is book[OURS]
    assert (book[SHEET]["A1"].value, book[SHEET]["B2"].value, book[SHEET].sheet_state) == ("我的问题清单", 7, state)
    assert book[OURS]["D4"].hyperlink.location == f"'青年阵地'!{place}"
    assert {sheet for sheet, _ in changed(data, marked.data)} == {"青年阵地", OURS}
    assert check(marked.data).to_json() == report.to_json()


def test_beside_a_sheet_of_the_clerks_own_explanations_are_read_and_ours_is_written_anew() -> None:
    data, _ = with_own_sheet()
    report, marked = mark(data)
    explained = edited(marked.data, lambda book: book[OURS].__setitem__("I4", "台账确是这样登记的"))
    assert [one.text for one in read_explanations(read_grids(guard(explained)))] == ["台账确是这样登记的"]
    again = book_of(mark_workbook(explained, report.issues).data)
    assert (again.sheetnames.count(OURS), again[OURS]["I4"].value) == (1, "台账确是这样登记的")
    assert again[SHEET]["B2"].value == 7


def test_a_copy_of_the_values_keeps_the_clerks_own_sheet_under_another_name() -> None:
    grids = read_grids(guard(with_own_sheet()[0]))
    copy = grids_of(marked_copy(grids, "文本表格（CSV）", []))
    assert [name for name, rows in copy.items() if rows and rows[0][0] == "我的问题清单"] != []
    ours = findings_sheet_of(read_grids(guard(marked_copy(grids, "文本表格（CSV）", []))))
    assert ours is not None and ours.name == SHEET


def test_the_sheet_of_findings_that_a_clerk_has_hidden_is_shown_again() -> None:
    _, marked = mark(spoilt()[0])

    def hide(book: Workbook) -> None:
        book.active = 1
        book[SHEET].sheet_state = "hidden"

    hidden = edited(marked.data, hide)
    book = book_of(mark_workbook(hidden, check(hidden).issues).data)
    assert (book[SHEET].sheet_state, book.active.title) == ("visible", SHEET)  # type: ignore[union-attr]


def test_where_notes_have_no_drawing_all_of_them_get_one() -> None:
    data, place = spoilt()

    def annotate(book: Workbook) -> None:
        book["青年阵地"]["A3"].comment = Comment("问过社区", "某人")

    data = packages.repacked(edited(data, annotate), packages.without_note_drawings)
    marked = mark(data)[1]
    parts = packages.parts_of(marked.data)
    [drawing] = [part for name, part in parts.items() if name.endswith(".vml")]
    shown = set(zip(re.findall(rb"<x:Row>(\d+)", drawing), re.findall(rb"<x:Column>(\d+)", drawing), strict=True))
    [notes] = [part for name, part in parts.items() if "comment" in name and place.encode() in part]
    refs = {coordinate_to_tuple(ref.decode()) for ref in re.findall(rb'<comment ref="(\w+)"', notes)}
    assert {(int(row) + 1, int(column) + 1) for row, column in shown} == refs > {(3, 1)}
    sheet = book_of(marked.data)["青年阵地"]
    assert (sheet["A3"].comment.text, sheet[place].fill.fgColor.rgb) == ("问过社区", RED)  # type: ignore[union-attr]


def test_a_report_as_json_gives_a_copy_in_which_links_and_colours_stand_where_its_values_do() -> None:
    rows = typical_rows(load_forms()["street"])
    rows["venue"][1]["opened_on"] = "2023-02-30"
    data = formats.json_report("street", rows)
    report = check(data)
    assert [issue.cell for issue in report.issues] == ["/venue/1/opened_on"]
    book = book_of(mark_workbook(data, report.issues).data)
    link = book[SHEET]["D4"]
    name, _, place = link.hyperlink.location.partition("!")
    cell = book[name.strip("'")][place]
    assert (link.value, cell.value) == ("/venue/1/opened_on", "2023-02-30")
    assert (cell.fill.fgColor.rgb, cell.comment is not None) == (RED, True)
