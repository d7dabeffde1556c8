"""The same report in every format gives the same rows and the same findings in the same cells."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from ingest.cells import Cell
from ingest.check import Report
from ingest.forms import load_forms
from ingest.guard import guard
from ingest.readers import read_grids
from ingest.readers.xlsx import CHINESE_DATES
from tests.support import formats
from tests.support.workbooks import STREET, Rows, check, found, plain_workbook, report_workbook, typical_rows, with_cell

Writer = Callable[[formats.Sheets], bytes]

WRITERS: dict[str, Writer] = {
    "xls": formats.xls,
    "xlsb": formats.xlsb,
    "ods": formats.ods,
    "zip of csv, UTF-8 with mark": formats.csv_zip,
    "zip of csv, UTF-8": lambda sheets: formats.csv_zip(sheets, "utf-8"),
    "zip of csv, GB18030": lambda sheets: formats.csv_zip(sheets, "gb18030"),
    "zip of csv, UTF-16": lambda sheets: formats.csv_zip(sheets, "utf-16"),
    "one csv": formats.one_csv,
    "one csv, GB18030, tabs": lambda sheets: formats.one_csv(sheets, "gb18030", "\t"),
    "one csv, UTF-16, semicolons": lambda sheets: formats.one_csv(sheets, "utf-16", ";"),
    "one csv, semicolons as it says": lambda sheets: b"sep=;\r\n" + formats.one_csv(sheets, "utf-8", ";"),
    "zip of an xls": lambda sheets: formats.zipped(
        {"__MACOSX/._x": b"x", "x/~$x.xls": b"\x04user", "x/desktop.ini": b"[x]", "x/x.xls": formats.xls(sheets)}
    ),
}


def rows_without_place(report: Report) -> dict[str, list[dict[str, object]]]:
    """The typed rows but for the place where they stood."""
    return {
        table: [{name: value for name, value in row.items() if name not in ("row", "sheet")} for row in rows]
        for table, rows in report.rows.items()
    }


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("form_code", sorted(load_forms()))
def test_a_clean_report_is_accepted_in_every_format_with_the_same_rows(name: str, form_code: str) -> None:
    workbook = report_workbook(form_code)
    expected, report = check(workbook), check(WRITERS[name](formats.sheets_of(workbook)))
    assert (report.state, report.issues) == ("accepted", [])
    assert rows_without_place(report) == rows_without_place(expected)
    if "one csv" not in name:
        assert report.rows == expected.rows


@pytest.mark.parametrize("name", [*WRITERS, "xlsx"])
def test_a_wrong_cell_is_found_where_it_stands_in_every_format(name: str) -> None:
    workbook, place = with_cell("会议", "会议日期", "2025-02-30")
    data = workbook if name == "xlsx" else WRITERS[name](formats.sheets_of(workbook))
    [issue] = found(check(data, STREET), "date_impossible")
    assert issue.raw == "2025-02-30"
    assert issue.sheet == "会议"
    if "one csv" in name:
        # The row is that of the file, so that the clerk finds it there.
        text = next(grid for grid in read_grids(guard(data)) if grid.name == "会议").rows[
            int((issue.cell or "")[1:]) - 1
        ]
        assert "2025-02-30" in text
    else:
        assert issue.cell == place


@pytest.mark.parametrize("name", [*WRITERS])
def test_an_error_cell_is_an_error_in_every_format(name: str) -> None:
    sheets = formats.sheets_of(report_workbook())
    sheets["活动"][2][6] = formats.ERROR
    [issue] = found(check(WRITERS[name](sheets), STREET), "formula_error")
    assert issue.raw == formats.ERROR


def test_a_formula_without_a_result_is_found_in_an_ods() -> None:
    sheets = formats.sheets_of(report_workbook())
    sheets["活动"][2][6] = formats.NO_RESULT
    [issue] = found(check(formats.ods(sheets), STREET), "formula_without_value")
    assert (issue.sheet, issue.cell) == ("活动", "G3")


def test_an_error_pasted_as_a_value_is_an_error() -> None:
    workbook, place = with_cell("活动", "活动名称", "#N/A")
    [issue] = found(check(workbook, STREET), "formula_error")
    assert issue.cell == place


@pytest.mark.parametrize("name", ["feedback.xls", "feedback.ods"])
def test_workbooks_saved_by_libreoffice_give_the_same_rows(name: str) -> None:
    report = check((Path(__file__).parent / "made_by_libreoffice" / name).read_bytes())
    assert (report.state, report.issues) == ("accepted", [])
    assert report.rows == check(report_workbook("feedback")).rows


# --- dates


def _xlsx_with_format(number: int) -> bytes:
    data = plain_workbook({"表": [[date(2025, 3, 4)]]})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    styles = re.sub(rb"<numFmts.*?</numFmts>", b"", members["xl/styles.xml"])
    members["xl/styles.xml"] = re.sub(rb'numFmtId="1\d\d"', b'numFmtId="%d"' % number, styles)
    return formats.zipped(members)


def _first_cell(data: bytes) -> Cell:
    return read_grids(guard(data))[0].rows[0][0]


def _day(cell: Cell) -> object:
    return cell.date() if isinstance(cell, datetime) else cell


@pytest.mark.parametrize("number", sorted(CHINESE_DATES))
def test_dates_in_the_formats_of_a_chinese_excel_are_dates(number: int) -> None:
    sheet: dict[str, list[list[Cell]]] = {"表": [[date(2025, 3, 4)]]}
    for data in (_xlsx_with_format(number), formats.xls(sheet, number), formats.xlsb(sheet, number)):
        assert _day(_first_cell(data)) == date(2025, 3, 4)


def test_a_number_in_a_format_that_is_no_date_stays_a_number() -> None:
    assert _first_cell(_xlsx_with_format(1)) == formats.serial(date(2025, 3, 4))


def test_a_format_that_the_file_defines_itself_keeps_its_meaning() -> None:
    data = _xlsx_with_format(31)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    own = b'<numFmts count="1"><numFmt numFmtId="31" formatCode="0.00"/></numFmts><fonts'
    members["xl/styles.xml"] = members["xl/styles.xml"].replace(b"<fonts", own, 1)
    assert _first_cell(formats.zipped(members)) == formats.serial(date(2025, 3, 4))


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    def since_1904(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {one: archive.read(one) for one in archive.namelist()}
        assert old in members[name]
        members[name] = members[name].replace(old, new)
        return formats.zipped(members)

    sheet: dict[str, list[list[Cell]]] = {"表": [[date(2025, 3, 4)]]}
    mode = formats.biff(0x0022, b"\x01\x00")
    stream = formats.xls_stream({"表": formats.xls_records(sheet["表"])}, extra=mode)
    xlsb_flag = formats.brt(0x0099, b"\x01" + bytes(11))
    for data in (
        since_1904(_xlsx_with_format(14), "xl/workbook.xml", b"<workbookPr ", b'<workbookPr date1904="1" '),
        formats.pack_stream("Workbook", stream),
        since_1904(formats.xlsb(sheet), "xl/workbook.bin", formats.brt(0x008F), xlsb_flag + formats.brt(0x008F)),
    ):
        assert _day(_first_cell(data)) == date(2029, 3, 5)
        assert all(grid.counts_from_1904 for grid in read_grids(guard(data)))


# --- what is not a matter of cells


def test_a_hidden_sheet_of_an_ods_is_hidden() -> None:
    tables = (
        '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    body = '<table:table table:name="旧" table:style-name="h"/><table:table table:name="新"/>'
    content = formats.ods_content(body).replace(b"<office:body>", tables.encode() + b"<office:body>")
    grids = read_grids(guard(formats.ods_package(content)))
    assert [(grid.name, grid.is_visible) for grid in grids] == [("旧", False), ("新", True)]


def _ods_row(cells: str) -> bytes:
    table = f'<table:table table:name="表"><table:table-row>{cells}</table:table-row></table:table>'
    return formats.ods_package(formats.ods_content(table))


def test_merged_ranges_are_known_in_ods_and_xlsb() -> None:
    spanned = (
        '<table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="3" office:value-type="string">'
    )
    row = f"<table:table-row>{spanned}<text:p>合</text:p></table:table-cell></table:table-row>"
    [grid] = read_grids(
        guard(formats.ods_package(formats.ods_content(f'<table:table table:name="表">{row}</table:table>')))
    )
    assert grid.merged == (((0, 0), (2, 1)),)
    merged = formats.brt(0x00B0, b"".join(number.to_bytes(4, "little") for number in (0, 2, 0, 1)))
    part = formats.brt_sheet(formats.brt_rows([["合"]])).replace(formats.brt(0x0082), merged + formats.brt(0x0082))
    [grid] = read_grids(guard(formats.zipped(formats.xlsb_parts({"表": part}))))
    assert grid.merged == (((0, 0), (2, 1)),)


def test_a_comment_is_no_part_of_its_cell_in_an_ods() -> None:
    cell = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation>'
        "<text:p>甲<text:s text:c='2'/>乙</text:p><text:p>丙</text:p></table:table-cell>"
    )
    content = formats.ods_content(
        f'<table:table table:name="表"><table:table-row>{cell}</table:table-row></table:table>'
    )
    [grid] = read_grids(guard(formats.ods_package(content)))
    assert grid.rows == [["甲  乙\n丙"]]


def test_macros_are_noted_and_never_run() -> None:
    workbook = report_workbook()
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    report = check(formats.zipped({**members, "xl/vbaProject.bin": b"Sub Auto_Open()"}), STREET)
    assert report.state == "accepted"
    assert [issue.code for issue in report.issues] == ["macros_ignored"]


def test_an_archive_with_several_reports_is_refused_by_their_names() -> None:
    workbook = report_workbook()
    names = ["一.xlsx", "二.xlsx"]
    data = formats.zipped({name: workbook + bytes(at) for at, name in enumerate(names)})
    report = check(data)
    assert (report.reason, report.exit_code) == ("archive_several", 2)
    assert all(name in report.issues[0].message for name in names)


def test_an_archive_in_an_archive_and_one_without_files_are_refused() -> None:
    inner = formats.zipped({"报表.xlsx": report_workbook()})
    assert check(formats.zipped({"里.zip": inner})).reason == "archive_nested"
    assert check(formats.zipped({"空/": b"", "__MACOSX/x": b"y"})).reason == "archive_empty"
    assert check(formats.zipped({})).reason == "archive_empty"


def test_names_of_files_in_an_archive_may_be_gb18030() -> None:
    sheets = formats.sheets_of(report_workbook())
    # zipfile marks such names as UTF-8, so they are put into the finished archive.
    held = {chr(65 + at) * len(name.encode("gb18030")): name for at, name in enumerate(sheets)}
    data = formats.zipped({f"{mark}.csv": formats.csv_text(sheets[name]).encode() for mark, name in held.items()})
    for mark, name in held.items():
        assert data.count(mark.encode() + b".csv") == 2
        data = data.replace(mark.encode() + b".csv", name.encode("gb18030") + b".csv")
    report = check(data, STREET)
    assert report.state == "accepted"


# --- text tables


def test_a_code_that_a_program_wrapped_against_excel_is_read_as_text() -> None:
    sheets = formats.sheets_of(report_workbook())
    text = (
        formats.one_csv(sheets)
        .decode()
        .replace("440103001,", '"=""440103001""",')
        .replace("街道代码*,440103001", '街道代码*,"=""440103001"""')
    )
    assert check(text.encode(), STREET).state == "accepted"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('甲,乙\n"丙,1\n丁,2\n', "引号"),
        ('甲,乙\n"丙"丁,2\n', "引号"),
        ("甲,乙\n丙,1\n" + "丁" * 200_000 + ",1\n", "过长"),
    ],
)
def test_a_text_table_that_cannot_be_read_says_why(text: str, said: str) -> None:
    report = check(text.encode())
    assert report.reason == "csv_invalid"
    assert said in report.issues[0].message


# --- JSON


def json_with(change: Callable[[dict[str, object]], None]) -> bytes:
    """A faultless JSON report after a change."""
    data = json.loads(formats.json_report("street", typical_rows(load_forms()["street"])))
    change(data)
    return json.dumps(data, ensure_ascii=False).encode()


@pytest.mark.parametrize("form_code", sorted(load_forms()))
def test_a_report_as_json_gives_the_same_rows_as_the_workbook(form_code: str) -> None:
    rows: Rows = typical_rows(load_forms()[form_code])
    expected, report = check(report_workbook(form_code, rows=rows)), check(formats.json_report(form_code, rows))
    assert (report.state, report.issues) == ("accepted", [])
    assert report.rows == expected.rows


def test_a_finding_in_json_says_where_in_its_own_terms() -> None:
    def change(data: dict[str, object]) -> None:
        data["meeting"][1]["held_on"] = "2025-02-30"  # type: ignore[index]
        del data["profile"]["youth_count"]  # type: ignore[attr-defined]

    report = check(json_with(change), STREET)
    assert {(issue.code, issue.sheet, issue.cell) for issue in report.issues} == {
        ("date_impossible", "会议", "/meeting/1/held_on"),
        ("value_missing", "基本情况", "/profile/youth_count"),
    }


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"form": "street",', "第 1 行第 19 个字符"),
        (b'{"form": "nowhere"}', "/form"),
        (b"[1, 2]", "/form"),
        (b'{"form": "street", "form": "street"}', "form"),
        (b'{"form": "street"}', "/cover"),
        (b'{"form": "street", "cover": {"period": NaN}}', "NaN"),
        (b'{"form": "street", "cover": []}', "/cover"),
        (b'{"form": "street", "cover": {"periode": 1}}', "/cover/periode"),
        (b'{"form": "street", "cover": {}, "meeting": [{}, {"held_on": {}}]}', "/meeting/1/held_on"),
        (b'{"form": "street", "cover": {}, "meeting": {}}', "/meeting"),
        (b'{"form": "street", "cover": {"note": "\\ud800"}}', "代理"),
        (b"[" * 100_000, "嵌套"),
    ],
)
def test_json_that_does_not_fit_says_where(data: bytes, said: str) -> None:
    report = check(data)
    assert (report.reason, report.exit_code) == ("json_invalid", 2)
    assert said in report.issues[0].message


def test_a_huge_number_in_json_is_a_wrong_cell_and_no_failure() -> None:
    def change(data: dict[str, object]) -> None:
        data["profile"]["youth_count"] = "@"  # type: ignore[index]

    for number in (b"1" * 5000, b"1e999"):
        report = check(json_with(change).replace(b'"@"', number), STREET)
        assert {issue.code for issue in report.issues} == {"count_invalid"}
