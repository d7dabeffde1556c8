"""What clerks do to single values: units, words, dates, characters, damaged codes, formulas, negative corrections."""

from __future__ import annotations

import os
import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from openpyxl.workbook import Workbook

from ingest.forms import load_forms
from ingest.report import Report
from tests.support.workbooks import (
    COMMUNITY,
    check,
    column_of,
    edited,
    first_data_row,
    place_of,
    report_workbook,
    typical_rows,
    valid_uscc,
    with_cell,
)

NOTE = "value_repaired"
FULL_WIDTH = {ord(str(digit)): 0xFF10 + digit for digit in range(10)}


def _check_value(sheet: str, header: str, value: object, form_code: str = "street") -> tuple[Any, list[str], Report]:
    """(value as read, codes found in its cell, report) of a faultless workbook with one cell changed."""
    data, place = with_cell(sheet, header, value, form_code)
    report = check(data)
    form = load_forms()[form_code]
    [definition] = [one for one in form.sheets if one.name_zh == sheet]
    [field] = [one for one in definition.fields if one.header_zh == header]
    codes = [issue.code for issue in report.issues if issue.cell == place]
    rows = report.rows.get(form.table(definition))
    return rows[0].get(field.name) if rows else None, codes, report


def _money_workbook(amounts: list[object], header: str = "到账金额*", corner: str | None = None) -> bytes:
    rows = typical_rows(load_forms()["street"], lines=len(amounts))
    data = report_workbook(rows=rows)
    letter, top = column_of(data, "经费", "到账金额"), first_data_row(data, "经费", "到账金额")

    def change(book: Workbook) -> None:
        sheet = book["经费"]
        sheet[f"{letter}{top - 1}"].value = header
        for row, amount in enumerate(amounts, start=top):
            sheet[f"{letter}{row}"].value = amount
        if corner:
            sheet.insert_rows(2)
            sheet["F2"].value = corner

    return edited(data, change)


@pytest.mark.parametrize(
    ("header", "corner"),
    [
        ("到账金额（万元）", None), ("到账金额(单位：万元)*", None), ("到账金额/万元", None),
        ("到账金额*", "单位：万元"), ("到账金额*", "（单位:万元）"), ("到账金额*", "金额单位： 人民币万元"),
    ],
)  # fmt: skip
def test_p06_a_stated_ten_thousand_is_converted_with_its_evidence(header: str, corner: str | None) -> None:
    report = check(_money_workbook([2, 3.5], header, corner))
    assert [row["amount"] for row in report.rows["street_funding"]] == [Decimal(20000), Decimal(35000)]
    [issue] = report.issues
    assert (issue.code, issue.severity) == (NOTE, "note")
    assert "万元" in issue.message


@pytest.mark.parametrize(
    ("header", "amounts", "code"),
    [
        ("到账金额*", [2, 3.5], "money_unit_unclear"),
        ("到账金额*", [20000, 35000], None),
        ("到账金额（元）", [2, 3.5], None),
        ("到账金额（万元）", [20000, 35000], "money_unit_doubtful"),
    ],
)
def test_p06_a_unit_that_does_not_fit_its_amounts_is_asked_about(
    header: str, amounts: list[object], code: str | None
) -> None:
    report = check(_money_workbook(amounts, header))
    assert [issue.code for issue in report.issues if issue.severity == "query"] == [code] * (code is not None)


@pytest.mark.parametrize(
    ("written", "value", "code"),
    [
        ("12人", 12, NOTE), ("12 人次", 12, NOTE), ("3个", 3, NOTE), ("共12人", 12, NOTE), ("12（人）", 12, NOTE),
        ("约50", 50, "value_estimated"), ("50余人", 50, "value_estimated"), ("二十多人", 20, "value_estimated"),
        ("2万", 20000, NOTE), ("1.5万", 15000, NOTE), ("近百人", 100, "value_estimated"),
        ("百余人", 100, "value_estimated"), ("百", None, "count_invalid"), ("万", None, "count_invalid"),
        ("十二", 12, NOTE), ("一百二十人", 120, NOTE), ("两千", 2000, NOTE),
        ("１２", 12, NOTE), ("1,200", 1200, NOTE), ("１，２００", 1200, NOTE), ("几十", None, "count_invalid"),
        ("12-15", None, "count_invalid"), ("12.5", None, "count_invalid"),
    ],
)  # fmt: skip
def test_p07_a_number_is_read_with_what_sticks_to_it(written: str, value: int | None, code: str) -> None:
    read, codes, report = _check_value("活动", "参与人次", written)
    assert (read, codes) == (value, [code])
    assert (report.state == "accepted") == (value is not None)


@pytest.mark.parametrize(
    ("written", "value"),
    [("1.5万元", 15000), ("2万", 20000), ("¥20,000.00", 20000), ("两万元整", 20000), ("20000元", 20000)],
)
def test_p07_money_is_read_with_its_unit(written: str, value: int) -> None:
    read, codes, _ = _check_value("经费", "到账金额", written)
    assert (read, codes) == (Decimal(value), [NOTE])


@pytest.mark.parametrize("word", ["无", "暂无", "未开展", "没有", "零", "（无）", "无。", "暂未开展"])
def test_p08_nothing_in_a_count_is_zero(word: str) -> None:
    read, codes, report = _check_value("基本情况", "流动青年数", word)
    assert (read, codes) == (0, [NOTE])
    assert report.state == "accepted"


@pytest.mark.parametrize(
    "word", ["无", "—", "－", "/", "／", "\\", "暂无", "N/A", "待定", "——", " ", "—— ——", "不详", "？"]
)
def test_p08_nothing_in_a_text_is_empty(word: str) -> None:
    read, codes, report = _check_value("活动", "轮值届次", word)
    assert (read, codes, report.state) == (None, [], "accepted")


@pytest.mark.parametrize("word", ["—", "/", "待定", "N/A", "不详", "未统计"])
def test_p08_what_is_not_known_yet_is_missing_where_a_count_is_owed(word: str) -> None:
    assert _check_value("活动", "参与人次", word)[1] == ["value_missing"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2014.7.3", date(2014, 7, 3)), ("2014年7月3日", date(2014, 7, 3)), ("14-7-3", date(2014, 7, 3)),
        ("20140703", date(2014, 7, 3)), ("2014/7/3", date(2014, 7, 3)), ("2014。7。3", date(2014, 7, 3)),
        ("2014—7—3", date(2014, 7, 3)), ("2014.7.3.", date(2014, 7, 3)), ("2014、7、3", date(2014, 7, 3)),
        ("２０１４年７月３日", date(2014, 7, 3)), ("二〇一四年七月三日", date(2014, 7, 3)),
        ("2014-7-3 14:30", date(2014, 7, 3)),
        ("2014年7月3日（周四）", date(2014, 7, 3)), (41823, date(2014, 7, 3)), ("41823", date(2014, 7, 3)),
        ("7月3日", date(2025, 7, 3)), ("三月五日", date(2025, 3, 5)), ("3.5", date(2025, 3, 5)),
        ("3/5", date(2025, 3, 5)),
        ("4月5日-6日", date(2025, 4, 5)), ("2014年7月3日至5日", date(2014, 7, 3)),
        ("2014.7.3—2014.7.5", date(2014, 7, 3)),
    ],
)  # fmt: skip
def test_p09_a_date_of_any_writing_is_read(written: object, day: date) -> None:
    read, codes, report = _check_value("青年阵地", "启用日期", written)
    assert (read, report.state) == (day, "accepted")
    assert set(codes) <= {NOTE}
    has_year = "14" in str(written) or "一四" in str(written) or written in (41823, "41823")
    assert has_year or codes == [NOTE]


@pytest.mark.parametrize("written", [44229, "44229"])
def test_p09_a_bare_serial_is_counted_from_1904_where_the_workbook_counts_so(written: object) -> None:
    sheet, header = "青年阵地", "启用日期"
    place = place_of(report_workbook(), sheet, header)

    def opened_on(epoch: datetime) -> date:
        def change(book: Workbook) -> None:
            book.epoch = epoch
            book[sheet][place].value = written
            book[sheet][place].number_format = "General"

        report = check(edited(report_workbook(), change))
        assert [(issue.cell, issue.code) for issue in report.issues] == [(place, NOTE)]
        assert [row["opened_on"] for row in report.rows["street_venue"]][1:] == [date(2025, 2, 3)]
        return report.rows["street_venue"][0]["opened_on"]

    assert (opened_on(CALENDAR_MAC_1904), opened_on(CALENDAR_WINDOWS_1900)) == (date(2025, 2, 3), date(2021, 2, 2))


@pytest.mark.parametrize(
    "written", ["2014.7", "2014年7月", "二〇二五年三月", "2013.10", "3月上旬", "农历三月初三", "上周三", "2014"]
)
def test_p09_no_day_is_invented(written: object) -> None:
    read, codes, report = _check_value("青年阵地", "启用日期", written)
    assert (read, codes, report.state) == (None, ["date_invalid"], "rejected")


@pytest.mark.parametrize(
    "written", ["2014-02-30", "2月30日", "2025-13-01", "二〇二五年二月三十日", "1900-01-01", "2014年0月3日"]
)
def test_p09_an_impossible_day_is_refused(written: str) -> None:
    assert _check_value("青年阵地", "启用日期", written)[1] == ["date_impossible"]


@pytest.mark.parametrize(
    ("sheet", "header", "written", "value"),
    [
        ("活动", "参与人次", "１２", 12),
        ("辖区单位", "统一社会信用代码", "　" + valid_uscc(7).translate(FULL_WIDTH), valid_uscc(7)),
        ("工作力量", "服务社区代码", f"\u200b{COMMUNITY}\u00a0", COMMUNITY),
        ("青年阵地", "阵地名称", "青年\u3000中心（东）\u200b", "青年中心(东)"),
        ("辖区单位", "地址是否在本街道", "　是\u00a0", True),
    ],
)  # fmt: skip
def test_p10_width_and_invisible_characters_do_not_matter(sheet: str, header: str, written: str, value: object) -> None:
    read, codes, report = _check_value(sheet, header, written)
    assert read == value
    assert set(codes) <= {NOTE}
    assert "uscc_invalid" not in [issue.code for issue in report.issues]


@pytest.mark.parametrize(
    ("written", "unit"),
    [(440103001, "440103001"), ("440103001.0", "440103001"), ("'440103001", "440103001"), ("440 103 001", "440103001"),
     ("440103001000", "440103001"), (440103001000, "440103001"), ("４４０１０３００１", "440103001")],
)  # fmt: skip
def test_p18_a_code_damaged_by_excel_is_restored(written: object, unit: str) -> None:
    data, _ = with_cell("封面", "街道代码", written)
    report = check(data)
    assert (report.state, report.unit_code) == ("accepted", unit)


@pytest.mark.parametrize("written", ["4.40103E+11", "4.40103e11", 4.40103001e17])
def test_p18_a_code_with_lost_digits_is_refused(written: object) -> None:
    assert _check_value("工作力量", "服务社区代码", written)[1] == ["digits_lost"]


def test_p18_lost_zeros_of_a_phone_tail_come_back() -> None:
    data, place = with_cell("工作力量", "手机号后四位", 7)
    report = check(data)
    assert [(issue.code, issue.cell) for issue in report.issues] == [(NOTE, place)]
    assert report.rows["street_person"][0]["person_key"] is not None


@pytest.mark.parametrize("written", [9.14401e17, "9.14401E+17", 914401010000000000.0])
def test_p19_a_credit_code_as_a_number_cannot_be_recovered(written: object) -> None:
    read, codes, report = _check_value("辖区单位", "统一社会信用代码", written)
    assert (read, codes, report.state) == (None, ["digits_lost"], "rejected")


@pytest.mark.parametrize("error", ["#REF!", "#VALUE!", "#DIV/0!", "#N/A", "#NAME?"])
def test_p22_an_error_cell_is_no_empty_cell(error: str) -> None:
    data = report_workbook()
    letter, row = column_of(data, "活动", "参与青年社会组织数"), first_data_row(data, "活动", "参与青年社会组织数")

    def spoil(book: Workbook) -> None:
        book["活动"][f"{letter}{row}"].value = error
        book["活动"][f"{letter}{row}"].data_type = "e"

    report = check(edited(data, spoil))
    assert [(issue.code, issue.cell, issue.raw) for issue in report.issues] == [
        ("formula_error", f"{letter}{row}", error)
    ]


def test_p22_a_formula_without_a_stored_value_is_refused_and_never_evaluated() -> None:
    read, codes, report = _check_value("活动", "参与人次", "=1+1")
    assert (read, codes, report.state) == (None, ["formula_without_value"], "rejected")


def test_p24_pictures_are_ignored() -> None:
    stamped = BytesIO(report_workbook())
    with zipfile.ZipFile(stamped, "a") as package:
        for number in range(5):
            package.writestr(f"xl/media/image{number}.png", b"\x89PNG\r\n\x1a\n" + os.urandom(400_000))
    report = check(stamped.getvalue())
    assert (report.state, report.issues) == ("accepted", [])


@pytest.mark.parametrize("written", ["+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1+1"])
def test_p25_text_that_looks_like_a_formula_is_kept_as_text(written: str) -> None:
    data, _ = with_cell("封面", "情况说明", written)
    report = check(data)
    assert report.state == "accepted"
    assert report.rows["street_cover"][0]["note"] == written.strip()


@pytest.mark.parametrize(
    ("listed", "referred"),
    [
        ("梅菉街道小学", "梅录街道小学"),
        ("鮜门镇渔业公司", "鲘门镇渔业公司"),
        ("塘㙍中学", "塘缀中学"),
        ("广州（东）公司", "广州东公司"),
    ],
)
def test_p26_variant_characters_match_and_the_list_keeps_its_writing(listed: str, referred: str) -> None:
    rows = typical_rows(load_forms()["street"])
    rows["unit"][0]["unit_name"] = listed
    for entity in ("chair_term", "pairing"):
        rows[entity][0]["unit_name"] = referred
    report = check(report_workbook(rows=rows))
    assert report.state == "accepted"
    kept = listed.replace("（", "(").replace("）", ")")
    assert report.rows["street_unit"][0]["unit_name"] == kept
    assert report.rows["street_pairing"][0]["unit_name"] == kept
    assert {issue.code for issue in report.issues} == {NOTE}


def test_p26_another_name_is_not_a_variant() -> None:
    rows = typical_rows(load_forms()["street"])
    rows["pairing"][0]["unit_name"] = "梅绿街道小学"
    assert [issue.code for issue in check(report_workbook(rows=rows)).issues] == ["reference_unknown"]


def test_p27_a_person_who_left_in_the_period_is_kept_with_the_day() -> None:
    rows = typical_rows(load_forms()["street"])
    rows["person"][0]["end_on"] = date(2025, 2, 20)
    rows["person"][1]["end_on"] = None
    report = check(report_workbook(rows=rows))
    assert report.issues == []
    assert [row["end_on"] for row in report.rows["street_person"]] == [date(2025, 2, 20), None]


@pytest.mark.parametrize(
    ("sheet", "header"), [("活动", "参与人次"), ("经费", "到账金额"), ("青年阵地", "面积(平方米)")]
)
@pytest.mark.parametrize("written", [-1, "-1", "－1", "−1"])
def test_p28_a_negative_correction_is_refused(sheet: str, header: str, written: object) -> None:
    read, codes, report = _check_value(sheet, header, written)
    assert (read, codes, report.state) == (None, ["negative_value"], "rejected")
