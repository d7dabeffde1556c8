"""A signed address from a mail opens one marked workbook without signing in, until its time is over."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import openpyxl
import pytest

from ingest.home import Home
from ingest.links import LinkError, link_ends_at, marked_token, submission_of
from tests.portal.conftest import Browser
from tests.support.workbooks import with_cell
from warehouse.instants import utc_now
from warehouse.night import open_ledger, parse, plan

Open = Callable[..., Browser]
DAY = timedelta(days=1)


@pytest.fixture
def rejected(open_browser: Open, home: Home) -> tuple[str, str]:
    """A decided report with one wrong cell, and the address of the cell."""
    data, cell = with_cell("青年阵地", "启用日期", "2025-13-01")
    sent = open_browser("clerk").upload(data)
    for batch_id in plan(home):
        parse(home, batch_id, datetime(2026, 1, 2))
    return sent, cell


def test_the_address_opens_the_marked_workbook_without_signing_in(
    open_browser: Open, home: Home, rejected: tuple[str, str]
) -> None:
    submission, cell = rejected
    token = marked_token(home.link_key(), submission, link_ends_at(utc_now()))
    answer = open_browser().get(f"/m/{token}")
    assert answer.status_code == 200
    assert openpyxl.load_workbook(io.BytesIO(answer.content))["青年阵地"][cell].comment is not None
    with open_ledger(home) as ledger:
        last = ledger.audit_events()[-1]
    assert (last["user_name"], last["event"], last["subject"]) == ("", "download_marked_by_link", submission)


def test_an_address_that_is_over_changed_or_of_another_key_opens_nothing(
    open_browser: Open, home: Home, rejected: tuple[str, str]
) -> None:
    submission, _ = rejected
    key, ends_at = home.link_key(), utc_now() + DAY
    good = marked_token(key, submission, ends_at)
    payload, _, signature = good.partition(".")
    other = marked_token(key, "0" * 24, ends_at).partition(".")[0]
    for token in (
        marked_token(key, submission, utc_now() - timedelta(minutes=1)),
        marked_token(b"another key", submission, ends_at),
        f"{other}.{signature}",
        f"{payload}.{signature[:-2]}",
        payload,
    ):
        answer = open_browser().get(f"/m/{token}")
        assert answer.status_code == 404, token
        assert "链接已失效" in answer.text
    assert open_browser().get(f"/m/{marked_token(key, '0' * 24, ends_at)}").status_code == 404
    assert open_browser().get(f"/s/{submission}/marked.xlsx", follow_redirects=False).status_code == 303


def test_an_address_is_the_same_whenever_it_is_made_anew_and_ends_on_its_instant() -> None:
    now = datetime(2026, 1, 5, 2)
    token = marked_token(b"key", "s1", now)
    assert token == marked_token(b"key", "s1", now)
    assert submission_of(b"key", token, now) == "s1"
    with pytest.raises(LinkError):
        submission_of(b"key", token, now + timedelta(seconds=1))
