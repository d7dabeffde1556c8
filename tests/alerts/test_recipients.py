"""Each address and each chat group is told once, whatever becomes of the others."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from alerts.chat import chat_text
from alerts.delivery import deliver
from alerts.outbox import outbox_path
from alerts.run import send_alerts
from alerts.settings import AlertSettings
from ingest.contacts import load_contacts
from ingest.home import Home
from ingest.settings import limits
from tests.alerts.test_alerts import register, state_of, states, use_server
from tests.support.district import AFTERWARDS
from tests.support.mail import Mailbox, mail_server
from tests.support.workbooks import REGISTERS
from warehouse.night import open_ledger

DAY = timedelta(days=1)
GOOD, BAD = "there@street.example.org", "gone@street.example.org"


@pytest.fixture
def home(district: Path, tmp_path: Path) -> Home:
    """The district with the message of one street in the outbox, and nobody to send it to yet."""
    home = Home(Path(shutil.copytree(district, tmp_path / "home")))
    register(home, {})
    send_alerts(home, now=AFTERWARDS, unit_code=street(home))
    return home


def street(home: Home) -> str:
    return state_of(home, "on_time")[0]


def add_contact(home: Home, address: str) -> None:
    with (home.programme / "contacts.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"mailbox,{address},{street(home)},false,clerk,2020-01-01,,{address}\n")


def write_again(home: Home, days: int) -> None:
    """A message of a later day, as another night would have written it."""
    unit_code, later = street(home), AFTERWARDS + days * DAY
    with open_ledger(home) as ledger:
        [first, *_] = ledger.messages(unit_code)
        as_of_on = first["as_of_on"] + days * DAY
        event = {**first, "message_id": f"m{days}", "as_of_on": as_of_on, "recorded_at": later, "state": "written"}
        ledger.add_messages([event])
    text = outbox_path(home, unit_code, first["as_of_on"]).read_text(encoding="utf-8")
    outbox_path(home, unit_code, as_of_on).write_text(text.replace(first["message_id"], f"m{days}"), encoding="utf-8")


def run(home: Home, days: float = 0) -> tuple[int, int, int]:
    """Sent, failed and without anybody, of what waits."""
    contacts = load_contacts(home.programme / "contacts.csv", REGISTERS.unit_names)
    done = deliver(home, AlertSettings.load(home.programme), contacts, now=AFTERWARDS + days * DAY)
    return done.sent, done.failed, done.unaddressed


@dataclass
class Group:
    """A chat group that takes what ``status`` says."""

    status: int = 200
    heard: list[str] = field(default_factory=list)
    port: int = 0


@contextmanager
def chat_group() -> Iterator[Group]:
    group = Group()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if group.status == 200:
                group.heard.append(told["message"])
            self.send_response(group.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    group.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield group
    finally:
        server.shutdown()
        server.server_close()


def listen(home: Home, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUP_OF_THE_STREET", f"json://127.0.0.1:{group.port}")
    lines = f"scope_code,has_subtree,url_variable\n{street(home)},false,GROUP_OF_THE_STREET\n"
    (home.programme / "webhooks.csv").write_text(lines, encoding="utf-8")


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        use_server(monkeypatch, port)
        yield mailbox


def test_one_address_that_is_refused_keeps_no_mail_from_the_other(home: Home, mailbox: Mailbox) -> None:
    register(home, {street(home): GOOD})
    add_contact(home, BAD)
    mailbox.refuses = frozenset([BAD])
    assert [run(home, days) for days in (0, 0.1, 1, 2)] == [(0, 1, 0)] * 4
    assert [addresses for addresses, _ in mailbox.mails] == [[GOOD]]
    with open_ledger(home) as ledger:
        assert {row["detail"] for row in ledger.messages() if row["state"] == "failed"} == {"SMTPRecipientsRefused 550"}
        assert GOOD not in str(ledger.reached(AFTERWARDS - DAY))
    mailbox.refuses = frozenset()
    assert run(home, 3) == (1, 0, 0)
    assert [addresses for addresses, _ in mailbox.mails] == [[GOOD], [BAD]]
    assert states(home, street(home))[-1] == "sent"


def test_mail_and_chat_do_not_stop_each_other(home: Home, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    register(home, {street(home): GOOD})
    with chat_group() as group:
        listen(home, group, monkeypatch)
        group.status = 500
        assert [run(home), run(home, 1)] == [(0, 1, 0)] * 2
        assert len(mailbox.mails) == 1
        group.status = 200
        assert run(home, 2) == (1, 0, 0)
        assert (len(mailbox.mails), len(group.heard)) == (1, 1)


def test_a_refused_mail_keeps_nothing_from_the_group(
    home: Home, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(home, {street(home): BAD})
    mailbox.refuses = frozenset([BAD])
    with chat_group() as group:
        listen(home, group, monkeypatch)
        assert [run(home), run(home, 1)] == [(0, 1, 0)] * 2
        assert len(group.heard) == 1


def test_of_messages_that_nobody_could_be_sent_only_the_latest_goes_out(home: Home, mailbox: Mailbox) -> None:
    for days in (1, 2, 3):
        write_again(home, days)
        assert run(home, days) == (0, 0, 1)
    register(home, {street(home): GOOD})
    assert run(home, 3) == (1, 0, 0)
    assert run(home, 4) == (0, 0, 0)
    [(_, mail)] = mailbox.mails
    assert mail["Message-ID"].startswith("<m3@")


def test_nobody_gets_two_messages_on_a_day(home: Home, mailbox: Mailbox) -> None:
    register(home, {street(home): GOOD})
    assert run(home) == (1, 0, 0)
    write_again(home, 1)
    assert run(home, 0.3) == (0, 0, 0)
    assert len(mailbox.mails) == 1
    assert run(home, 1) == (1, 0, 0)


def test_a_message_that_nobody_could_be_sent_for_long_is_not_sent_any_more(home: Home, mailbox: Mailbox) -> None:
    register(home, {street(home): GOOD})
    assert run(home, limits()["messages"]["send_within_days"] + 2) == (0, 0, 0)
    assert mailbox.mails == []


def test_a_server_that_is_down_is_asked_once_and_everything_goes_out_later(
    home: Home, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox
) -> None:
    send_alerts(home, now=AFTERWARDS)
    units = state_of(home, "on_time")[:3]
    register(home, {unit: f"{unit}@street.example.org" for unit in units})
    asked: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    connect = socket.create_connection

    def counted(*given: object, **named: object) -> socket.socket:
        asked.append(given)
        return connect(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setenv("JIEDAO_SMTP_URL", f"smtp+plain://127.0.0.1:{port}")
        patched.setattr(socket, "create_connection", counted)
        assert run(home)[:2] == (0, 3)
    assert len(asked) == 1
    assert run(home)[:2] == (3, 0)
    assert len(mailbox.mails) == 3


def test_a_text_for_a_group_is_whole_lines_within_its_bytes() -> None:
    room = limits()["messages"]["chat_bytes"]
    short = "第一行\n第二行"
    assert chat_text("题", short) == short
    cut = chat_text("题" * 50, "\n".join("字" * 40 for _ in range(60)))
    assert len(cut.encode()) + 150 <= room
    assert set(cut.splitlines()[:-1]) == {"字" * 40}
    assert "从略" in cut.splitlines()[-1]
