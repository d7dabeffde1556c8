"""A home with users and contacts, and browsers that are signed in."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, sync_playwright

from ingest.contacts import CONTACTS_FILE
from ingest.home import Home
from portal.app import create_app
from portal.documents.render import render
from portal.settings import Settings, load_settings
from portal.users import Users
from tests.support.servers import free_port, program, running
from tests.support.workbooks import CITY, DISTRICT, OTHER_STREET, REGISTERS, STREET

PASSWORD = "a password for tests"  # noqa: S105
CONTACTS = f"""channel,sender,unit_code,has_subtree,role,valid_from,valid_to,alert_email
page,clerk,{STREET},false,clerk,2025-01-01,,
page,neighbour,{OTHER_STREET},false,clerk,2025-01-01,,
page,office,{DISTRICT},true,office,2025-01-01,,
page,former,{STREET},false,clerk,2025-01-01,2025-01-31,
mailbox,mailer@example.org,{CITY},true,office,2025-01-01,,
"""


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings(is_secure=False)


@pytest.fixture(scope="session")
def users_file(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    """Users made once, for hashing is slow on purpose."""
    path = tmp_path_factory.mktemp("users") / "users.db"
    for name in ("clerk", "neighbour", "office", "former"):
        Users(path, settings).add(name, PASSWORD, is_temporary=False, now=datetime(2025, 1, 1))
    return path


@pytest.fixture
def home(tmp_path: Path, users_file: Path) -> Home:
    home = Home(tmp_path / "home").prepare()
    (home.programme / CONTACTS_FILE).write_text(CONTACTS, encoding="utf-8")
    home.users.parent.mkdir(mode=0o700)
    shutil.copy(users_file, home.users)
    return home


class Browser(TestClient):
    """A client that fills in forms as a browser does: with the token of the page that it was shown."""

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found is not None
        return found[1]

    def sign_in(self, name: str, password: str = PASSWORD) -> str:
        fields = {"csrf": self.token("/sign-in"), "user": name, "password": password}
        return self.post("/sign-in", data=fields).text

    def upload(self, data: bytes, name: str = "报表.xlsx") -> str:
        """Hand a file in; gives the number of the submission."""
        answer = self.post("/upload", data={"csrf": self.token("/")}, files={"file": (name, data)})
        assert answer.status_code == 200, answer.text
        return str(answer.url).rpartition("/")[2]


@pytest.fixture
def published(district: Path, home: Home) -> Home:
    """The same home after a night in Liwan district, with the documents of its pages."""
    for name in ("published", "lake"):
        shutil.rmtree(home.root / name)
        shutil.copytree(district / name, home.root / name)
    render(home)
    return home


@pytest.fixture
def open_browser(home: Home, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Browser]]:
    """Opens browsers on one portal; with other settings on another one of the same home."""
    monkeypatch.setattr("portal.app.Registers", lambda *_: REGISTERS)
    started: dict[Settings, Browser] = {}

    def open_one(name: str | None = None, **changed: int) -> Browser:
        wanted = replace(settings, **changed)
        if wanted not in started:
            started[wanted] = Browser(create_app(home, wanted))
            started[wanted].__enter__()
        browser = Browser(started[wanted].app)
        if name is not None:
            assert "报送记录" in browser.sign_in(name)
        return browser

    yield open_one
    for browser in started.values():
        browser.__exit__()


ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1200, "height": 900}


@pytest.fixture
def address(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The portal as `jiedao portal` serves it."""
    monkeypatch.setenv("JIEDAO_HOME", str(home.root))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    port = free_port()
    base = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        try:
            return httpx.get(f"{base}/sign-in", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    command = [sys.executable, "-m", "cli.main", "portal", "--port", str(port)]
    with running(command, tmp_path / "portal.log", is_up):
        yield base


@pytest.fixture
def tab() -> Iterator[Page]:
    """A page of a real browser, with what it complains about as a failure."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium"), args=ARGUMENTS)
        page = browser.new_page(viewport=PHONE, locale="zh-CN")
        page.set_default_timeout(60_000)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
        assert complaints == []


def looks_right(tab: Page, name: str) -> None:
    """Nothing sticks out at the right, on a phone and on a desk; a picture is kept where somebody wants to look."""
    for kind, size in (("desk", DESK), ("phone", PHONE)):
        tab.set_viewport_size(size)  # type: ignore[arg-type]
        # The page follows its window with a delay on a busy machine.
        fits = f"innerWidth === {size['width']} && document.documentElement.scrollWidth <= innerWidth"
        deadline = time.monotonic() + 30
        while not tab.evaluate(fits):
            assert time.monotonic() < deadline, f"{name} is wider than a {kind}"
            tab.wait_for_timeout(100)
        if folder := os.environ.get("SCREENSHOTS"):
            tab.screenshot(path=Path(folder) / f"{name}-{kind}.png", full_page=True)
