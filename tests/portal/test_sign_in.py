"""Sign in: passwords, sessions that end, forms of the own session only, pauses, the audit log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

import pytest

from ingest.home import Home
from ingest.ledger import Ledger
from portal.settings import Settings, needs_https
from portal.users import PauseError, UserError, Users
from tests.portal.conftest import PASSWORD, Browser

Open = Callable[..., Browser]


@pytest.mark.parametrize("path", ["/", "/s/0a1b2c", "/s/0a1b2c/marked.xlsx", "/s/0a1b2c/receipt.json", "/u/440103001"])
def test_nobody_sees_anything_before_signing_in(open_browser: Open, path: str) -> None:
    answer = open_browser().get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_an_upload_of_nobody_is_not_even_read(open_browser: Open, home: Home) -> None:
    answer = open_browser().post("/upload", files={"file": ("a.xlsx", b"x" * 1000)}, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in"
    assert list(home.raw.iterdir()) == []


@pytest.mark.parametrize(("name", "password"), [("clerk", "wrong"), ("nobody", PASSWORD), ("clerk", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(open_browser: Open, name: str, password: str) -> None:
    assert "用户名或密码不对" in open_browser().sign_in(name, password)


def test_a_form_without_the_token_of_the_session_does_nothing(open_browser: Open, home: Home) -> None:
    browser = open_browser("clerk")
    other = open_browser("clerk").token("/")
    for fields in ({}, {"csrf": "guessed"}, {"csrf": other}):
        answer = browser.post("/upload", data=fields, files={"file": ("a.xlsx", b"x")})
        assert answer.status_code == 403
        assert browser.post("/sign-out", data=fields).status_code == 403
    assert list(home.raw.iterdir()) == []
    assert browser.get("/").status_code == 200


def test_signing_out_ends_every_copy_of_the_session(open_browser: Open) -> None:
    browser, thief = open_browser("clerk"), open_browser()
    thief.cookies.update(browser.cookies)
    assert "报送记录" in thief.get("/").text
    assert "已退出" in browser.post("/sign-out", data={"csrf": browser.token("/")}).text
    assert "登录已超时" in thief.get("/").text


def test_a_session_that_nobody_used_for_long_ends(open_browser: Open) -> None:
    browser = open_browser(session_idle_minutes=0)
    assert "登录已超时" in browser.sign_in("clerk")


def test_a_disabled_user_is_out_at_once(open_browser: Open, home: Home, settings: Settings) -> None:
    browser = open_browser("clerk")
    Users(home.users, settings).disable("clerk")
    assert "<h1>登录</h1>" in browser.get("/").text
    assert "用户名或密码不对" in browser.sign_in("clerk")


def test_a_temporary_password_is_good_for_a_new_one_only(open_browser: Open, home: Home, settings: Settings) -> None:
    Users(home.users, settings).set_password("clerk", "for the first time", is_temporary=True)
    browser = open_browser()
    assert "临时密码" in browser.sign_in("clerk", "for the first time")
    assert str(browser.get("/").url).endswith("/password")
    fields = {"old": "for the first time", "new": "my own password", "again": "my own password"}
    short = {**fields, "new": "short", "again": "short"}
    assert "至少要有" in browser.post("/password", data={"csrf": browser.token("/password"), **short}).text
    wrong = {**fields, "old": "not the old one"}
    assert "原密码不对" in browser.post("/password", data={"csrf": browser.token("/password"), **wrong}).text
    assert "密码已修改" in browser.post("/password", data={"csrf": browser.token("/password"), **fields}).text
    assert "报送记录" in open_browser().sign_in("clerk", "my own password")


def test_after_some_failures_each_further_one_costs_a_longer_pause(home: Home, settings: Settings) -> None:
    users, now, pauses = Users(home.users, settings), 1000.0, []
    for _ in range(settings.attempts_per_user):
        assert users.sign_in("clerk", "wrong", "192.0.2.1", now) is None
    for _ in range(3):
        with pytest.raises(PauseError) as paused:
            users.sign_in("clerk", PASSWORD, "192.0.2.2", now)
        pauses.append(paused.value.seconds)
        now += paused.value.seconds
        assert users.sign_in("clerk", "wrong", "192.0.2.2", now) is None
    assert pauses == sorted(set(pauses))
    assert users.sign_in("clerk", PASSWORD, "192.0.2.2", now + settings.longest_pause_seconds) is not None


def test_an_address_that_tries_many_names_is_paused_too(home: Home, settings: Settings) -> None:
    users = Users(home.users, settings)
    for number in range(settings.attempts_per_address):
        assert users.sign_in(f"name{number}", "wrong", "192.0.2.1", 1000.0) is None
    with pytest.raises(PauseError):
        users.sign_in("clerk", PASSWORD, "192.0.2.1", 1001.0)
    assert users.sign_in("clerk", PASSWORD, "192.0.2.2", 1001.0) is not None


def test_the_page_says_how_long_the_pause_is(open_browser: Open) -> None:
    browser = open_browser(attempts_per_user=1)
    browser.sign_in("clerk", "wrong")
    fields = {"csrf": browser.token("/sign-in"), "user": "clerk", "password": PASSWORD}
    answer = browser.post("/sign-in", data=fields)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 6
    assert "秒后再试" in answer.text


def test_neither_password_nor_address_is_stored(open_browser: Open, home: Home) -> None:
    browser = open_browser()
    browser.sign_in("clerk", "a wrong password")
    browser.sign_in("a password in the wrong field", "x")
    browser.sign_in("clerk")
    stored = b"".join(path.read_bytes() for path in home.root.rglob("*") if path.is_file())
    for secret in (PASSWORD, "a wrong password", "a password in the wrong field", "testclient"):
        assert secret.encode() not in stored
    assert home.users.stat().st_mode & 0o077 == 0
    [kept] = sqlite3.connect(home.users).execute("select password_hash from user where name = 'clerk'").fetchone()
    assert kept.startswith("$argon2id$")


def test_sign_ins_and_downloads_are_in_a_log_that_nobody_changes(open_browser: Open, home: Home) -> None:
    browser = open_browser()
    browser.sign_in("clerk", "wrong")
    browser.sign_in("nobody", "wrong")
    browser.sign_in("clerk")
    submission = browser.upload(b"no report")
    browser.get(f"/s/{submission}/receipt.json")
    browser.get(f"/s/{submission}/marked.xlsx")
    browser.post("/sign-out", data={"csrf": browser.token("/")})
    ledger = Ledger(home.ledger_url)
    assert [(one["user_name"], one["event"], one["subject"]) for one in ledger.audit_events()] == [
        ("clerk", "sign_in_refused", ""),
        ("", "sign_in_refused", ""),
        ("clerk", "sign_in", ""),
        ("clerk", "upload", submission),
        ("clerk", "download_receipt", submission),
        ("clerk", "download_marked", submission),
        ("clerk", "sign_out", ""),
    ]
    ledger.close()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        sqlite3.connect(home.root / "ledger.db").execute("delete from audit")


@pytest.mark.parametrize("name", ["x", "Clerk", "a b", "../a", "a" * 33])
def test_user_names_are_plain(home: Home, settings: Settings, name: str) -> None:
    with pytest.raises(UserError, match="is no user name"):
        Users(home.users, settings).add(name, PASSWORD, is_temporary=False, now=datetime(2025, 1, 1))


def test_every_answer_forbids_frames_foreign_content_and_scripts_within(open_browser: Open) -> None:
    browser = open_browser("clerk")
    for path in ("/", "/sign-in", "/none", "/static/portal.css"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"


def test_cookies_are_out_of_reach_of_scripts_and_leave_by_https_only(open_browser: Open) -> None:
    plain = open_browser().get("/sign-in").headers["set-cookie"].lower()
    assert "httponly" in plain
    assert "samesite=lax" in plain
    assert "secure" not in plain
    assert "secure" in open_browser(is_secure=True).get("/sign-in").headers["set-cookie"].lower()


def test_https_is_needed_but_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIEDAO_PORTAL_URL", raising=False)
    assert [needs_https(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "example.org")] == [  # noqa: S104
        False, False, False, True, True,
    ]  # fmt: skip
    monkeypatch.setenv("JIEDAO_PORTAL_URL", "https://portal.example.org")
    assert needs_https("127.0.0.1")
