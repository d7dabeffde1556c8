"""A home with users and contacts, and browsers that are signed in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.contacts import CONTACTS_FILE
from ingest.home import Home
from portal.app import create_app
from portal.settings import Settings, load_settings
from portal.users import Users
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
