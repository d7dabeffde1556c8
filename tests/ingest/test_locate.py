"""Sheets, headers and tables are found by what they say, not by where a template once put them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from openpyxl.workbook import Workbook

from ingest.cells import Grid
from ingest.forms import load_forms
from ingest.headerrows import find_header
from ingest.headers import header_index, normal_header, stated_money_unit
from ingest.locate import locate_list
from tests.support.workbooks import (
    PERIOD,
    STREET,
    check,
    column_of,
    edited,
    first_data_row,
    found,
    place_of,
    plain_workbook,
    report_workbook,
    with_cell,
)


@pytest.mark.parametrize(
    "name", ["活动", " 活 动 ", "附表7活动台账", "表7 活动", "7.活动登记表", "活动情况", "活动（2）", "Sheet3"]
)
def test_a_renamed_sheet_is_found(name: str) -> None:
    def rename(book: Workbook) -> None:
        book["活动"].title = name

    report = check(edited(report_workbook(), rename))
    assert report.state == "accepted", report.issues
    assert [row["sheet"] for row in report.rows["street_activity"]] == [name, name]


def test_two_sheets_with_one_name_do_not_steal_from_each_other() -> None:
    def add(book: Workbook) -> None:
        book.copy_worksheet(book["活动"]).title = "活动 (旧)"

    report = check(edited(report_workbook(), add))
    assert [(issue.code, issue.sheet) for issue in report.issues] == [("sheet_unknown", "活动 (旧)")]
    assert {row["sheet"] for row in report.rows["street_activity"]} == {"活动"}


@pytest.mark.parametrize(
    "header",
    [
        "参与人次",
        "参与人次*",
        "＊参与人次",
        " 参 与 人 次 ",
        "参与人次（人）",
        "参与人次(必填)",
        "参与\n人次",
        "参与人次：",
    ],
)
def test_variants_of_a_header_are_known(header: str) -> None:
    data = report_workbook()
    letter, row = column_of(data, "活动", "参与人次"), first_data_row(data, "活动", "参与人次")

    def rename(book: Workbook) -> None:
        book["活动"][f"{letter}{row - 1}"].value = header

    report = check(edited(data, rename))
    assert report.issues == []
    assert report.rows["street_activity"][0]["participant_count"] == 3


def test_an_alias_of_a_header_is_known() -> None:
    data = report_workbook()
    place = column_of(data, "活动", "举办日期") + str(first_data_row(data, "活动", "举办日期") - 1)

    def rename(book: Workbook) -> None:
        book["活动"][place].value = "活动日期"

    assert check(edited(data, rename)).state == "accepted"


@pytest.mark.parametrize("rows_above", [1, 4])
def test_the_header_row_is_found_by_its_headers_and_addresses_stay_true(rows_above: int) -> None:
    data, _ = with_cell("活动", "参与人次", "很多")
    data = edited(data, lambda book: book["活动"].insert_rows(1, rows_above))
    [issue] = check(data).issues
    assert issue.cell == place_of(data, "活动", "参与人次")


def test_an_inserted_column_is_noted_and_shifts_nothing() -> None:
    def insert(book: Workbook) -> None:
        sheet = book["活动"]
        sheet.insert_cols(2)
        sheet["B2"].value = "所属片区"
        sheet["B3"].value = "东片"

    report = check(edited(report_workbook(), insert))
    assert [(issue.code, issue.cell) for issue in report.issues] == [("column_unknown", "B2")]
    assert report.rows["street_activity"][0]["participant_count"] == 3


def test_a_running_number_is_no_unknown_column_and_makes_no_data_row() -> None:
    def number(book: Workbook) -> None:
        sheet = book["活动"]
        sheet.insert_cols(1)
        sheet["A2"].value = "序号"
        for line in range(1, 10):
            sheet[f"A{line + 2}"].value = line

    report = check(edited(report_workbook(), number))
    assert report.issues == []
    assert report.row_counts["activity"] == 2


def _grid(rows: list[list[object]]) -> Grid:
    width = max(len(row) for row in rows)
    return Grid("活动", True, [[*row, *[""] * (width - len(row))] for row in rows])  # type: ignore[list-item]


def test_a_header_of_two_rows_is_joined() -> None:
    form = load_forms()["street"]
    grid = _grid(
        [
            ["活动登记表"],
            ["活动", "", "举办日期", "参与", ""],
            ["名称", "类别", "", "人次", "成员单位数"],
            ["青年歌会", "交友联谊", date(2025, 1, 2), 12.0, 3.0],
        ]
    )
    header = find_header(grid, header_index("street", "activity"))
    assert header is not None
    assert (header.top, header.bottom) == (1, 2)
    assert {name: column for name, (column, _) in header.fields.items()} == {
        "activity_name": 0, "activity_kind": 1, "held_on": 2, "participant_count": 3, "unit_count": 4,
    }  # fmt: skip
    assert locate_list(form.sheet("activity"), grid, header_index("street", "activity")).first_row == 3


def test_a_data_row_does_not_join_the_header() -> None:
    grid = _grid([["活动名称", "活动类别", "举办日期"], ["活动名称", "其他", "2025-01-02"]])
    header = find_header(grid, header_index("street", "activity"))
    assert header is not None
    assert (header.top, header.bottom) == (0, 0)


@pytest.mark.parametrize("word", ["合计", "小计：", "总 计", "共计", "本季合计"])
def test_subtotal_rows_are_dropped_with_a_note(word: str) -> None:
    data = report_workbook()
    row = first_data_row(data, "活动", "参与人次") + 2

    def add(book: Workbook) -> None:
        book["活动"][f"A{row}"].value = word
        book["活动"][place_of(data, "活动", "参与人次", line=2)].value = "=SUM(A1:A2)"

    report = check(edited(data, add))
    assert report.row_counts["activity"] == 2
    [issue] = report.issues
    assert (issue.code, issue.sheet, issue.cell, issue.severity) == ("rows_dropped", "活动", f"A{row}", "note")


def test_an_activity_that_only_begins_like_a_subtotal_is_kept() -> None:
    data, _ = with_cell("活动", "活动名称", "合计一百天读书活动")
    report = check(data)
    assert report.issues == []
    assert report.row_counts["activity"] == 2


@pytest.mark.parametrize(
    "note", ["填表说明：1.如实填写", "填表人：赵某某", "审核人：", "（盖章）", "备注：无", "注：以上为本期数"]
)
def test_notes_and_signatures_below_the_table_are_dropped_without_quoting_them(note: str) -> None:
    data = report_workbook()
    row = first_data_row(data, "活动", "参与人次") + 3

    def add(book: Workbook) -> None:
        book["活动"][f"A{row}"].value = note
        book["活动"][f"C{row}"].value = "审核人：钱某某"
        book["活动"][f"A{row + 1}"].value = "2.联系电话见通讯录"

    report = check(edited(data, add))
    assert report.row_counts["activity"] == 2
    [issue] = report.issues
    assert (issue.code, issue.cell) == ("rows_dropped", f"A{row}")
    assert f"{row}-{row + 1}" in issue.message
    assert "某某" not in str(issue)


def test_a_full_row_below_a_note_is_still_read() -> None:
    def add(book: Workbook) -> None:
        sheet = book["活动"]
        values = ["另一次活动", *(cell.value for cell in sheet[4][1:])]
        sheet["A5"].value = "注：以下为补充"
        for column, value in enumerate(values, start=1):
            sheet.cell(6, column).value = value

    report = check(edited(report_workbook(), add))
    assert report.row_counts["activity"] == 3
    assert [issue.code for issue in report.issues] == ["rows_dropped"]


def test_a_line_that_only_says_none_is_no_record() -> None:
    data = report_workbook()
    row = first_data_row(data, "培训激励", "人数") + 2

    def add(book: Workbook) -> None:
        book["培训激励"][f"A{row}"].value = "无"
        book["培训激励"][f"B{row}"].value = "/"

    report = check(edited(data, add))
    assert [(issue.code, issue.cell) for issue in report.issues] == [("rows_dropped", f"A{row}")]
    assert report.row_counts["training"] == 2


def test_a_header_that_is_printed_again_is_dropped() -> None:
    def again(book: Workbook) -> None:
        sheet = book["活动"]
        for column, cell in enumerate(sheet[2], start=1):
            sheet.cell(5, column).value = cell.value

    report = check(edited(report_workbook(), again))
    assert [(issue.code, issue.cell) for issue in report.issues] == [("rows_dropped", "A5")]


def _shift_right(book: Workbook) -> None:
    book["基本情况"].insert_cols(1)


@pytest.mark.parametrize("change", [_shift_right])
def test_a_key_value_sheet_is_read_wherever_its_labels_stand(change: Callable[[Workbook], None]) -> None:
    report = check(edited(report_workbook(), change))
    assert report.state == "accepted", report.issues
    assert report.rows["street_profile"][0]["league_member_count"] == 3


def test_a_workbook_typed_by_hand_is_found_without_the_template() -> None:
    cover = [
        ["街道区域化大团建季度报表"],
        ["报告期：", PERIOD],
        ["街道代码", int(STREET)],
        ["街道名称", "沙面街道"],
        ["模板版本", "2026.1"],
        ["填报日期", date(2025, 4, 2)],
    ]
    report = check(plain_workbook({"Sheet1": cover}))
    assert (report.form, report.unit_code, report.period) == ("street", STREET, PERIOD)
    assert {issue.code for issue in report.issues} == {"sheet_missing", "sheet_renamed"}
    assert len(found(report, "sheet_missing")) == len(load_forms()["street"].sheets) - 1


def test_headers_are_compared_without_their_dress() -> None:
    assert normal_header(" ＊青年总数（14－35岁）： ") == normal_header("青年总数(14-35岁)")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("到账金额（万元）*", "万元"), ("金额/元", "元"), ("单位：万元", "万元"), ("到账金额(单位:元)", "元"),
        ("到账金额", None), ("填报单位：荔湾区", None), ("多元参与", None),
    ],
)  # fmt: skip
def test_the_money_unit_is_taken_from_what_is_written(text: str, unit: str | None) -> None:
    assert stated_money_unit(text) == unit


def test_no_two_headers_of_a_sheet_are_mistaken_for_each_other() -> None:
    for form in load_forms().values():
        for sheet in form.sheets:
            index = header_index(form.code, sheet.entity)
            for field in sheet.fields:
                assert index.field(field.header_zh) is field
                assert index.field(f"{field.header_zh}*") is field
