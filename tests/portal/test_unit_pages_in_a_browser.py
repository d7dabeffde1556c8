"""The pages of a unit in a real browser: figures as in the marts, charts drawn, sorting and drilling down."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from ingest.home import Home
from portal.scopes import Scopes
from tests.portal.conftest import PASSWORD, looks_right
from warehouse.ask import ask

DISTRICT, STAGE = "440103", "S2"


@pytest.fixture
def official(published: Home, address: str, tab: Page) -> Page:
    """A browser in which an official of the district is signed in."""
    Scopes(published.users).grant(
        "former", "district", DISTRICT, level="district", now=datetime(2026, 11, 2), by="test"
    )
    tab.goto(address)
    tab.fill("[name=user]", "former")
    tab.fill("[name=password]", PASSWORD)
    tab.click("main button")
    tab.get_by_role("link", name="荔湾区（区县级）").click()
    return tab


def points(text: str) -> float | None:
    """Points out of a cell such as 94.397 / 100; None of a dash."""
    return None if text == "—" else float(text.split("/")[0])


def column(tab: Page, number: int) -> list[str]:
    return tab.locator(f".league tbody tr > :nth-child({number})").all_inner_texts()


def test_the_overview_shows_the_marts_sorts_and_drills_down(published: Home, official: Page) -> None:
    scores = {
        row["unit_name"]: row
        for row in ask(
            published,
            "select unit_name, score, rank, peers_count, unit_code from marts.mart_stage_score "
            "where district_code = $1 and length(unit_code) = 9 and stage_code = $2",
            [DISTRICT, STAGE],
        ).records()
    }
    looks_right(official, "overview")
    assert official.locator("figure.chart").count() == 2
    expect(official.locator("figure.chart.drawn svg")).to_have_count(2)
    names = column(official, 1)
    assert len(names) == len(scores)
    shown = dict(zip(names, column(official, 2), strict=True))
    for name, row in scores.items():
        assert points(shown[name]) == (None if row["score"] is None else row["score"] / 1000)
    known = [value for text in column(official, 2) if (value := points(text)) is not None]
    assert known == sorted(known, reverse=True)
    assert len(known) > 10
    official.get_by_role("link", name="单位", exact=True).focus()
    official.keyboard.press("Enter")
    expect(official.locator("th[aria-sort]")).to_contain_text("单位")
    assert column(official, 1) == sorted(names, reverse=True)
    first = column(official, 1)[0]
    official.get_by_role("link", name=first, exact=True).click()
    expect(official.locator("h1")).to_contain_text(scores[first]["unit_code"])
    looks_right(official, "overview-street")
    expect(official.locator(".tiles")).to_contain_text(shown[first].split("/")[0].strip())
    official.get_by_role("link", name="荔湾区", exact=True).click()
    expect(official.locator("h1")).to_contain_text(DISTRICT)


def test_the_reports_page_counts_as_the_marts_do(published: Home, official: Page) -> None:
    official.get_by_role("link", name="报送与质量").click()
    looks_right(official, "reports")
    [counted] = ask(
        published,
        "select period, count(*) filter (where is_reported) as reported, count(*) as expected "
        "from marts.mart_submission_status where district_code = $1 and length(unit_code) = 9 group by period",
        [DISTRICT],
    ).records()
    below = official.locator("section[aria-labelledby=below] tbody tr").inner_text()
    assert f"{counted['reported']} / {counted['expected']}" in below
    assert below.startswith(counted["period"])
    kinds = official.locator("section[aria-labelledby=findings] tbody tr")
    found = ask(
        published,
        "select count(distinct (issue_code, severity)) from marts.mart_issue where severity <> 'note' and period = $1",
        [counted["period"]],
    ).rows[0][0]
    assert kinds.count() == found
    assert not [text for text in kinds.all_inner_texts() if re.search(r"[a-z]+_[a-z]+", text)]
    expect(official.locator("figure.chart.drawn svg")).to_have_count(1)
