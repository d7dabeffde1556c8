"""Superset, started once as `make bi` starts it: who sees what, what a browser shows, what a publish changes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from playwright.sync_api import Page, Request, expect, sync_playwright

from dashboards.account import password_of
from dashboards.assets import load
from dashboards.refresh import refresh_dashboards
from dashboards.rest import Superset
from ingest.home import Home
from portal.scopes import Scopes
from portal.settings import load_settings
from portal.users import Users
from tests.docs.reading import ROOT
from tests.support.servers import free_port, program, running
from tests.support.superset import Person

PASSWORD = "a password for tests"  # noqa: S105
NOW = datetime(2025, 1, 1)
STREET = "440103002"
GRANTS = {
    "province": ("province", "44"),
    "city": ("city", "4401"),
    "district": ("district", "440103"),
    "street": ("street", STREET),
    "elsewhere": ("district", "440106"),
    "part-analyst": ("analyst", "440103"),
    "analyst": ("analyst", "all"),
    "boss": ("operator", "all"),
}
READERS = ["province", "city", "district", "street", "elsewhere", "part-analyst"]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
#: Built into Superset's pages, and stopped by their Content-Security-Policy.
STOPPED = "scarf.sh"


@pytest.fixture(scope="module")
def home(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(Path(shutil.copytree(district, tmp_path_factory.mktemp("superset") / "home")))
    users = Users(home.users, load_settings(is_secure=False))
    for name in [*GRANTS, "nobody"]:
        users.add(name, PASSWORD, is_temporary=False, now=NOW)
    scopes = Scopes(home.users)
    levels = {"44": "province", "4401": "city", "440103": "district", "440106": "district", STREET: "street"}
    for name, (role, unit) in GRANTS.items():
        scopes.grant(name, role, unit, level=levels.get(unit, "country"), now=NOW, by="test")
    return home


@pytest.fixture(scope="module")
def environment(home: Home) -> dict[str, str]:
    port = str(free_port())
    path = f"{ROOT / '.venv-bi' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "JIEDAO_HOME": str(home.root), "JIEDAO_SUPERSET_PORT": port, "PATH": path}


@pytest.fixture(scope="module")
def address(home: Home, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Superset on a home that has never had one."""
    found = home.root / "superset" / "address"
    log = tmp_path_factory.mktemp("log") / "superset.log"
    command = ["env", *(f"{name}={value}" for name, value in environment.items()), str(ROOT / "scripts" / "superset")]
    with running([*command, "up"], log, found.exists, seconds=240):
        assert f"user operator, password in {home.root}" in log.read_text(encoding="utf-8")
        yield found.read_text(encoding="utf-8").strip()


@pytest.fixture(scope="module")
def datasets(address: str, home: Home) -> dict[str, int]:
    with Superset(address, password_of(home)) as superset:
        return {one["table_name"]: one["id"] for one in superset.all("/api/v1/dataset/")}


@pytest.fixture(scope="module")
def people(address: str) -> dict[str, Person]:
    return {name: Person(address, name, PASSWORD) for name in GRANTS}


@pytest.fixture
def tab(address: str, home: Home) -> Iterator[Page]:
    """A browser in which the operator is signed in, with what it complains about as a failure."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium"), args=ARGUMENTS)
        playwright.selectors.set_test_id_attribute("data-test")
        page = browser.new_page(viewport={"width": 1280, "height": 1600}, locale="zh-CN", base_url=address)
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        wrong: list[str] = []
        page.on("console", lambda one: wrong.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        outside = re.compile(rf"https?://(?!{re.escape(address.removeprefix('http://'))})")
        page.on("request", lambda one: wrong.append(one.url) if outside.match(one.url) else None)
        page.goto("/login/")
        page.locator("#username").fill("operator")
        page.locator("#password").fill(password_of(home))
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        yield page
        browser.close()
        assert [one for one in wrong if STOPPED not in one] == []


def ask(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def below(home: Home, unit: str) -> set[str]:
    rows = ask(home, "select unit_code, reporting_parent_code from core.dim_unit where is_current")
    found = {unit}
    while more := {code for code, parent in rows if parent in found} - found:
        found |= more
    return found


def publish(home: Home, change: str) -> None:
    """Another build in place of the published one, swapped as `warehouse.publish` does."""
    build = home.root / "builds" / "changed.duckdb"
    shutil.copy(home.published, build)
    with duckdb.connect(str(build)) as connection:
        connection.execute(change)
        connection.execute("checkpoint")
    build.replace(home.published)


def set_access(environment: dict[str, str]) -> str:
    command = [str(ROOT / "scripts" / "superset"), "access"]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", READERS)
def test_a_reader_sees_the_rows_of_what_reports_to_the_unit(
    name: str, home: Home, people: dict[str, Person], datasets: dict[str, int]
) -> None:
    mine = below(home, GRANTS[name][1])
    for table in ("mart_stage_score", "mart_submission_status", "mart_rule_result", "mart_score_line", "mart_issue"):
        seen = {row["unit_code"] for row in people[name].rows(datasets[table], columns=["unit_code"])}
        there = {code for (code,) in ask(home, f"select distinct unit_code from marts.{table}")}
        assert seen == there & mine
    assert name == "elsewhere" or seen


@pytest.mark.parametrize("name", ["street", "district"])
def test_of_others_a_reader_sees_sums_of_those_above_only(
    name: str, home: Home, people: dict[str, Person], datasets: dict[str, int]
) -> None:
    mine = below(home, GRANTS[name][1]) | {"440103", "4401", "44"}
    for table in ("mart_completeness", "level_score"):
        seen = {row["scope_code"] for row in people[name].rows(datasets[table], columns=["scope_code"])}
        assert {"440103", "4401", "44"} <= seen <= mine
    counts = people[name].rows(datasets["level_score"], columns=["scope_code"], metrics=["scored"])
    assert min(row["scored"] for row in counts) >= 5


@pytest.mark.parametrize("name", READERS)
def test_a_reader_gets_nothing_by_sql_or_from_other_tables(
    name: str, people: dict[str, Person], datasets: dict[str, int]
) -> None:
    person, scores = people[name], datasets["mart_stage_score"]
    assert person.sql("select * from marts.mart_stage_score").status_code == 403
    sql = "(select string_agg(unit_name) from marts.mart_stage_score)"
    expression = {"expressionType": "SQL", "sqlExpression": sql, "label": "x"}
    harmless = {"expressionType": "SQL", "sqlExpression": "upper(unit_name)", "label": "x"}
    tries: list[dict[str, Any]] = [
        {"columns": [expression]},
        {"columns": [harmless]},
        {"columns": [sql]},
        {"metrics": [expression]},
        {"columns": ["unit_name"], "orderby": [[expression, True]]},
        {"columns": ["unit_name"], "extras": {"where": "true"}},
        {"columns": ["unit_name"], "filters": [{"col": harmless, "op": "==", "val": "x"}]},
    ]
    assert [person.chart(scores, **one).status_code for one in tries] == [403] * len(tries)
    assert person.chart(datasets["mart_claim"], columns=["unit_name"]).status_code == 403
    samples: dict[str, Any] = {"datasource_type": "table", "datasource_id": scores}
    assert person.post("/datasource/samples", params=samples, json={}).status_code == 403
    closed = ("database/", "query/", "security/users/", "security/roles/", "rowlevelsecurity/", "database/1/connection")
    assert {person.get(f"/api/v1/{one}").status_code for one in closed} == {403}
    assert person.get("/sqllab/").status_code == 403


def test_an_analyst_of_the_country_asks_everything_and_changes_nothing(home: Home, people: dict[str, Person]) -> None:
    analyst = people["analyst"]
    [[count]] = ask(home, "select count(*) from marts.mart_rule_result")
    assert analyst.sql("select count(*) as n from marts.mart_rule_result").json()["data"] == [{"n": count}]
    before = home.published.read_bytes()
    for statement in (
        "create table marts.x as select 1",
        "delete from marts.mart_issue",
        "attach 'x.duckdb'",
        "copy marts.mart_issue to 'x.csv'",
        "select * from read_text('/etc/hostname')",
        "select * from '/etc/hostname'",
        "set memory_limit = '100GB'",
        "set enable_external_access = true",
        "install httpfs",
    ):
        assert not analyst.sql(statement).is_success, statement
    assert home.published.read_bytes() == before
    assert analyst.get("/api/v1/security/users/").status_code == 403


def test_nobody_gets_in_without_a_grant_or_by_a_wrong_password(address: str, people: dict[str, Person]) -> None:
    assert {name for name, person in people.items() if not person.is_in} == set()
    assert not Person(address, "nobody", PASSWORD).is_in
    assert not Person(address, "street", "another password").is_in
    assert not Person(address, "operator", PASSWORD).is_in


def test_pages_and_forms_are_protected(address: str, people: dict[str, Person]) -> None:
    headers = people["boss"].get("/superset/welcome/").headers
    assert "script-src 'self' 'strict-dynamic' 'nonce-" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    with httpx.Client(base_url=address) as client:
        client.post("/login/", data={"username": "boss", "password": PASSWORD})
        assert client.get("/api/v1/me/").status_code == 401
        cookie = client.get("/login/").headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    people["boss"].headers["X-CSRFToken"], kept = "wrong", people["boss"].headers["X-CSRFToken"]
    assert people["boss"].sql("select 1").status_code == 400
    people["boss"].headers["X-CSRFToken"] = kept


def test_a_session_ends_with_the_portals(address: str, home: Home) -> None:
    users = Users(home.users, load_settings(is_secure=False))
    person = Person(address, "city", PASSWORD)
    assert person.get("/api/v1/dashboard/").is_success
    users.end_sessions("city")
    assert person.get("/api/v1/dashboard/").status_code == 401


def test_access_that_is_taken_away_is_gone_and_comes_back(
    address: str, home: Home, environment: dict[str, str], datasets: dict[str, int]
) -> None:
    person, scopes = Person(address, "street", PASSWORD), Scopes(home.users)
    status = datasets["mart_submission_status"]
    assert person.rows(status, columns=["unit_code"])
    scopes.revoke("street", "street", STREET, now=NOW, by="test")
    assert "1 shut out" in set_access(environment)
    assert person.chart(status, columns=["unit_code"]).status_code in (400, 401, 403)
    assert not Person(address, "street", PASSWORD).is_in
    scopes.grant("street", "street", STREET, level="street", now=NOW, by="test")
    assert "0 shut out" in set_access(environment)
    again = Person(address, "street", PASSWORD).rows(status, columns=["unit_code"])
    assert {row["unit_code"] for row in again} == {STREET}


def test_setting_the_access_again_changes_nothing(address: str, home: Home, environment: dict[str, str]) -> None:
    def rules() -> list[tuple[str, str]]:
        with Superset(address, password_of(home)) as superset:
            return sorted((one["name"], one["clause"]) for one in superset.all("/api/v1/rowlevelsecurity/"))

    before = rules()
    set_access(environment)
    assert rules() == before
    units = {unit for _, unit in GRANTS.values()} - {"all"}
    assert len(before) == 1 + 2 * len(units)


@pytest.mark.parametrize("name", [one["table_name"] for one in load("datasets")])
def test_every_column_and_metric_can_be_asked_for(
    name: str, people: dict[str, Person], datasets: dict[str, int]
) -> None:
    [dataset] = [one for one in load("datasets") if one["table_name"] == name]
    columns = [one["column_name"] for one in dataset["columns"]]
    people["boss"].rows(datasets[name], columns=columns, row_limit=1)
    people["boss"].rows(datasets[name], metrics=[one["metric_name"] for one in dataset["metrics"]])


def number(tab: Page, title: str) -> str:
    chart = tab.locator("[data-test=chart-grid-component]", has_text=title).first
    found = chart.locator(".header-line")
    expect(found).to_be_visible()
    return found.inner_text().strip()


@pytest.mark.parametrize("dashboard", load("dashboards"), ids=lambda one: str(one["slug"]))
def test_a_dashboard_shows_every_chart_without_an_error(dashboard: dict[str, Any], tab: Page) -> None:
    charts = [one for one in dashboard["position"].values() if isinstance(one, dict) and one.get("type") == "CHART"]
    asked: dict[int, list[str]] = {}

    def note(request: Request) -> None:
        if "/api/v1/chart/data" in request.url:
            body = json.loads(request.post_data or "")
            asked[body["form_data"].get("slice_id")] = [one["col"] for one in body["queries"][0]["filters"]]

    tab.on("request", note)
    tab.set_viewport_size({"width": 1280, "height": 2600})
    tab.goto(f"/superset/dashboard/{dashboard['slug']}/")
    expect(tab.locator("[data-test=chart-grid-component]")).to_have_count(len(charts))
    expect(tab.locator("[data-test=loading-indicator]")).to_have_count(0)
    tab.wait_for_load_state("networkidle")
    drawn = tab.locator("[data-test=chart-grid-component]").locator("canvas, table, .header-line")
    assert drawn.count() >= len(charts)
    assert tab.locator("[data-test=chart-grid-component] .ant-alert").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for one in dashboard["metadata"]["native_filter_configuration"]:
        if one.get("requiredFirst"):
            column, free = one["targets"][0]["column"]["name"], len(one["scope"]["excluded"])
            assert sum(column in columns for columns in asked.values()) == len(charts) - free
    if folder := os.environ.get("SCREENSHOTS"):
        tab.wait_for_timeout(1500)
        tab.screenshot(path=Path(folder) / f"superset-{dashboard['slug']}.png")


def test_figures_are_those_of_the_mart_and_follow_the_filter(home: Home, tab: Page) -> None:
    [[expected, reported]] = ask(
        home,
        "select count(*), 100.0 * count(*) filter (where is_reported) / count(*) from marts.mart_submission_status",
    )
    [[unit, own]] = ask(
        home, f"select unit_name, count(*) from marts.mart_submission_status where unit_code = '{STREET}' group by all"
    )
    tab.goto("/superset/dashboard/overview/")
    assert number(tab, "应报份数") == f"{expected:,}"
    assert number(tab, "报送率（%）") == f"{reported:.1f}"
    tab.get_by_test_id("NATIVE_FILTER-overview-unit").click()
    tab.keyboard.type(unit)
    tab.locator(f".ant-select-item-option[title='{unit}']").click()
    tab.get_by_test_id("filter-bar__apply-button").click()
    expect(tab.locator(".header-line").first).to_have_text(str(own))


def test_the_next_look_after_a_publish_shows_the_new_build(home: Home, tab: Page) -> None:
    tab.goto("/superset/dashboard/overview/")
    before = int(number(tab, "应报份数"))
    publish(home, f"delete from marts.mart_submission_status where unit_code = '{STREET}'")
    [[after]] = ask(home, "select count(*) from marts.mart_submission_status")
    assert 0 < after < before
    assert refresh_dashboards(home) == f"{len(load('charts'))} charts warmed"
    answers: list[Any] = []
    tab.on("response", lambda one: answers.append(one))
    tab.set_viewport_size({"width": 1280, "height": 2600})
    tab.reload()
    assert int(number(tab, "应报份数")) == after
    of_chart = re.compile(r"/api/v1/chart/data.*slice_id%22%3A\d")
    for _ in range(240):
        of_charts = [one for one in answers if of_chart.search(one.url)]
        if len(of_charts) == 7:
            break
        tab.wait_for_timeout(250)
    assert len(of_charts) == 7
    assert all(one.json()["result"][0]["is_cached"] for one in of_charts)


def test_a_publish_is_seen_without_warming_while_others_ask(
    home: Home, people: dict[str, Person], datasets: dict[str, int]
) -> None:
    status = datasets["mart_submission_status"]
    ask_count = {"metrics": ["expected_count"]}
    before = people["boss"].rows(status, **ask_count)[0]["expected_count"]
    publish(home, "delete from marts.mart_submission_status where unit_level <> 'street'")
    after = people["boss"].rows(status, **ask_count)[0]["expected_count"]
    assert after == ask(home, "select count(*) from marts.mart_submission_status")[0][0] < before
    assert len(list((home.root / "superset" / "builds").iterdir())) == 1


def test_a_home_without_superset_is_passed_over_and_one_that_is_down_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert refresh_dashboards(home) == ""
    (tmp_path / "superset").mkdir()
    (tmp_path / "superset" / "address").write_text(f"http://127.0.0.1:{free_port()}", encoding="utf-8")
    assert "were not warmed" in refresh_dashboards(home)


def test_there_must_be_something_published_first(tmp_path: Path) -> None:
    command = [str(ROOT / "scripts" / "superset"), "prepare"]
    done = subprocess.run(command, env={**os.environ, "JIEDAO_HOME": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Nothing is published" in done.stderr
