"""Every finding that a report can have, in the cell where it is, in words a clerk understands."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from openpyxl.workbook import Workbook

from ingest.forms import load_forms
from ingest.issues import SEVERITIES, catalogue, make_issue
from ingest.pseudonym import MASK
from ingest.sheetxml import scan_sheet
from tests.support.workbooks import (
    DISTRICT,
    OTHER_STREET,
    STREET,
    check,
    column_of,
    edited,
    first_data_row,
    found,
    place_of,
    plain_workbook,
    report_workbook,
    typical_rows,
    with_cell,
)

#: (form, sheet, header, value put into its first line, code that must be found there)
WRONG_CELLS = [
    ("street", "活动", "活动名称", None, "value_missing"),
    ("street", "活动", "活动名称", "—", "value_missing"),
    ("street", "基本情况", "团员数", None, "value_missing"),
    ("street", "基本情况", "团员数", "说不准", "count_invalid"),
    ("street", "青年阵地", "面积(平方米)", "很大", "decimal_invalid"),
    ("street", "经费", "到账金额", "若干", "money_invalid"),
    ("street", "会议", "会议日期", "上旬", "date_invalid"),
    ("street", "会议", "会议日期", "2025-02-30", "date_impossible"),
    ("street", "经费", "经费年度", "去年", "year_invalid"),
    ("street", "辖区单位", "地址是否在本街道", "可能", "boolean_invalid"),
    ("street", "工作力量", "人员类别", "书记", "code_unknown"),
    ("street", "辖区单位", "统一社会信用代码", "91440101MA0000000Z", "uscc_invalid"),
    ("street", "工作力量", "手机号后四位", "12a4", "phone_tail_invalid"),
    ("committee", "经费拨付", "街道代码", "440103999", "street_code_invalid"),
    ("committee", "联系点", "区或街道代码", "999999", "unit_code_invalid"),
    ("street", "工作力量", "服务社区代码", "440103001999", "community_code_invalid"),
    ("street", "工作力量", "服务社区代码", "4.40103E+11", "digits_lost"),
    ("street", "活动", "参与人次", -5, "negative_value"),
    ("street", "活动", "参与人次", "=SUM(A1:A2)", "formula_without_value"),
    ("street", "活动", "轮值届次", "第九十九届", "reference_unknown"),
    ("street", "结对帮扶", "结对单位名称", "没有登记的单位", "reference_unknown"),
    ("committee", "联系点", "姓名", "没有登记的人", "reference_unknown"),
    ("committee", "制度文件", "适用阶段", "S99", "reference_unknown"),
    ("feedback", "修改意见", "条款编号", "99z", "reference_unknown"),
    ("street", "轮值主席", "任期结束日期", date(2025, 1, 1), "dates_reversed"),
    ("street", "活动", "举办日期", date(2024, 12, 31), "event_outside_period"),
    ("street", "活动", "参与人次", "50人", "value_repaired"),
]


@pytest.mark.parametrize(("form_code", "sheet", "header", "value", "code"), WRONG_CELLS)
def test_a_wrong_cell_is_found_where_it_is_and_nowhere_else(
    form_code: str, sheet: str, header: str, value: object, code: str
) -> None:
    data, place = with_cell(sheet, header, value, form_code)
    report = check(data)
    assert [(issue.code, issue.sheet, issue.cell, issue.header) for issue in report.issues] == [
        (code, sheet, place, header)
    ]
    [issue] = report.issues
    assert issue.row == int(re.sub(r"\D", "", place))
    is_error = catalogue()[code].severity == "error"
    assert (report.state, report.reason) == (("rejected", "has_errors") if is_error else ("accepted", None))
    assert report.exit_code == (1 if is_error else 0)
    assert header in issue.message + issue.remedy


def test_an_error_cell_is_found_although_the_reader_gives_it_as_empty() -> None:
    data = report_workbook()
    place = place_of(data, "活动", "参与人次")

    def spoil(book: Workbook) -> None:
        book["活动"][place].value = "#REF!"
        book["活动"][place].data_type = "e"

    [issue] = check(edited(data, spoil)).issues
    assert (issue.code, issue.cell, issue.raw) == ("formula_error", place, "#REF!")


def test_an_error_cell_in_an_optional_field_is_no_empty_cell() -> None:
    data = report_workbook()
    place = place_of(data, "活动", "参与青年社会组织数")

    def spoil(book: Workbook) -> None:
        book["活动"][place].value = "#DIV/0!"
        book["活动"][place].data_type = "e"

    assert [issue.code for issue in check(edited(data, spoil)).issues] == ["formula_error"]


def test_money_stated_in_ten_thousands_is_converted_with_one_note_at_the_header() -> None:
    data = report_workbook()
    letter, row = column_of(data, "经费", "到账金额"), first_data_row(data, "经费", "到账金额")

    def rename(book: Workbook) -> None:
        book["经费"][f"{letter}{row - 1}"].value = "到账金额（万元）*"
        book["经费"][f"{letter}{row}"].value = 2
        book["经费"][f"{letter}{row + 1}"].value = 3.5

    report = check(edited(data, rename))
    assert [str(line["amount"]) for line in report.rows["street_funding"]] == ["20000.00", "35000.00"]
    assert [(issue.code, issue.cell) for issue in report.issues] == [("value_repaired", f"{letter}{row - 1}")]


def test_tiny_amounts_without_a_stated_unit_are_asked_about_at_the_header() -> None:
    rows = typical_rows(load_forms()["street"])
    for line in rows["funding"]:
        line["amount"] = 2
    data = report_workbook(rows=rows)
    report = check(data)
    letter, row = column_of(data, "经费", "到账金额"), first_data_row(data, "经费", "到账金额")
    assert [(issue.code, issue.cell, issue.severity) for issue in report.issues] == [
        ("money_unit_unclear", f"{letter}{row - 1}", "query")
    ]
    assert report.state == "accepted"


def test_a_register_line_that_stands_twice_is_asked_about_on_the_later_line() -> None:
    rows = typical_rows(load_forms()["street"])
    rows["venue"][1]["venue_name"] = f" {rows['venue'][0]['venue_name']}"
    data = report_workbook(rows=rows)
    [issue] = check(data).issues
    assert (issue.code, issue.cell) == ("row_duplicate", place_of(data, "青年阵地", "阵地名称", line=1))
    assert f"第 {first_data_row(data, '青年阵地', '阵地名称')} 行" in issue.message


def test_private_values_are_masked_in_every_finding() -> None:
    rows = typical_rows(load_forms()["street"])
    rows["person"][1].update(person_name="赵某某", phone_tail="13800001234")
    rows["person"].append({**rows["person"][0], "person_name": "钱某某", "phone_tail": "１２３４"})
    rows["person"] += [dict(rows["person"][2])]
    shown = str(check(report_workbook(rows=rows)).issues)
    assert "phone_tail_invalid" in shown
    assert "value_repaired" in shown
    assert "row_duplicate" in shown
    assert MASK in shown
    for private in ("赵某某", "钱某某", "1380000", "1234", "１２３４"):
        assert private not in shown


def test_a_leader_reference_that_fails_does_not_say_the_name() -> None:
    data, _ = with_cell("联系点", "姓名", "孙某某", "committee")
    [issue] = check(data).issues
    assert issue.raw == MASK
    assert "孙某某" not in str(issue)
    assert "领导班子" in issue.message


def _remove_sheet(book: Workbook) -> None:
    book.remove(book["会议"])


def _hide_old_sheet(book: Workbook) -> None:
    sheet = book.create_sheet("上季度(勿动)")
    sheet["A1"] = "旧数据"
    sheet.sheet_state = "hidden"


def _add_sheet(book: Workbook) -> None:
    book.create_sheet("随便记记")["A1"] = "旧数据"


@pytest.mark.parametrize(
    ("change", "code", "sheet", "state"),
    [
        (_remove_sheet, "sheet_missing", "会议", "rejected"),
        (_hide_old_sheet, "sheet_hidden", "上季度(勿动)", "accepted"),
        (_add_sheet, "sheet_unknown", "随便记记", "accepted"),
    ],
)
def test_sheets_that_are_missing_hidden_or_unknown(
    change: Callable[[Workbook], None], code: str, sheet: str, state: str
) -> None:
    report = check(edited(report_workbook(), change))
    assert [(issue.code, issue.sheet) for issue in report.issues] == [(code, sheet)]
    assert report.state == state
    assert report.exit_code == (1 if state == "rejected" else 0)


def test_empty_extra_sheets_are_not_worth_a_word() -> None:
    assert check(edited(report_workbook(), lambda book: book.create_sheet("Sheet1"))).issues == []


def test_a_missing_required_column_is_an_error_and_an_unknown_one_is_noted() -> None:
    data = report_workbook()
    letter, row = column_of(data, "活动", "参与人次"), first_data_row(data, "活动", "参与人次")

    def rename(book: Workbook) -> None:
        book["活动"][f"{letter}{row - 1}"].value = "热闹程度"

    report = check(edited(data, rename))
    [missing] = found(report, "column_missing")
    assert (missing.sheet, missing.header, missing.severity) == ("活动", "参与人次", "error")
    [unknown] = found(report, "column_unknown")
    assert (unknown.cell, unknown.raw) == (f"{letter}{row - 1}", "热闹程度")
    assert len(report.issues) == 2


#: (form, header on the cover, value, code)
WRONG_COVERS = [
    ("street", "街道代码", None, "unit_missing"),
    ("street", "街道代码", "440103999", "unit_unknown"),
    ("street", "街道代码", "沙面街道", "unit_unknown"),
    ("street", "街道代码", DISTRICT, "unit_level_wrong"),
    ("committee", "团委代码", STREET, "unit_level_wrong"),
    ("street", "报告期", None, "period_missing"),
    ("street", "报告期", "去年底", "period_invalid"),
    ("feedback", "通知编号", "XX-1900-99", "notice_unknown"),
    ("feedback", "通知编号", None, "period_missing"),
]


@pytest.mark.parametrize(("form_code", "header", "value", "code"), WRONG_COVERS)
def test_a_file_whose_unit_or_period_is_unclear_cannot_be_taken(
    form_code: str, header: str, value: object, code: str
) -> None:
    cover = load_forms()[form_code].cover.name_zh
    data, place = with_cell(cover, header, value, form_code)
    data = edited(data, lambda book: book.remove(book["_meta"]))
    report = check(data)
    assert (report.state, report.reason, report.exit_code) == ("rejected", code, 2)
    [issue] = report.issues
    assert (issue.code, issue.sheet, issue.cell) == (code, cover, place)


def test_the_meta_sheet_helps_out_when_the_cover_is_empty() -> None:
    data, _ = with_cell("封面", "报告期", None)
    assert check(data).period == "2025-Q1"


def test_a_period_in_words_is_taken_with_a_note() -> None:
    data, place = with_cell("封面", "报告期", "2025年第一季度")
    report = check(data)
    assert (report.state, report.period) == ("accepted", "2025-Q1")
    assert [(issue.code, issue.cell) for issue in report.issues] == [("value_repaired", place)]


def test_two_covers_are_two_reports() -> None:
    data = report_workbook()
    place = place_of(data, "封面", "街道代码")

    def copy_cover(book: Workbook) -> None:
        copy = book.copy_worksheet(book["封面"])
        copy.title = "封面二"
        copy[place].value = OTHER_STREET

    report = check(edited(data, copy_cover))
    assert (report.reason, report.exit_code) == ("two_reports", 2)
    [issue] = found(report, "two_reports")
    assert (issue.sheet, issue.cell) == ("封面二", place)


def test_one_cover_with_two_periods_is_two_reports() -> None:
    data = report_workbook()

    def append(book: Workbook) -> None:
        book["封面"].append(["报告期", "2025-Q2"])

    assert check(edited(data, append)).reason == "two_reports"


def test_a_workbook_of_something_else_is_no_form() -> None:
    report = check(plain_workbook({"工资": [["姓名", "应发"], ["甲", 1]]}))
    assert (report.state, report.reason, report.exit_code) == ("rejected", "form_unknown", 2)


def test_the_catalogue_is_whole_and_every_text_can_be_filled() -> None:
    for kind in catalogue().values():
        assert kind.severity in SEVERITIES
        issue = make_issue(kind.code, sheet="表", header="栏目", raw="值", expected="应为", kind="种类")
        assert issue.message.endswith("。")
        assert issue.remedy.endswith("。")
        assert "{" not in issue.message + issue.remedy
        assert re.search("[\u4e00-\u9fff]", issue.message)
    with pytest.raises(KeyError):
        make_issue("no_such_code")


@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2025, 3, 31)])
def test_the_first_and_the_last_day_belong_to_the_period(day: date) -> None:
    data, _ = with_cell("活动", "举办日期", day)
    assert check(data).issues == []


def test_a_term_may_end_on_the_day_on_which_it_began() -> None:
    data, _ = with_cell("轮值主席", "任期结束日期", date(2025, 2, 3))
    assert check(data).issues == []


def test_a_text_formula_with_an_empty_result_is_a_blank() -> None:
    content = (
        b'<worksheet><sheetData><row r="1"><c r="A1" t="str"><f>IF(1,"")</f><v></v></c>'
        b'<c r="B1"><f>B2</f><v>7</v></c><c r="C1"><f>C2</f></c><c r="D1" t="e"><v>#N/A</v></c></row>'
        b"<row><c><f>A9</f><v/></c></row></sheetData></worksheet>"
    )
    trouble = scan_sheet(content)
    assert {place: one.code for place, one in trouble.items()} == {
        (0, 2): "formula_without_value",
        (0, 3): "formula_error",
        (1, 0): "formula_without_value",
    }
    assert trouble[0, 3].raw == "#N/A"


def test_a_formula_that_looks_outside_is_landed_as_text_and_never_run() -> None:
    data, _ = with_cell("活动", "活动名称", "+cmd|' /C calc'!A0")
    report = check(data)
    assert report.state == "accepted"
    assert report.rows["street_activity"][0]["activity_name"] == "+cmd|'/Ccalc'!A0"
