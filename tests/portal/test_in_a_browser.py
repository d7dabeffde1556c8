"""The upload page as a clerk uses it: a real server, a real browser, a file spoiled and mended."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from tests.portal.conftest import PASSWORD, looks_right
from tests.support.workbooks import report_workbook, with_cell

SHEET, HEADER = "青年阵地", "启用日期"


def sign_in(tab: Page, address: str) -> None:
    tab.goto(address)
    looks_right(tab, "sign-in")
    tab.get_by_label("用户名").fill("clerk")
    tab.get_by_label("密码").fill(PASSWORD)
    tab.get_by_role("button", name="登录").click()


def hand_in(tab: Page, file: Path) -> None:
    tab.set_input_files("input[name=file]", file)
    tab.get_by_role("button", name="报送并检查").click()


def test_a_clerk_signs_in_mends_the_marked_workbook_and_passes(address: str, tab: Page, tmp_path: Path) -> None:
    spoiled, cell = with_cell(SHEET, HEADER, "2013年13月40日")
    report = tmp_path / "第一季度报表.xlsx"
    report.write_bytes(spoiled)
    right = openpyxl.load_workbook(BytesIO(report_workbook("street")))[SHEET][cell].value

    sign_in(tab, address)
    expect(tab.get_by_role("heading", name="报送报表")).to_be_visible()
    looks_right(tab, "empty")

    hand_in(tab, report)
    expect(tab.get_by_text("预检未通过")).to_be_visible()
    expect(tab.locator(".problems .cells").first).to_have_text(cell)
    looks_right(tab, "findings")

    with tab.expect_download() as downloading:
        tab.get_by_role("link", name="下载标注后的报表").click()
    marked = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(marked)
    assert marked.name == "标注_第一季度报表.xlsx"
    book = openpyxl.load_workbook(marked)
    book[SHEET][cell] = right
    book.save(marked)

    tab.goto(address)
    hand_in(tab, marked)
    expect(tab.get_by_text("预检通过")).to_be_visible()
    looks_right(tab, "passed")
    tab.goto(address)
    expect(tab.locator(".history li")).to_have_count(2)
    looks_right(tab, "history")


def test_a_file_that_is_too_large_is_told_without_sending_it(address: str, tab: Page, tmp_path: Path) -> None:
    sign_in(tab, address)
    large = tmp_path / "大.xlsx"
    large.write_bytes(b"x" * (21 * 2**20))
    hand_in(tab, large)
    expect(tab.get_by_role("alert")).to_contain_text("20 MB")
    assert tab.url == f"{address}/"
