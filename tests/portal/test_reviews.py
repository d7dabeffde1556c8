"""The level above accepts a report or sends it back, on the page; everybody concerned sees the word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from ingest.home import Home
from tests.portal.conftest import Browser
from tests.support.workbooks import DISTRICT, STREET, report_workbook
from warehouse.night import open_ledger, parse, plan

Open = Callable[..., Browser]


@pytest.fixture
def submission(open_browser: Open, home: Home) -> str:
    """An accepted report of the street."""
    sent = open_browser("clerk").upload(report_workbook("street"))
    for batch_id in plan(home):
        parse(home, batch_id, datetime(2026, 1, 2))
    return sent


def reviews(home: Home) -> list[tuple[str, str, str, str]]:
    with open_ledger(home) as ledger:
        rows = ledger.reviews(datetime(2100, 1, 1))
    return [(row["kind"], row["reviewed_by"], row["unit_code"], row["reason"]) for row in rows]


def test_an_office_sends_a_report_back_with_a_reason_and_the_street_reads_it(
    open_browser: Open, home: Home, submission: str
) -> None:
    office, path = open_browser("office"), f"/s/{submission}"
    fields = {"csrf": office.token(path), "kind": "returned", "reason": "<b>人数</b>不符"}
    shown = office.post(f"{path}/review", data=fields).text
    assert "审核意见已记录" in shown and "上级退回" in shown
    assert reviews(home) == [("returned", DISTRICT, STREET, "<b>人数</b>不符")]
    clerk = open_browser("clerk")
    for page in (path, "/", f"/u/{STREET}/reports"):
        text = clerk.get(page).text
        assert "上级退回" in text and "&lt;b&gt;人数&lt;/b&gt;不符" in text
    office.post(f"{path}/review", data={**fields, "kind": "approved", "reason": ""})
    assert "上级审核通过" in clerk.get(path).text
    with open_ledger(home) as ledger:
        told = [(row["user_name"], row["event"]) for row in ledger.audit_events() if row["subject"] == submission]
    assert told[-2:] == [("office", "review_returned"), ("office", "review_approved")]


def test_a_report_is_not_sent_back_without_a_reason(open_browser: Open, home: Home, submission: str) -> None:
    office, path = open_browser("office"), f"/s/{submission}"
    answer = office.post(f"{path}/review", data={"csrf": office.token(path), "kind": "returned", "reason": "  "})
    assert "要写明理由" in answer.text
    assert reviews(home) == []


def test_a_word_without_the_token_of_the_session_is_refused(open_browser: Open, home: Home, submission: str) -> None:
    office = open_browser("office")
    assert office.post(f"/s/{submission}/review", data={"kind": "approved"}).status_code == 403
    assert reviews(home) == []


@pytest.mark.parametrize(("user", "status"), [("clerk", 403), ("neighbour", 404)])
def test_nobody_but_the_level_above_may_review(
    open_browser: Open, home: Home, submission: str, user: str, status: int
) -> None:
    browser = open_browser(user)
    assert f"/s/{submission}/review" not in browser.get(f"/s/{submission}").text
    answer = browser.post(f"/s/{submission}/review", data={"csrf": browser.token("/"), "kind": "approved"})
    assert answer.status_code == status
    assert reviews(home) == []


def test_a_report_without_a_decision_cannot_be_reviewed(open_browser: Open, home: Home) -> None:
    sent, office = open_browser("clerk").upload(report_workbook("street")), open_browser("office")
    assert f"/s/{sent}/review" not in office.get(f"/s/{sent}").text
    answer = office.post(f"/s/{sent}/review", data={"csrf": office.token("/"), "kind": "approved"})
    assert answer.status_code == 403
    assert reviews(home) == []
