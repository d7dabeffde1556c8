"""A home with a registry of contacts, and the servers, each started once for all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from ingest.contacts import COLUMNS
from ingest.home import Home
from ingest.ledger import Ledger
from tests.support.dovecot import Dovecot, private_dovecot
from tests.support.sftp import SftpServer, private_sftp


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


@pytest.fixture(scope="session")
def sftp_server() -> Iterator[SftpServer]:
    with private_sftp() as server:
        yield server


@pytest.fixture
def sftp(sftp_server: SftpServer) -> SftpServer:
    """The server with an empty folder."""
    for path in sftp_server.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return sftp_server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Address of a server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
