"""Pitfalls of whole reports: whose and for when, doubles, sums, and file formats."""

from __future__ import annotations

import csv
import zipfile
from datetime import date, datetime
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from ingest.batch import process_batch
from ingest.forms import load_forms
from ingest.history import History
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.receive import receive
from ingest.report import Report
from tests.support.workbooks import (
    KEY,
    OTHER_STREET,
    REGISTERS,
    STREET,
    check,
    check_workbook,
    edited,
    first_quarter_rows,
    found,
    place_of,
    report_workbook,
    typical_rows,
    valid_uscc,
    with_cell,
)

STREET_FORM = load_forms()["street"]


def _check_named(data: bytes, file_name: str) -> Report:
    return check_workbook(data, registers=REGISTERS, pseudonym_key=KEY, channel_unit=STREET, file_name=file_name)


@pytest.mark.parametrize(
    ("file_name", "other"),
    [
        ("沙面街道2025年第二季度报表.xlsx", "2025年第2季度"),
        ("2025Q3.xlsx", "2025q3"),
        ("二季度(最终版).xlsx", "二季度"),
        ("2024年第一季度报表.xlsx", "2024年第一季度"),
        ("岭南街道2025年第一季度报表.xlsx", "岭南街道"),
        ("440103002_2025-Q1.xlsx", "440103002"),
    ],
)
def test_p16_a_file_name_of_another_report_puts_the_file_aside(file_name: str, other: str) -> None:
    report = _check_named(report_workbook(), file_name)
    assert (report.state, report.reason, report.exit_code) == ("rejected", "file_name_contradicts", 2)
    [issue] = report.issues
    assert issue.raw is not None
    assert issue.raw[-3:] == other.replace("2025年第2季度", "2025年第二季度")[-3:]


@pytest.mark.parametrize(
    "file_name",
    [
        "沙面街道2025年第一季度报表.xlsx", "荔湾区沙面街2025Q1(1).xlsx",
        "报表_最终版v2.xlsx", "一季度.xlsx", "1-3月报表.xlsx",
        "二季度收到的一季度报表.xlsx", "440103001.xlsx", "",
    ],
)  # fmt: skip
def test_p16_a_file_name_that_agrees_or_says_nothing_is_no_finding(file_name: str) -> None:
    report = _check_named(report_workbook(), file_name)
    assert (report.state, report.issues) == ("accepted", [])


def test_p16_a_cover_of_another_sender_is_refused() -> None:
    assert check(report_workbook(), channel_unit=OTHER_STREET).reason == "unit_mismatch"


def test_p16_a_cover_of_another_sender_is_told_once_whatever_the_file_is_called() -> None:
    report = check_workbook(
        report_workbook(),
        registers=REGISTERS,
        pseudonym_key=KEY,
        channel_unit=OTHER_STREET,
        file_name="岭南街道报表.xlsx",
    )
    assert [issue.code for issue in report.issues] == ["unit_mismatch"]


def test_p16_a_name_of_another_unit_beside_the_code_is_refused() -> None:
    data, place = with_cell("封面", "街道名称", "岭南街道办事处")
    report = check(data)
    assert report.reason == "unit_name_contradicts"
    assert report.issues[0].cell == place


@pytest.mark.parametrize(("key", "value"), [("period", "2024-Q4"), ("unit_code", OTHER_STREET)])
def test_p16_the_template_of_another_report_is_asked_about(key: str, value: str) -> None:
    def retell(book: Workbook) -> None:
        for row in book["_meta"].iter_rows():
            if row[0].value == key:
                row[1].value = value

    report = check(edited(report_workbook(), retell))
    assert [(issue.code, issue.severity, issue.raw) for issue in report.issues] == [
        ("template_of_other", "query", value)
    ]


def test_p16_the_title_of_another_period_is_asked_about() -> None:
    def retitle(book: Workbook) -> None:
        book["活动"]["A1"].value = "2024年第四季度活动登记表"

    [issue] = check(edited(report_workbook(), retitle)).issues
    assert (issue.code, issue.severity, issue.sheet, issue.cell) == ("title_contradicts", "query", "活动", "A1")


def test_p16_events_that_all_lie_in_another_quarter_put_the_file_aside() -> None:
    rows = typical_rows(STREET_FORM)
    days = {"activity": "held_on", "meeting": "held_on", "funding": "received_on", "training": "held_on"}
    for entity, field in {**days, "award_opinion": "filed_on"}.items():
        for line in rows[entity]:
            line[field] = date(2024, 11, 5)
    report = check(report_workbook(rows=rows))
    assert (report.reason, report.exit_code) == ("events_of_other_period", 2)
    assert "2024-Q4" in report.issues[0].message


@pytest.mark.parametrize(
    "name",
    [
        "沙面街",
        "沙面街道办",
        "荔湾沙面",
        "荔湾区沙面街道办事处",
        "沙面",
        "共青团荔湾区沙面街道工作委员会",
        "沙面街道团工委",
    ],
)
@pytest.mark.parametrize("is_in_code", [True, False])
def test_p17_a_unit_named_without_its_code_is_found_beside_the_sender(name: str, is_in_code: bool) -> None:
    data, place = with_cell("封面", "街道代码", name if is_in_code else None)
    if not is_in_code:
        data = edited(data, lambda book: book["封面"].__setitem__(place_of(data, "封面", "街道名称"), name))
    data = edited(data, lambda book: book.remove(book["_meta"]))
    report = check(data, channel_unit="440103001")
    assert (report.state, report.unit_code) == ("accepted", STREET)
    assert [(issue.code, issue.cell) for issue in report.issues] == [("unit_by_name", place)]


@pytest.mark.parametrize(
    ("name", "sender", "reason"),
    [
        ("岭南街道", STREET, "unit_mismatch"),
        ("光明办事处", STREET, "unit_unknown"),
        ("东城街道", None, "unit_unknown"),
        ("沙面街道", "440104001", "unit_unknown"),
    ],
)
def test_p17_a_name_is_never_looked_up_beyond_the_senders_district(name: str, sender: str | None, reason: str) -> None:
    data, _ = with_cell("封面", "街道代码", name)
    data = edited(data, lambda book: book.remove(book["_meta"]))
    assert check(data, channel_unit=sender).reason == reason


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("广州市荔湾区沙面恒远商务有限公司", "沙面恒远商务"), ("沙面小学", "荔湾区沙面小学"),
        ("恒远（广州）公司", "恒远(广州)有限公司"),
        ("梅菉中学", "梅录中学"),
    ],
)  # fmt: skip
def test_p20_one_unit_under_its_full_and_its_short_name_is_asked_about(first: str, second: str) -> None:
    rows = typical_rows(STREET_FORM)
    for line, name in zip(rows["unit"], (first, second), strict=True):
        line["unit_name"] = name
    for entity in ("chair_term", "pairing"):
        for line, name in zip(rows[entity], (first, second), strict=True):
            line["unit_name"] = name
    data = report_workbook(rows=rows)
    issue = found(check(data), "row_duplicate")[0]
    assert (issue.sheet, issue.cell) == ("辖区单位", place_of(data, "辖区单位", "单位名称", line=1))


def test_p20_one_credit_code_twice_and_one_person_in_two_roles_are_asked_about() -> None:
    rows = typical_rows(STREET_FORM)
    rows["unit"][1]["uscc"] = rows["unit"][0]["uscc"] = valid_uscc(5)
    kinds = ("专职团干部", "固定志愿者")
    rows["person"] = [{**rows["person"][0], "person_kind": kind} for kind in kinds]
    report = check(report_workbook(rows=rows))
    assert {issue.sheet for issue in found(report, "row_duplicate")} == {"辖区单位", "工作力量"}
    assert {issue.code for issue in report.issues} == {"row_duplicate"}


def test_p20_the_last_valid_version_counts_and_the_earlier_one_is_kept(tmp_path: Path) -> None:
    home = Home(tmp_path).prepare()
    ledger = Ledger(home.ledger_url)
    for day, lines in ((3, 2), (4, 3)):
        now = datetime(2025, 4, day)
        receive(
            home, ledger, report_workbook(lines=lines), channel="cli", channel_unit_code=STREET,
            file_name=f"报表({day}).xlsx", submitted_at=now, received_at=now,
        )  # fmt: skip
    [batch_id] = ledger.plan_batches(10)
    process_batch(home, ledger, batch_id, registers=REGISTERS, now=datetime(2025, 4, 5))
    decided = ledger.submissions(datetime(2026, 1, 1))
    assert [row["state"] for row in decided] == ["accepted", "accepted"]
    last = max(decided, key=lambda row: row["submitted_at"])["submission_id"]
    then = History(home.lake, ledger).before(Report("accepted", None, "street", STREET, "2025-Q2"))
    assert then is not None
    assert then.rows is not None
    assert (then.submission_id, len(then.rows["street_activity"])) == (last, 3)
    ledger.close()


@pytest.mark.parametrize(
    ("entity", "field", "value", "code"),
    [
        ("profile", "known_youth_org_count", 2, "total_disagrees"),
        ("activity", "unit_count", 40, "total_disagrees"),
        ("meeting", "unit_due_count", 40, "total_disagrees"),
        ("meeting", "unit_present_count", 20, "part_exceeds_whole"),
        ("venue", "migrant_visit_count", 900, "part_exceeds_whole"),
        ("profile", "youth_reached_count", 900, "part_exceeds_whole"),
    ],
)
def test_p21_figures_that_disagree_are_asked_about(entity: str, field: str, value: int, code: str) -> None:
    rows = first_quarter_rows()
    rows[entity][0][field] = value
    report = check(report_workbook(rows=rows))
    sheet, header = STREET_FORM.sheet(entity), STREET_FORM.sheet(entity).field(field).header_zh
    assert [(issue.code, issue.sheet, issue.header) for issue in report.issues] == [(code, sheet.name_zh, header)]
    assert report.state == "accepted"


def _as_csv_zip(encoding: str) -> bytes:
    """The faultless workbook as a zip with one text table per visible sheet."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for sheet in openpyxl.load_workbook(BytesIO(report_workbook())).worksheets:
            if sheet.sheet_state != "visible":
                continue
            text = StringIO()
            for row in sheet.values:
                csv.writer(text).writerow("" if cell is None else str(cell).removesuffix(" 00:00:00") for cell in row)
            package.writestr(f"{sheet.title}.csv", text.getvalue().encode(encoding))
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_p23_a_zip_of_csv_in_any_charset_is_read(encoding: str) -> None:
    report = check(_as_csv_zip(encoding))
    assert report.state == "accepted", report.issues
    assert report.row_counts["activity"] == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><body><table></table></body></html>", "not_a_workbook"),
        (b"%PDF-1.7\n", "not_a_workbook"),
        (b"", "file_empty"),
    ],
)
def test_p23_what_is_no_table_is_refused_by_what_it_is(data: bytes, reason: str) -> None:
    report = check(data)
    assert (report.state, report.reason, report.exit_code) == ("rejected", reason, 2)
