"""Each role reads its unit and what reports to it, and nothing else, by pages, by the interface and by the card."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from cli.output import ExitCode
from ingest.home import Home
from ingest.ledger import Ledger
from portal.documents.render import documents_path, made_by, write
from portal.scopes import ScopeError, Scopes, roles
from portal.settings import texts
from tests.portal.conftest import Browser

NOW = datetime(2026, 11, 2)
USER = "former"  # whose right to speak is over
STREET, OTHER_STREET, DISTRICT, CITY, PROVINCE, COUNTRY = "440103001", "440103002", "440103", "4401", "44", "all"
STAGE = "S2"
#: What each role reads and what not, the latter with units that do not exist and names that are no codes.
READS = {
    "street": (STREET, [STREET], [OTHER_STREET, DISTRICT, CITY, PROVINCE, COUNTRY, "440103999", "%2e%2e%2fetc"]),
    "district": (DISTRICT, [DISTRICT, STREET, OTHER_STREET], [CITY, PROVINCE, COUNTRY, "440104", "44010"]),
    "city": (CITY, [CITY, DISTRICT, STREET], [PROVINCE, COUNTRY, "4402"]),
    "province": (PROVINCE, [PROVINCE, CITY, DISTRICT, STREET], [COUNTRY, "45"]),
    "analyst": (COUNTRY, [COUNTRY, PROVINCE, STREET], ["45", "alle"]),
    "operator": (COUNTRY, [COUNTRY, PROVINCE, STREET], ["45"]),
}


def doors(code: str) -> list[str]:
    """Every way to the figures of a unit."""
    return [f"/u/{code}", f"/u/{code}/reports", f"/api/units/{code}"]


@pytest.mark.parametrize("role", READS)
def test_a_role_reads_its_unit_and_what_reports_to_it(
    published: Home, open_browser: Callable[..., Browser], role: str
) -> None:
    unit, own, foreign = READS[role]
    Scopes(published.users).grant(USER, role, unit, level=roles()[role]["levels"][0], now=NOW, by="test")
    browser = open_browser(USER)
    for code in own:
        assert [browser.get(door).status_code for door in doors(code)] == [200, 200, 200]
        if code != COUNTRY:
            assert browser.get(f"/u/{code}/{STAGE}/card.pdf").status_code == 200
    for code in foreign:
        tried = [*doors(code), f"/u/{code}/{STAGE}/card.pdf"]
        assert {browser.get(door).status_code for door in tried} == {404}


def test_every_role_is_tried_here() -> None:
    assert set(READS) == set(roles())


def test_a_page_links_only_to_what_the_user_may_open(published: Home, open_browser: Callable[..., Browser]) -> None:
    Scopes(published.users).grant(USER, "district", DISTRICT, level="district", now=NOW, by="test")
    page = open_browser(USER).get(f"/u/{STREET}").text
    assert f'href="/u/{DISTRICT}"' in page
    assert f'href="/u/{CITY}"' not in page
    assert "广州市" in page


def test_without_a_role_nothing_opens_and_a_revoked_one_ends_at_once(
    published: Home, open_browser: Callable[..., Browser]
) -> None:
    browser, scopes = open_browser(USER), Scopes(published.users)
    assert {browser.get(door).status_code for door in doors(STREET)} == {404}
    scopes.grant(USER, "street", STREET, level="street", now=NOW, by="test")
    assert {browser.get(door).status_code for door in doors(STREET)} == {200}
    scopes.revoke(USER, "street", STREET, now=NOW, by="test")
    assert {browser.get(door).status_code for door in doors(STREET)} == {404}
    with pytest.raises(ScopeError, match="has no role"):
        scopes.revoke(USER, "street", STREET, now=NOW, by="test")


def test_who_speaks_for_a_unit_reads_it(published: Home, open_browser: Callable[..., Browser]) -> None:
    assert published.published.exists()
    clerk = open_browser("clerk")
    assert {clerk.get(door).status_code for door in doors(STREET)} == {200}
    assert {clerk.get(door).status_code for code in (OTHER_STREET, DISTRICT) for door in doors(code)} == {404}


def test_nobody_reads_without_signing_in(published: Home, open_browser: Callable[..., Browser]) -> None:
    assert published.published.exists()
    for door in [*doors(STREET), "/map.geojson"]:
        answer = open_browser().get(door, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_scopes_follow_the_reporting_tree_and_not_the_code(home: Home, open_browser: Callable[..., Browser]) -> None:
    """Shunde reports to the province, though its code begins with that of Foshan."""
    path = [{"code": "all", "name": "全国"}, {"code": "44", "name": "广东省"}, {"code": "440606", "name": "顺德区"}]
    unit = {"name": "顺德区", "level": "district", "parent_code": "44", "path": path}
    stamp = ("b", NOW.isoformat(), NOW.isoformat(), made_by())
    write(documents_path(home), stamp, {"440606": json.dumps({"unit": unit})})
    scopes, browser = Scopes(home.users), open_browser(USER)
    scopes.grant(USER, "city", "4406", level="city", now=NOW, by="test")
    assert {browser.get(door).status_code for door in doors("440606")} == {404}
    scopes.grant(USER, "province", "44", level="province", now=NOW, by="test")
    assert {browser.get(door).status_code for door in doors("440606")} == {200}


def test_documents_and_cards_that_were_fetched_are_in_the_audit_log(
    published: Home, open_browser: Callable[..., Browser]
) -> None:
    clerk = open_browser("clerk")
    clerk.get(f"/api/units/{STREET}")
    clerk.get(f"/u/{STREET}/{STAGE}/card.pdf")
    clerk.get(f"/api/units/{OTHER_STREET}")
    ledger = Ledger(published.ledger_url)
    events = [(one["user_name"], one["event"], one["subject"]) for one in ledger.audit_events()]
    ledger.close()
    assert ("clerk", "download_document", STREET) in events
    assert ("clerk", "download_card", f"{STREET}/{STAGE}") in events
    assert not [event for event in events if OTHER_STREET in event[2]]


def test_the_audit_log_opens_to_operators_alone(published: Home, open_browser: Callable[..., Browser]) -> None:
    scopes, browser = Scopes(published.users), open_browser(USER)
    scopes.grant(USER, "analyst", COUNTRY, level="country", now=NOW, by="test")
    assert browser.get("/audit").status_code == 404
    assert 'href="/audit"' not in browser.get("/").text
    scopes.grant(USER, "operator", COUNTRY, level="country", now=NOW, by="test")
    assert 'href="/audit"' in browser.get("/").text
    page = browser.get("/audit").text
    assert "登录" in page
    assert USER in page


def test_every_event_of_the_audit_log_has_a_name() -> None:
    root = Path(__file__).parents[2]
    sources = [path.read_text(encoding="utf-8") for room in ("cli", "portal") for path in (root / room).rglob("*.py")]
    used = {name for text in sources for name in re.findall(r'record\(.*"([a-z_]+)"', text)}
    kinds = {f"review_{kind}" for kind in ("approved", "returned")}
    assert used | kinds == set(texts()["audit_events"])


def test_shapes_of_an_authority_are_served_to_users_once_they_are_there(
    published: Home, open_browser: Callable[..., Browser]
) -> None:
    clerk = open_browser("clerk")
    assert clerk.get("/map.geojson").status_code == 404
    (published.programme / "map.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    assert clerk.get("/map.geojson").json()["type"] == "FeatureCollection"


def jiedao(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["user", *arguments])


def test_roles_are_granted_shown_and_revoked_by_command(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(home.root))
    granted = ("grant", USER, "--role", "district", "--unit", DISTRICT)
    assert "now is" in jiedao(*granted).output
    assert "already was" in jiedao(*granted).output
    listed = {one["name"]: one for one in json.loads(jiedao("list", "--json").output)}
    assert listed[USER]["roles"] == [f"district {DISTRICT}"]
    assert jiedao("revoke", USER, "--role", "district", "--unit", DISTRICT).exit_code == ExitCode.FINE
    ledger = Ledger(home.ledger_url)
    events = [(one["event"], one["subject"]) for one in ledger.audit_events()]
    ledger.close()
    assert events == [(event, f"{USER} district {DISTRICT}") for event in ("role_granted", "role_revoked")]
    for refused in (
        ("grant", USER, "--role", "street", "--unit", DISTRICT),
        ("grant", USER, "--role", "district", "--unit", "999999"),
        ("grant", "nobody", "--role", "district", "--unit", DISTRICT),
        ("grant", USER, "--role", "emperor", "--unit", COUNTRY),
        ("revoke", USER, "--role", "district", "--unit", DISTRICT),
    ):
        assert jiedao(*refused).exit_code == ExitCode.CANNOT_BE_TAKEN, refused


def test_what_was_granted_cannot_be_rewritten(home: Home) -> None:
    Scopes(home.users).grant(USER, "street", STREET, level="street", now=NOW, by="test")
    with closing(sqlite3.connect(home.users)) as connection:
        for statement in ("update user_scope set unit_code = '44'", "delete from user_scope"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_the_bundle_is_the_version_that_is_locked() -> None:
    portal = Path(__file__).parents[2] / "portal"
    locked = json.loads((portal / "package-lock.json").read_text(encoding="utf-8"))["packages"]["node_modules/echarts"]
    folder = portal / "static" / f"echarts-{locked['version']}"
    assert f'version="{locked["version"]}"' in (folder / "echarts.min.js").read_text(encoding="utf-8")
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")
    page = (portal / "templates" / "unit.html.j2").read_text(encoding="utf-8")
    assert f"/static/{folder.name}/echarts.min.js" in page
