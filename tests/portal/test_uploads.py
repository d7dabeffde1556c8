"""Uploads: stored and receipted before anything looks at them, checked at once, seen by those whom they concern."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest

from ingest.contacts import CONTACTS_FILE
from ingest.home import Home
from ingest.issues import catalogue
from ingest.ledger import Ledger
from ingest.receipts import known_keys, verify_receipt
from ingest.settings import limits
from portal.forms import clean_name
from tests.portal.conftest import Browser
from tests.support.workbooks import CITY, DISTRICT, OTHER_STREET, PERIOD, STREET, report_workbook, with_cell
from warehouse.night import parse, plan

Open = Callable[..., Browser]


@pytest.fixture(scope="module")
def clean() -> bytes:
    return report_workbook("street")


@pytest.fixture(scope="module")
def spoiled() -> tuple[bytes, str]:
    """A report with one wrong cell that quotes markup, and the address of the cell."""
    return with_cell("青年阵地", "启用日期", "<script>alert(1)</script>")


def decide(home: Home) -> None:
    for batch_id in plan(home):
        parse(home, batch_id, datetime(2026, 1, 2))


def test_a_clean_report_passes_and_has_a_receipt_that_holds(open_browser: Open, home: Home, clean: bytes) -> None:
    browser = open_browser("clerk")
    submission = browser.upload(clean)
    assert "预检通过" in browser.get(f"/s/{submission}").text
    signed = browser.get(f"/s/{submission}/receipt.json")
    assert signed.headers["content-disposition"].startswith("attachment")
    receipt, _ = verify_receipt(signed.content, known_keys(home), clean)
    assert (receipt["state"], receipt["channel"], receipt["channel_unit_code"]) == ("received", "page", STREET)


def test_the_file_and_its_receipt_are_there_even_when_the_check_fails(
    open_browser: Open, home: Home, clean: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = open_browser("clerk")

    def broken(*_arguments: object, **_options: object) -> None:
        raise OSError("no process can be started")

    monkeypatch.setattr("portal.previews.check_in_sandbox", broken)
    answer = browser.post("/upload", data={"csrf": browser.token("/")}, files={"file": ("报表.xlsx", clean)})
    assert answer.status_code == 500
    assert "问题在系统一方" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    ledger = Ledger(home.ledger_url)
    [receipt] = ledger.pending()
    ledger.close()
    assert (home.raw / receipt.file_sha256[:2] / receipt.file_sha256).read_bytes() == clean
    assert receipt.submission_id in browser.get("/").text


def test_findings_name_sheet_cell_message_and_remedy_and_are_escaped(
    open_browser: Open, spoiled: tuple[bytes, str]
) -> None:
    browser, (data, cell) = open_browser("clerk"), spoiled
    text = browser.get(f"/s/{browser.upload(data)}").text
    assert "预检未通过" in text
    assert "青年阵地" in text
    assert f'<span class="cells">{cell}</span>' in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


def test_the_marked_workbook_of_a_preview_and_of_the_decision_show_the_same_findings(
    open_browser: Open, home: Home, spoiled: tuple[bytes, str]
) -> None:
    browser, (data, _) = open_browser("clerk"), spoiled
    submission = browser.upload(data)
    before = browser.get(f"/s/{submission}/marked.xlsx")
    decide(home)
    assert "已退回" in browser.get(f"/s/{submission}").text
    after = browser.get(f"/s/{submission}/marked.xlsx")
    sheets = [openpyxl.load_workbook(io.BytesIO(one.content))["填报问题"] for one in (before, after)]
    rows = [[[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in sheets]
    assert rows[0] == rows[1]
    assert any("青年阵地" in str(value) for row in rows[0] for value in row)


def test_a_decided_report_shows_state_and_counts_in_the_history(
    open_browser: Open, home: Home, clean: bytes, spoiled: tuple[bytes, str]
) -> None:
    browser = open_browser("clerk")
    browser.upload(spoiled[0], "第一次.xlsx")
    browser.upload(clean, "第二次.xlsx")
    waiting = browser.get("/").text
    assert waiting.count("预检，待夜间认定") == 2
    decide(home)
    decided = browser.get("/").text
    assert "已采纳" in decided
    assert "已退回" in decided
    assert "错误 1" in decided
    assert "第一次.xlsx" in decided


def test_what_belongs_to_another_unit_is_not_there(open_browser: Open, home: Home, clean: bytes) -> None:
    submission = open_browser("clerk").upload(clean)
    neighbour = open_browser("neighbour")
    paths = [f"/s/{submission}", f"/s/{submission}/marked.xlsx", f"/s/{submission}/receipt.json", f"/u/{STREET}"]
    for state in ("waiting", "decided"):
        assert [neighbour.get(path).status_code for path in paths] == [404] * 4, state
        assert submission not in neighbour.get("/").text
        decide(home)
    assert neighbour.get(f"/u/{OTHER_STREET}").status_code == 200


def test_the_level_above_sees_its_streets_and_not_the_levels_above_it(open_browser: Open, clean: bytes) -> None:
    submission = open_browser("clerk").upload(clean)
    office = open_browser("office")
    assert office.get(f"/s/{submission}").status_code == 200
    assert [office.get(f"/u/{unit}").status_code for unit in (STREET, DISTRICT, CITY)] == [200, 200, 404]
    assert submission in office.get(f"/u/{STREET}/reports").text


def test_a_report_by_the_level_above_belongs_to_the_unit_on_the_cover(
    open_browser: Open, home: Home, clean: bytes
) -> None:
    submission = open_browser("office").upload(clean)
    clerk = open_browser("clerk")
    assert clerk.get(f"/s/{submission}").status_code == 404
    decide(home)
    assert "已采纳" in clerk.get(f"/s/{submission}").text
    assert open_browser("neighbour").get(f"/s/{submission}").status_code == 404


def test_a_cover_that_names_another_unit_is_told_at_once(open_browser: Open, home: Home, clean: bytes) -> None:
    neighbour = open_browser("neighbour")
    submission = neighbour.upload(clean)
    decide(home)
    assert "已退回" in neighbour.get(f"/s/{submission}").text
    assert open_browser("clerk").get(f"/s/{submission}").status_code == 404


def test_who_may_not_speak_any_more_cannot_send(open_browser: Open, home: Home, clean: bytes) -> None:
    browser = open_browser("former")
    answer = browser.post("/upload", data={"csrf": browser.token("/")}, files={"file": ("a.xlsx", clean)})
    assert answer.status_code == 403
    assert "没有登记可以报送的单位" in answer.text
    assert list(home.raw.iterdir()) == []


def test_a_contact_that_is_mended_counts_without_a_restart(open_browser: Open, home: Home) -> None:
    browser = open_browser("former")
    registry = home.programme / CONTACTS_FILE
    registry.write_text(registry.read_text(encoding="utf-8").replace("2025-01-31", ""), encoding="utf-8")
    assert browser.get(f"/u/{STREET}").status_code == 200
    registry.write_text("nothing\n", encoding="utf-8")
    answer = browser.get("/")
    assert (answer.status_code, "登记表暂时无法读取" in answer.text) == (503, True)


def test_a_file_that_is_too_large_is_refused_in_plain_words(open_browser: Open, home: Home) -> None:
    browser = open_browser("clerk")
    token = browser.token("/")
    data = b"x" * (limits()["guard"]["max_file_bytes"] + 1)
    for size in (len(data), len(data) + 100_000):
        answer = browser.post("/upload", data={"csrf": token}, files={"file": ("大.xlsx", data.ljust(size))})
        assert answer.status_code == 413
        assert "20 MB" in answer.text
    assert list(home.raw.iterdir()) == []


def test_a_form_that_is_too_large_is_not_read_to_its_end(open_browser: Open) -> None:
    assert open_browser().post("/sign-in", content=b"x" * 100_000).status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"],
    ids=["none", "cut", "no name"],
)
def test_a_broken_upload_is_refused(open_browser: Open, body: bytes) -> None:
    browser = open_browser("clerk")
    answer = browser.post("/upload", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code in (400, 403)
    assert browser.post("/upload", content=b"x", headers={"content-type": "text/plain"}).status_code == 400


def test_an_upload_without_a_file_says_so(open_browser: Open) -> None:
    browser = open_browser("clerk")
    answer = browser.post("/upload", data={"csrf": browser.token("/")}, files={"file": ("", b"")})
    assert (answer.status_code, "请先选择" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\报表.xlsx", "报表.xlsx"),
        ("报表\u202exslx.exe", "报表xslx.exe"),
        ("a\r\nSet-Cookie: x=1.xlsx", "aSet-Cookie: x=1.xlsx"),
        ("\x00\u200b", "未命名"),
        ("..", "未命名"),
        ("长" * 300 + ".xlsx", "长" * 115 + ".xlsx"),
    ],
)
def test_names_of_files_are_cleaned(stated: str, shown: str) -> None:
    assert clean_name(stated, 120) == shown


def test_a_name_with_markup_is_shown_and_handed_back_as_text(open_browser: Open) -> None:
    browser = open_browser("clerk")
    submission = browser.upload(b"no report", '<img src=x onerror=alert(1)>"; filename=evil.html')
    for path in ("/", f"/s/{submission}", f"/u/{STREET}/reports"):
        text = browser.get(path).text
        assert "&lt;img src=x" in text
        assert "<img" not in text
    stated = browser.get(f"/s/{submission}/marked.xlsx").headers["content-disposition"]
    assert stated.startswith("attachment; filename*=UTF-8''")
    assert set(stated) & set('<>"') == set()


def test_the_same_file_again_gives_the_same_receipt(open_browser: Open, clean: bytes) -> None:
    browser = open_browser("clerk")
    assert browser.upload(clean) == browser.upload(clean)


def test_a_zip_of_reports_gives_a_receipt_for_each(open_browser: Open, clean: bytes) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as parcel:
        parcel.writestr("一.xlsx", clean)
        parcel.writestr("二.xlsx", report_workbook("street", lines=3))
    browser = open_browser("clerk")
    answer = browser.post("/upload", data={"csrf": browser.token("/")}, files={"file": ("报表.zip", target.getvalue())})
    assert "收到 2 份报表" in answer.text
    assert {"一.xlsx", "二.xlsx"} <= set(answer.text.replace("<", ">").split(">"))


def test_the_page_of_a_unit_needs_no_published_warehouse(open_browser: Open) -> None:
    assert "夜间汇总还没有发布" in open_browser("clerk").get(f"/u/{STREET}").text


def test_a_json_report_is_read_like_any_other(open_browser: Open) -> None:
    browser = open_browser("clerk")
    submission = browser.upload(json.dumps({"no": "report"}).encode(), "报表.xlsx")
    assert "预检未通过" in browser.get(f"/s/{submission}").text


def test_a_report_for_a_locked_period_is_told_so_at_once(open_browser: Open, home: Home, clean: bytes) -> None:
    ledger = Ledger(home.ledger_url)
    event = {"lock_id": "1", "period": PERIOD, "scope_code": "", "kind": "closed", "reason": "到期"}
    instants = {"effective_at": datetime(2025, 5, 1), "recorded_at": datetime(2025, 5, 1), "recorded_by": DISTRICT}
    ledger.add_lock({**event, **instants})
    ledger.close()
    browser = open_browser("clerk")
    submission = browser.upload(clean)
    assert catalogue()["period_locked"].message_zh.partition("}")[2] in browser.get(f"/s/{submission}").text
