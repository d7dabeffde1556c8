"""The page of a submission says what was explained and what was waived, by whom and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.home import Home
from tests.portal.conftest import Browser
from tests.support.workbooks import CITY, DISTRICT, PERIOD, STREET, edited, report_workbook, with_cell
from warehouse.instants import utc_now
from warehouse.night import parse, plan
from warehouse.remarks import explain_finding, grant_waiver, revoke_waiver

Open = Callable[..., Browser]
REASON = "登记机关换证<b>期间</b>"


def decide(home: Home) -> None:
    for batch_id in plan(home):
        parse(home, batch_id, utc_now())


def wrong_code() -> bytes:
    return with_cell("辖区单位", "统一社会信用代码", "91440101MA0000000Z")[0]


def waive(home: Home) -> str:
    event = grant_waiver(
        home, DISTRICT, "uscc_invalid", from_period=PERIOD, to_period=None, by=CITY, reason=REASON, now=utc_now()
    )
    return str(event["waiver_id"])


def test_a_waived_finding_names_the_office_and_its_reason_and_the_waiver_ends_when_it_is_revoked(
    open_browser: Open, home: Home
) -> None:
    clerk, number = open_browser("clerk"), waive(home)
    sent = clerk.upload(wrong_code())
    decide(home)
    text = clerk.get(f"/s/{sent}").text
    assert all(words in text for words in ("已采纳", "已豁免", "广州市", "登记机关换证&lt;b&gt;期间&lt;/b&gt;"))
    revoke_waiver(home, number, by=CITY, reason="已换证", now=utc_now())
    assert "已豁免" in clerk.get(f"/s/{sent}").text
    other = clerk.upload(edited(wrong_code(), lambda book: book["封面"].__setitem__("A40", "再报")))
    assert "预检未通过" in clerk.get(f"/s/{other}").text
    decide(home)
    text = clerk.get(f"/s/{other}").text
    assert "已退回" in text and "已豁免" not in text


def test_a_waiver_that_came_after_the_rejection_asks_for_the_file_once_more(open_browser: Open, home: Home) -> None:
    clerk = open_browser("clerk")
    sent = clerk.upload(wrong_code())
    decide(home)
    assert "已豁免" not in clerk.get(f"/s/{sent}").text
    waive(home)
    text = clerk.get(f"/s/{sent}").text
    assert "已豁免" in text and "把原文件再报送一次" in text


def test_a_preview_follows_the_waivers(open_browser: Open, home: Home) -> None:
    clerk = open_browser("clerk")
    sent = clerk.upload(wrong_code())
    assert "预检未通过" in clerk.get(f"/s/{sent}").text
    number = waive(home)
    assert "预检通过" in clerk.get(f"/s/{sent}").text
    revoke_waiver(home, number, by=CITY, reason="误批", now=utc_now())
    assert "预检未通过" in clerk.get(f"/s/{sent}").text


@pytest.mark.parametrize("user", ["clerk", "office"])
def test_an_explained_query_shows_the_words_and_who_gave_them(open_browser: Open, home: Home, user: str) -> None:
    sent = open_browser("clerk").upload(
        edited(report_workbook(), lambda book: book["活动"].__setitem__("A1", "2024年第四季度活动登记表"))
    )
    decide(home)
    reader = open_browser(user)
    assert "已说明" not in reader.get(f"/s/{sent}").text
    explain_finding(home, sent, "title_contradicts", by=STREET, text="标题<i>未改</i>", now=utc_now())
    text = reader.get(f"/s/{sent}").text
    assert "已说明" in text and "沙面街道" in text and "标题&lt;i&gt;未改&lt;/i&gt;" in text
