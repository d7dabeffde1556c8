"""A home with a registry of contacts, and the servers, each started once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.contacts import COLUMNS
from ingest.home import Home
from ingest.ledger import Ledger
from tests.support.dovecot import Dovecot, private_dovecot


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger(home.ledger_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    with private_dovecot() as server:
        yield server


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """The server with an empty mailbox."""
    with dovecot_server.box() as box:
        for folder in [one.name for one in box.folder.list() if one.name != "INBOX"]:
            box.folder.delete(folder)
        if uids := box.uids():
            box.delete(uids)
    return dovecot_server


def write_contacts(home: Home, *lines: str) -> None:
    """The registry of a home; the values of a line stand in the order of its columns."""
    path = home.programme / "contacts.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
