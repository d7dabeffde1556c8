"""Rules, stages down to the cell, money and claims in a real browser: what stands there is what the marts say."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Page, expect

from ingest.home import Home
from portal.card import points_zh
from portal.documents.render import render
from portal.documents.store import Documents
from portal.scopes import Scopes
from tests.portal.conftest import PASSWORD, Browser, looks_right
from warehouse.ask import ask, open_published
from warehouse.explain_stage import explain_stage, fixes_of
from warehouse.wording import ranges

STREET, OTHER_STREET, DISTRICT, STAGE, EARLIER = "440103001", "440103002", "440103", "S2", "S1"
TABS = ("rules", "stage", "funding", "claims")
OUTCOMES = ("pass", "fail", "not_evaluated", "not_applicable", "too_early", "not_decided")


@pytest.fixture
def two_stages(published: Home) -> Home:
    """The same home with an earlier stage, in which every line and group had two thirds of the points."""
    with duckdb.connect(str(published.published)) as connection:
        for mart, points in (
            ("marts.mart_stage_score", "score"),
            ("marts.mart_score_line", "points"),
            ("assessment.fct_group_score", "points"),
        ):
            connection.execute(
                f"insert into {mart} select * replace ('{EARLIER}' as stage_code, ({points} * 2 // 3)::integer as "
                f"{points}) from {mart} where stage_code = '{STAGE}'"
            )
        connection.execute(
            "update marts.mart_stage_score set stage_name_zh = '上一阶段' where stage_code = $1", [EARLIER]
        )
    render(published, force=True)
    return published


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


def whole(tab: Page, address: str, path: str, name: str) -> None:
    """Open a page, all of whose charts are drawn and of which nothing sticks out."""
    tab.goto(f"{address}{path}")
    looks_right(tab, name)
    expect(tab.locator("figure.chart:not(.drawn)")).to_have_count(0)


def cells(tab: Page, rows: str) -> list[list[str]]:
    """The texts of the cells of some rows, heads of rows among them."""
    found: list[list[str]] = tab.locator(rows).evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )
    return found


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def counts_of(home: Home, where: str) -> dict[str, tuple[int, ...]]:
    """Outcomes by rule of the results of some units."""
    counted = ", ".join(f"count(*) filter (where outcome = '{name}')" for name in OUTCOMES)
    found = ask(home, f"select rule_id, {counted} from marts.mart_rule_result where {where} group by rule_id").rows
    return {row[0]: row[1:] for row in found}


def shown_counts(tab: Page) -> dict[str, tuple[int, ...]]:
    codes = tab.locator("tr[data-rule]").evaluate_all("rows => rows.map(row => row.dataset.rule)")
    rows = cells(tab, "tr[data-rule]")
    return {code: tuple(map(int, row[-len(OUTCOMES) :])) for code, row in zip(codes, rows, strict=True)}


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (f"/u/{STREET}/rules", f"unit_code = '{STREET}'"),
        (f"/u/{DISTRICT}/rules?scope=own", f"unit_code = '{DISTRICT}'"),
        (f"/u/{DISTRICT}/rules?scope=below", f"starts_with(unit_code, '{DISTRICT}') and unit_code <> '{DISTRICT}'"),
    ],
)
def test_rules_have_the_counts_rates_and_quotes_of_the_marts(
    published: Home, address: str, official: Page, path: str, where: str
) -> None:
    whole(official, address, path, "rules")
    expected = counts_of(published, where)
    assert len(expected) > 10
    assert shown_counts(official) == expected
    shown = {row[0].split()[0]: row for row in cells(official, "tr[data-rule]")}
    quotes = dict(ask(published, "select rule_id, any_value(quote_zh) from marts.mart_rule_result group by 1").rows)
    for rule, (passed, failed, open_, *_) in expected.items():
        owed = passed + failed + open_
        rate = f"{100 * passed / owed:.1f}%" if owed else "—"
        assert shown[rule][3].split() == [rate, str(passed), "/", str(owed), "项"]
        assert f"“{quotes[rule]}”" in shown[rule][0]


def test_rules_are_picked_by_outcome_with_the_keyboard_alone(published: Home, address: str, official: Page) -> None:
    official.goto(f"{address}/u/{DISTRICT}/rules?scope=below")
    official.get_by_label("只看有此结果的规则").focus()
    official.keyboard.press("ArrowDown")
    official.keyboard.press("ArrowDown")
    official.keyboard.press("Tab")
    official.keyboard.press("Enter")
    official.wait_for_url("**status=fail*")
    expected = counts_of(published, f"starts_with(unit_code, '{DISTRICT}') and unit_code <> '{DISTRICT}'")
    failing = {rule for rule, counts in expected.items() if counts[1]}
    assert set(shown_counts(official)) == failing != set(expected)
    expect(official.get_by_role("status")).to_contain_text(f"列出 {len(failing)} 条规则，共 {len(expected)} 条")
    expect(official.get_by_label("只看有此结果的规则")).to_have_value("fail")


def lines_of(home: Home, stage: str) -> dict[str, dict[str, Any]]:
    sql = "select * from marts.mart_score_line where unit_code = $1 and stage_code = $2"
    return {row["item_code"]: row for row in ask(home, sql, [STREET, stage]).records()}


def given(line: dict[str, Any]) -> str:
    if line["points"] is None:
        return ""
    if not line["is_in_denominator"]:
        return f"另计 {points_zh(line['points'])} 分"
    return f"{points_zh(line['points'])} / {points_zh(line['max_points'])} 分"


def test_two_stages_stand_side_by_side(two_stages: Home, address: str, official: Page) -> None:
    whole(official, address, f"/u/{STREET}/stage?stage={STAGE}&beside={EARLIER}", "stages")
    now, before = lines_of(two_stages, STAGE), lines_of(two_stages, EARLIER)
    codes = official.locator("tr[data-item]").evaluate_all("rows => rows.map(row => row.dataset.item)")
    assert sorted(codes) == sorted(now)
    for code, row in zip(codes, cells(official, "tr[data-item]"), strict=True):
        assert given(now[code]) in row[2]
        assert given(before[code]) in row[3]
        if now[code]["points"]:
            assert row[4] == f"+{points_zh(now[code]['points'] - before[code]['points'])}"
    scores = dict(
        ask(two_stages, "select stage_code, score from marts.mart_stage_score where unit_code = $1", [STREET]).rows
    )
    tiles = official.locator(".tiles").all_inner_texts()
    for text, stage in zip(tiles, (STAGE, EARLIER), strict=True):
        assert points_zh(scores[stage]) in text
    assert scores[STAGE] != scores[EARLIER]
    groups = "select points, max_points from assessment.fct_group_score where unit_code = $1 and stage_code = $2"
    told = official.locator("details.group > summary").all_inner_texts()
    for points, most in ask(two_stages, groups, [STREET, STAGE]).rows:
        assert any(f"{points_zh(points)} / {points_zh(most) if most else '附加'} 分" in text for text in told)


def test_place_and_fixes_are_those_of_mart_and_card(published: Home, address: str, official: Page) -> None:
    official.goto(f"{address}/u/{STREET}/stage")
    sql = "select * from marts.mart_stage_score where unit_code = $1 and stage_code = $2"
    [score] = ask(published, sql, [STREET, STAGE]).records()
    tiles = official.locator(".tiles li").all_inner_texts()
    place = dict(re.split(r"\s*\n\s*", text, maxsplit=1) for text in tiles)
    assert place["同批同类排名"].split() == [str(score["rank"]), "共", str(score["peers_count"]), "个"]
    assert place["名次区间"].startswith(f"{score['rank_low']}—{score['rank_high']}")
    assert place["等次"].startswith(score["band_zh"])
    with open_published(published) as connection:
        fixes = fixes_of(connection, STREET, STAGE)
    told = official.locator("section[aria-labelledby=fixes] li").all_inner_texts()
    assert len(told) == len(fixes) == 3
    for text, fix in zip(told, fixes, strict=True):
        assert f"{fix['item_zh']}：做到后可加 {points_zh(fix['gain'])} 分" in text


def test_a_score_opens_down_to_the_cells_and_receipts_of_the_explanation(
    published: Home, address: str, official: Page
) -> None:
    explained = explain_stage(published, STREET, STAGE)
    group, line = next(
        (group, line)
        for group in explained["groups"]
        for line in group["rules"]
        if sum(len(one["evidence"]) for one in line["findings"]) > 2
    )
    official.goto(f"{address}/u/{STREET}/stage")
    folder = official.locator(f"[id='{group['score_kind']}-{group['group_code']}'] > summary")
    folder.focus()
    official.keyboard.press("Enter")
    official.locator(f"tr[data-item='{line['item_code']}'] a").focus()
    official.keyboard.press("Enter")
    expect(official.get_by_role("heading", level=2).first).to_contain_text(line["item_code"])
    looks_right(official, "line")
    page = official.locator("main").inner_text()
    assert line["quote_zh"] in page
    for finding in line["findings"]:
        assert finding["outcome_zh"] in page
        for row in finding["evidence"]:
            assert row["submission_id"] in page
            assert row["file_sha256"] in page
        for place in ranges(finding["evidence"])[:40]:
            assert place in page
    official.locator("nav[aria-label=得分的位置] a").nth(1).click()
    expect(official.locator(f"[id='{group['score_kind']}-{group['group_code']}']")).to_have_attribute("open", "")


def test_money_is_that_of_the_marts_by_payer_and_by_street(published: Home, address: str, official: Page) -> None:
    whole(official, address, f"/u/{DISTRICT}/funding", "funding")
    sums = "sum(allocated_cny), sum(received_cny), sum(difference_cny) from marts.mart_funding_reconciliation"
    by_payer = {
        row[0]: row[1:]
        for row in ask(published, f"select payer_level, {sums} where fiscal_year = 2026 group by 1").rows
    }
    shown = {row[0]: tuple(map(money, row[1:4])) for row in cells(official, "[aria-labelledby=y2026] .payers tbody tr")}
    assert shown == by_payer
    by_street = {
        row[0]: row[1:] for row in ask(published, f"select unit_name, {sums} where fiscal_year = 2026 group by 1").rows
    }
    shown = {
        row[0]: tuple(map(money, row[1:4])) for row in cells(official, "[aria-labelledby=y2026] .children tbody tr")
    }
    assert shown == by_street
    owed_sql = "select sum(lower_bound), sum(value) from marts.mart_rule_result where rule_id = '5b'"
    [owed] = cells(official, "[aria-labelledby=y2026] .owed tbody tr")
    assert (money(owed[2]), money(owed[3])) == ask(published, owed_sql).rows[0]


def test_claims_show_an_official_every_claimant_and_a_street_only_itself(
    published: Home, address: str, official: Page
) -> None:
    claims = ask(
        published, "select claim_id, unit_code, unit_name, thing_name, claimant_count from marts.mart_claim"
    ).records()
    assert claims
    whole(official, address, f"/u/{DISTRICT}/claims", "claims")
    shown = official.locator("tr[data-claim]")
    assert shown.count() == len({claim["claim_id"] for claim in claims})
    for claim in claims:
        row = official.locator(f"tr[data-claim='{claim['claim_id']}']")
        expect(row).to_contain_text(claim["unit_name"])
        expect(row).to_contain_text(claim["thing_name"] or "（不显示姓名）")
    one = claims[0]
    whole(official, address, f"/u/{one['unit_code']}/claims", "claims-street")
    expect(official.locator("tr[data-claim]")).to_have_count(
        sum(claim["unit_code"] == one["unit_code"] for claim in claims)
    )
    row = official.locator(f"tr[data-claim='{one['claim_id']}']")
    expect(row).to_contain_text(f"另有 {one['claimant_count'] - 1} 个街道")
    others = {claim["unit_name"] for claim in claims} - {one["unit_name"]}
    page = official.locator("main").inner_text()
    assert not [name for name in others if name in page]


def test_a_street_has_no_figures_of_other_streets(published: Home) -> None:
    streets = [row[0] for row in ask(published, "select distinct unit_code from marts.mart_claim").rows]
    assert len(streets) > 1
    for street in streets:
        found = Documents(published).of(street)
        assert found is not None
        document = found[0]
        assert document["claims"]
        named = set(re.findall(r"\b440103\d{3}\b", repr(document)))
        assert named == {street}


def test_pages_of_units_of_others_are_not_there(published: Home, open_browser: Callable[..., Browser]) -> None:
    clerk = open_browser("clerk")
    item = next(iter(lines_of(published, STAGE)))
    for path in (*TABS, f"stage/{STAGE}/{item}"):
        assert clerk.get(f"/u/{STREET}/{path}").status_code == 200, path
        for code in (OTHER_STREET, DISTRICT, "all", "999999999"):
            assert clerk.get(f"/u/{code}/{path}").status_code == 404, path
    assert clerk.get(f"/u/{STREET}/stage/{STAGE}/no-such-item").status_code == 404
    assert clerk.get(f"/u/{STREET}/stage/S9/{item}").status_code == 404


def test_pages_without_figures_say_why(published: Home, open_browser: Callable[..., Browser]) -> None:
    Scopes(published.users).grant("former", "analyst", "all", level="country", now=datetime(2026, 11, 2), by="test")
    analyst = open_browser("former")
    assert "全国不参加考核" in analyst.get("/u/all/stage").text
    assert "没有结果为“" in analyst.get(f"/u/{DISTRICT}/rules?scope=own&status=not_evaluated").text
    assert "没有“已裁定”的争议" in analyst.get(f"/u/{DISTRICT}/claims?state=decided").text
