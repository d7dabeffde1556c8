"""What clerks do to the shape of a workbook: titles, merged cells, nested headers, totals, notes, columns, sheets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ingest.forms import load_forms
from ingest.report import Report
from tests.support.workbooks import check, edited, found, report_workbook, typical_rows

ACTIVITY = load_forms()["street"].sheet("activity")
HEADERS = [field.header_zh for field in ACTIVITY.fields]


def _check_changed(change: Callable[[Worksheet], None], sheet: str = "活动", lines: int = 3) -> Report:
    """The report on a faultless workbook after ``change`` of one sheet."""
    return check(edited(report_workbook(lines=lines), lambda book: change(book[sheet])))


def _activities(report: Report, field: str) -> list[Any]:
    return [row[field] for row in report.rows["street_activity"]]


def _codes(report: Report) -> list[str]:
    return [issue.code for issue in report.issues]


@pytest.mark.parametrize(
    "titles",
    [
        ["2025年第一季度活动登记表"],
        ["区域化大团建", "活动登记表"],
        ["附表7", "活动登记表", "填报单位：沙面街道      2025年3月31日"],
    ],
)
def test_p01_title_rows_above_the_table_do_not_matter(titles: list[str]) -> None:
    def retitle(sheet: Worksheet) -> None:
        sheet.unmerge_cells("A1:J1")
        sheet.insert_rows(1, len(titles) - 1) if len(titles) > 1 else None
        for row, title in enumerate(titles, start=1):
            sheet.cell(row, 1).value = title
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=10)

    report = _check_changed(retitle)
    assert (report.state, report.issues) == ("accepted", [])
    assert _activities(report, "participant_count") == [3, 4, 5]


def test_p02_merged_body_cells_are_filled_down_and_counted() -> None:
    def merge(sheet: Worksheet) -> None:
        for row in (4, 5):
            sheet.cell(row, 4).value = None
        sheet.merge_cells("D3:D5")

    report = _check_changed(merge)
    assert report.state == "accepted"
    assert _activities(report, "host_unit_name") == ["主办单位名称1"] * 3
    [issue] = report.issues
    assert (issue.code, issue.cell, issue.severity) == ("merged_filled", "D3", "note")
    assert "2 行" in issue.message


def test_p02_merged_dates_and_codes_are_filled_down_but_no_number_is_counted_twice() -> None:
    def merge(sheet: Worksheet) -> None:
        for letter in "BCI":
            sheet[f"{letter}4"].value = None
            sheet.merge_cells(f"{letter}3:{letter}4")

    report = _check_changed(merge)
    assert len(set(_activities(report, "held_on"))) == 1
    assert _activities(report, "activity_kind")[0] == _activities(report, "activity_kind")[1]
    assert [(issue.code, issue.cell) for issue in report.issues if issue.severity == "error"] == [
        ("value_missing", "I4")
    ]


def test_p02_a_merged_block_of_notes_makes_no_rows() -> None:
    def note(sheet: Worksheet) -> None:
        sheet["A7"].value = "说明：本表由各街道团工委填写"
        sheet.merge_cells("A7:J9")

    report = _check_changed(note)
    assert report.row_counts["activity"] == 3
    assert _codes(report) == ["rows_dropped"]


def _nest(sheet: Worksheet, groups: dict[int, tuple[str, str]], *, is_merged: bool, depth: int = 2) -> None:
    """Put ``groups`` (column: upper and lower text) into a header of ``depth`` rows; others stay in the top one."""
    sheet.insert_rows(3, depth - 1)
    for column in range(1, 11):
        if column in groups:
            upper, lower = groups[column]
            sheet.cell(2, column).value = upper
            sheet.cell(1 + depth, column).value = lower
        elif is_merged:
            sheet.merge_cells(start_row=2, start_column=column, end_row=1 + depth, end_column=column)


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("is_merged", [True, False])
def test_p03_a_header_of_several_rows_is_joined(depth: int, is_merged: bool) -> None:
    def nest(sheet: Worksheet) -> None:
        groups = {7: ("参与", "成员单位数"), 8: ("", "青年社会组织数"), 9: ("", "人次"), 10: ("其中", "流动青年人次")}
        _nest(sheet, groups, is_merged=is_merged, depth=depth)
        if is_merged:
            sheet.merge_cells("G2:I2")

    report = _check_changed(nest)
    assert report.state == "accepted", report.issues
    assert _activities(report, "participant_count") == [3, 4, 5]
    assert _activities(report, "unit_count") == [3, 4, 5]
    assert _activities(report, "floating_participant_count") == [3, 4, 5]


def test_p03_a_group_over_headers_of_their_own_does_not_hide_them() -> None:
    def group(sheet: Worksheet) -> None:
        sheet.insert_rows(2)
        sheet["A2"].value, sheet["G2"].value = "活动基本情况", "参与情况"
        sheet.merge_cells("A2:F2")
        sheet.merge_cells("G2:J2")

    report = _check_changed(group)
    assert report.issues == []
    assert report.row_counts["activity"] == 3


@pytest.mark.parametrize(
    "word",
    ["合计", "小计", "总计：", "共 计", "本季度合计", "累计", "东片小计", "合计（3次）", "全街合计", "合计数", "Total"],
)
@pytest.mark.parametrize(("total", "codes"), [(12, ["rows_dropped"]), (13, ["rows_dropped", "subtotal_disagrees"])])
def test_p04_a_total_is_dropped_and_held_against_its_rows(word: str, total: int, codes: list[str]) -> None:
    def add(sheet: Worksheet) -> None:
        sheet["A6"].value, sheet["I6"].value = word, total

    report = _check_changed(add)
    assert report.row_counts["activity"] == 3
    assert _codes(report) == codes
    assert [issue.cell for issue in report.issues if issue.code == "subtotal_disagrees"] == ["I6"] * (len(codes) - 1)


def test_p04_subtotals_cover_their_own_rows_and_the_total_all() -> None:
    rows = typical_rows(load_forms()["street"], lines=4)
    data = report_workbook(rows=rows)

    def add(book: Workbook) -> None:
        sheet = book["活动"]
        sheet.insert_rows(5)
        for row, word, total in ((5, "小计", 7), (8, "小计", 11), (9, "合计", 18)):
            sheet.cell(row, 1).value, sheet.cell(row, 9).value = word, total

    report = check(edited(data, add))
    assert report.row_counts["activity"] == 4
    assert set(_codes(report)) == {"rows_dropped"}


def test_p04_a_row_of_bare_sums_is_known_without_its_word() -> None:
    def add(sheet: Worksheet) -> None:
        sheet["G6"].value, sheet["I6"].value = "=SUM(G3:G5)", 12

    report = _check_changed(add)
    assert report.row_counts["activity"] == 3
    assert _codes(report) == ["rows_dropped"]


@pytest.mark.parametrize(
    "notes",
    [
        ["填表说明：1.如实填写", "2.不得漏报"],
        ["填表人：某某", "审核人：某某"],
        ["（盖章）"],
        ["注：以上为本期数"],
        ["数据来源：各社区"],
        ["特此报告。"],
        ["以上活动均有照片存档"],
        ["沙面街道团工委"],
    ],
)
def test_p05_notes_and_signatures_below_the_table_are_no_rows(notes: list[str]) -> None:
    def add(sheet: Worksheet) -> None:
        for row, note in enumerate(notes, start=7):
            sheet.cell(row, 1).value = note

    report = _check_changed(add)
    assert report.row_counts["activity"] == 3
    assert set(_codes(report)) == {"rows_dropped"}
    assert report.state == "accepted"


@pytest.mark.parametrize(
    "cells",
    [
        {"A": "填表人：某某", "D": "审核人：某某", "H": "填报日期：2025年4月2日"},
        {"A": "负责人（签字）：", "F": "联系电话：020-00000000"},
        {"A": "主要负责人签章", "D": "经手人"},
        {"E": "（盖章）"},
    ],
)
def test_p05_signatures_side_by_side_are_no_row(cells: dict[str, str]) -> None:
    def add(sheet: Worksheet) -> None:
        for letter, words in cells.items():
            sheet[f"{letter}7"].value = words

    report = _check_changed(add)
    assert (report.state, _codes(report), report.row_counts["activity"]) == ("accepted", ["rows_dropped"], 3)


def test_p11_an_extra_column_is_left_aside_with_a_note_and_shifts_nothing() -> None:
    def insert(sheet: Worksheet) -> None:
        sheet.unmerge_cells("A1:J1")
        sheet.insert_cols(3)
        sheet["C2"].value = "所属片区"
        for row in (3, 4, 5):
            sheet.cell(row, 3).value = "东片"

    report = _check_changed(insert)
    assert [(issue.code, issue.cell, issue.raw) for issue in report.issues] == [("column_unknown", "C2", "所属片区")]
    assert _activities(report, "held_on") == [date(2025, 2, 3)] * 3


@pytest.mark.parametrize(
    ("sheet", "header", "written"),
    [
        ("基本情况", "团员数", "团员人数"),
        ("活动", "参与人次", "＊参与人次（人）"),
        ("活动", "参与人次", "参与人次(必填)："),
        ("活动", "参与人次", "参 与\n人 次"),
        ("活动", "举办日期", "活动日期【年月日】"),
        ("青年阵地", "面积(平方米)", "面积（㎡）"),
        ("经费", "到账金额", "到账金额(元)*"),
    ],
)
def test_p12_another_writing_of_a_header_is_known(sheet: str, header: str, written: str) -> None:
    def rename(target: Worksheet) -> None:
        for row in target.iter_rows():
            for cell in row:
                if str(cell.value).strip("*") == header:
                    cell.value = written

    report = _check_changed(rename, sheet)
    assert (report.state, report.issues) == ("accepted", [])


@pytest.mark.parametrize("written", [None, "人次", "参与次数", "参加人数"])
def test_p12_a_required_column_is_never_guessed(written: str | None) -> None:
    def rename(sheet: Worksheet) -> None:
        sheet["I2"].value = written

    report = _check_changed(rename)
    assert (report.state, report.reason) == ("rejected", "has_errors")
    [missing] = found(report, "column_missing")
    assert missing.header == "参与人次"


@pytest.mark.parametrize(
    "name", ["附表7活动台账", "表7", "Sheet3", "7、活动", "活动登记表（一季度）", "活动情况统计表"]
)
def test_p13_a_renamed_sheet_is_found_and_told(name: str) -> None:
    def rename(book: Workbook) -> None:
        book["活动"].title = name

    report = check(edited(report_workbook(), rename))
    assert report.row_counts["activity"] == 2
    assert [(issue.code, issue.severity, issue.sheet) for issue in report.issues] == [("sheet_renamed", "note", name)]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_p14_hidden_sheets_are_left_aside_with_a_note(state: str) -> None:
    def hide(book: Workbook) -> None:
        old = book.copy_worksheet(book["活动"])
        old.title, old.sheet_state = "上季度(勿动)", state
        for name in ("Sheet1", "Sheet2", "Sheet3"):
            book.create_sheet(name)

    report = check(edited(report_workbook(), hide))
    assert [(issue.code, issue.sheet) for issue in report.issues] == [("sheet_hidden", "上季度(勿动)")]
    assert report.row_counts["activity"] == 2


def test_p14_a_visible_sheet_that_says_it_is_old_is_left_aside() -> None:
    def add(book: Workbook) -> None:
        old = book.copy_worksheet(book["活动"])
        old.title = "上季度活动(勿动)"
        old["A3"].value = "去年的活动"

    report = check(edited(report_workbook(), add))
    assert [(issue.code, issue.severity) for issue in report.issues] == [("sheet_unknown", "note")]


@pytest.mark.parametrize(
    ("title", "days", "other"),
    [
        ("沙面街道2025年第二季度活动登记表", [date(2025, 5, 6), date(2025, 6, 1)], "2025年第二季度"),
        ("二季度", [date(2025, 5, 6), date(2025, 6, 1)], "二季度"),
        (None, [date(2025, 5, 6), date(2025, 6, 1)], "2025-Q2"),
        ("岭南街道活动登记表", [date(2025, 2, 6), date(2025, 3, 1)], "岭南街道"),
        ("单位代码：440103002", [date(2025, 2, 6), date(2025, 3, 1)], "440103002"),
    ],
)
def test_p15_two_tables_of_two_reports_in_one_sheet_are_put_aside(
    title: str | None, days: list[date], other: str
) -> None:
    def append(sheet: Worksheet) -> None:
        sheet["A7"].value = title
        for column in range(1, 11):
            sheet.cell(8, column).value = sheet.cell(2, column).value
            for row, day in enumerate(days, start=9):
                sheet.cell(row, column).value = sheet.cell(row - 6, column).value
                sheet.cell(row, 3).value = day

    report = _check_changed(append)
    assert (report.state, report.reason, report.exit_code) == ("rejected", "two_reports", 2)
    [issue] = report.issues
    assert issue.sheet == "活动"
    assert other in issue.message
    assert "2025-Q1" in issue.message


def test_p15_a_header_that_is_only_printed_again_is_no_second_report() -> None:
    def again(sheet: Worksheet) -> None:
        for column in range(1, 11):
            values = [sheet.cell(row, column).value for row in (2, 5)]
            sheet.cell(5, column).value, sheet.cell(6, column).value = values

    report = _check_changed(again)
    assert (report.state, _codes(report)) == ("accepted", ["rows_dropped"])
    assert report.row_counts["activity"] == 3


def test_p15_two_sheets_of_one_kind_are_not_chosen_between() -> None:
    def add(book: Workbook) -> None:
        second = book.copy_worksheet(book["活动"])
        second.title = "活动二季度"
        second["A3"].value = "另一次活动"

    report = check(edited(report_workbook(), add))
    assert report.state == "rejected"
    assert [(issue.code, issue.sheet) for issue in report.issues] == [("sheet_twice", "活动二季度")]


def test_p15_a_cover_with_two_columns_of_values_is_two_reports() -> None:
    def add(sheet: Worksheet) -> None:
        for row in sheet.iter_rows():
            if str(row[0].value).strip("*") == "报告期":
                sheet.cell(row[0].row, 3).value = "2025-Q2"

    report = _check_changed(add, "封面")
    assert report.reason == "two_reports"
