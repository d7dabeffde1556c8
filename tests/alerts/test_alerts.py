"""Messages to units: who is told what, once, and by which way."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import threading
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import duckdb
import openpyxl
import pytest

from alerts.run import send_alerts
from alerts.settings import AlertSettings, AlertSettingsError
from cli.nightly import build_and_publish
from ingest.contacts import COLUMNS
from ingest.home import Home
from ingest.links import LinkError, submission_of
from tests.support.district import AFTERWARDS, PERIOD
from tests.support.mail import Mailbox, mail_server
from warehouse.ask import ask, open_published
from warehouse.explain_stage import fixes_of
from warehouse.night import Night, open_ledger

DISTRICT = "440103"


@pytest.fixture
def home(district_home: Home) -> Home:
    return district_home


def state_of(home: Home, state: str) -> list[str]:
    sql = (
        "select unit_code from marts.mart_submission_status where period = $1 and state = $2 and length(unit_code) = 9"
    )
    found = [row[0] for row in ask(home, sql, [PERIOD, state]).rows]
    assert found
    return found


def outbox(home: Home) -> dict[str, bytes]:
    return {str(path.relative_to(home.root)): path.read_bytes() for path in (home.root / "outbox").rglob("*.eml")}


def mail_to(home: Home, unit_code: str) -> EmailMessage:
    [path] = (home.root / "outbox" / unit_code).glob("*.eml")
    return message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=SMTP)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


def register(home: Home, addresses: dict[str, str]) -> None:
    with (home.programme / "contacts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for unit_code, address in addresses.items():
            line = {"channel": "mailbox", "sender": address, "unit_code": unit_code, "has_subtree": "false"}
            writer.writerow({**line, "role": "clerk", "valid_from": "2020-01-01", "alert_email": address})


def use_server(monkeypatch: pytest.MonkeyPatch, port: int, scheme: str = "smtp+plain") -> None:
    monkeypatch.setenv("JIEDAO_SMTP_URL", f"{scheme}://127.0.0.1:{port}")
    monkeypatch.setenv("JIEDAO_MAIL_FROM", "league@example.org")


def states(home: Home, unit_code: str) -> list[str]:
    with open_ledger(home) as ledger:
        return [event["state"] for event in ledger.messages(unit_code)]


def test_a_rejected_street_is_told_every_cell_that_it_must_mend(home: Home) -> None:
    send_alerts(home, now=AFTERWARDS)
    for unit_code in state_of(home, "rejected"):
        told = text_of(mail_to(home, unit_code))
        issues = ask(
            home,
            "select sheet, cell, remedy from marts.mart_issue where unit_code = $1 and severity = 'error'",
            [unit_code],
        ).rows
        assert issues
        for sheet, cell, remedy in issues:
            assert remedy in told
            assert f"{sheet} {cell}" in told or cell is None
        assert all(remedy in text_of(mail_to(home, unit_code), "html") for _, _, remedy in issues)


def test_what_is_worth_most_points_is_told_with_its_clause_while_the_stage_can_be_mended(home: Home) -> None:
    over = Home(Path(shutil.copytree(home.root, home.root.with_name("over"))))
    with duckdb.connect(str(over.published)) as connection:
        connection.execute("update marts.mart_stage_score set is_provisional = false")
        connection.execute("checkpoint")
    unit_code = state_of(home, "late")[0]
    for one in (home, over):
        send_alerts(one, now=AFTERWARDS)
    told = text_of(mail_to(home, unit_code))
    with open_published(home) as connection:
        fixes = fixes_of(connection, unit_code, "S2")
    assert fixes
    for fix in fixes:
        assert f"{fix['item_zh']}（规定：“{fix['quote_zh']}”）：达到规定后可加" in told
    assert "最值得先做的事" in told
    assert "最值得先做的事" not in text_of(mail_to(over, unit_code))


def test_the_marked_workbook_of_a_rejected_report_is_attached_unless_a_portal_offers_it(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Home(Path(shutil.copytree(home.root, tmp_path / "other")))
    send_alerts(home, now=AFTERWARDS)
    unit_code = state_of(home, "rejected")[0]
    [attached] = mail_to(home, unit_code).iter_attachments()
    book = openpyxl.load_workbook(io.BytesIO(attached.get_payload(decode=True)))
    sql = "select sheet, cell from marts.mart_issue where unit_code = $1 and severity = 'error' and cell is not null"
    for sheet, cell in ask(home, sql, [unit_code]).rows:
        assert book[sheet][cell].comment is not None
    monkeypatch.setenv("JIEDAO_PORTAL_URL", "https://portal.example.org/")
    send_alerts(other, now=AFTERWARDS)
    mail = mail_to(other, unit_code)
    assert list(mail.iter_attachments()) == []
    assert f"https://portal.example.org/u/{unit_code}/reports" in text_of(mail)
    [token] = re.findall(r"https://portal\.example\.org/m/(\S+)", text_of(mail))
    sql = "select submission_id from marts.mart_submission_status where unit_code = $1 and period = $2"
    assert submission_of(other.link_key(), token, AFTERWARDS) == ask(other, sql, [unit_code, PERIOD]).rows[0][0]
    with pytest.raises(LinkError):
        submission_of(other.link_key(), token, AFTERWARDS + timedelta(days=15))


def test_the_district_hears_by_name_of_those_who_are_overdue_and_the_street_is_reminded(home: Home) -> None:
    send_alerts(home, now=AFTERWARDS)
    missing = state_of(home, "missing")
    digest = text_of(mail_to(home, DISTRICT))
    for unit_code in missing:
        assert f"（{unit_code}）" in digest
        assert "请尽快补报" in text_of(mail_to(home, unit_code))
    for unit_code in state_of(home, "on_time"):
        assert f"（{unit_code}）" not in digest


def test_nobody_is_told_the_same_twice_and_a_new_step_is_told_on_its_day(home: Home) -> None:
    first = send_alerts(home, now=AFTERWARDS)
    assert first.written > 0
    assert send_alerts(home, now=AFTERWARDS).written == 0
    before = outbox(home)
    # Thirty days after the deadline there is a new step for those who are missing, and for nobody who has reported.
    later = Night.at(AFTERWARDS + timedelta(days=20))
    build_and_publish(home, later, lambda _: None, full_refresh=False)
    send_alerts(home, now=later.now)
    new = {path.split("/")[1] for path in outbox(home).keys() - before.keys()}
    assert set(state_of(home, "missing")) <= new
    assert not new & set(state_of(home, "on_time"))


def test_a_run_that_starts_again_writes_the_same_outbox(home: Home) -> None:
    send_alerts(home, now=AFTERWARDS, unit_code=DISTRICT)
    whole = outbox(home)
    (home.root / next(iter(whole))).unlink()
    with open_ledger(home) as ledger, ledger.engine.begin() as connection:  # as if cut off before it was recorded
        for table in ("message", "message_line"):
            connection.exec_driver_sql(f"drop table {table}")
    send_alerts(home, now=AFTERWARDS, unit_code=DISTRICT)
    assert outbox(home) == whole


def test_mails_reach_the_registered_address_with_text_and_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    unit_code = state_of(home, "rejected")[0]
    register(home, {unit_code: "clerk@street.example.org"})
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        use_server(monkeypatch, port)
        result = send_alerts(home, now=AFTERWARDS)
        assert send_alerts(home, now=AFTERWARDS).sent == 0
    assert (result.sent, result.failed, result.unaddressed) == (1, 0, result.written - 1)
    [(addresses, mail)] = mailbox.mails
    assert addresses == ["clerk@street.example.org"]
    assert mail["Subject"] == mail_to(home, unit_code)["Subject"]
    assert text_of(mail) == text_of(mail_to(home, unit_code))
    assert text_of(mail, "html").lstrip().startswith("<!DOCTYPE html>")
    assert states(home, unit_code) == ["written", "sent"]


def test_a_refused_mail_is_recorded_without_the_address_and_tried_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = state_of(home, "on_time")[:2]
    register(home, {one: "gone@street.example.org", other: "there@street.example.org"})
    mailbox = Mailbox(refuses=frozenset(["gone@street.example.org"]))
    with mail_server(mailbox) as port:
        use_server(monkeypatch, port)
        result = send_alerts(home, now=AFTERWARDS)
        assert (result.sent, result.failed) == (1, 1)
        assert states(home, one) == ["written", "failed"]
        # The server of the test has a log of its own.
        assert not [one for one in caplog.records if one.name != "mail.log" and "gone@" in one.getMessage()]
        with open_ledger(home) as ledger:
            assert "gone@" not in str(ledger.messages(one))
        mailbox.refuses = frozenset()
        again = send_alerts(home, now=AFTERWARDS + timedelta(hours=1))
    assert (again.sent, again.failed) == (1, 0)
    assert [addresses for addresses, _ in mailbox.mails] == [["there@street.example.org"], ["gone@street.example.org"]]


def test_a_server_that_cannot_encrypt_gets_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    unit_code = state_of(home, "on_time")[0]
    register(home, {unit_code: "clerk@street.example.org"})
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        use_server(monkeypatch, port, "smtp")
        result = send_alerts(home, now=AFTERWARDS)
    assert (result.sent, result.failed, mailbox.mails) == (0, 1, [])


def test_a_chat_group_of_the_district_hears_of_all_its_streets(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[dict[str, str]] = []

    class Group(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Group)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("JIEDAO_PORTAL_URL", "https://portal.example.org")
    monkeypatch.setenv("GROUP_OF_LIWAN", f"json://127.0.0.1:{server.server_port}")
    lines = f"scope_code,has_subtree,url_variable\n{DISTRICT},true,GROUP_OF_LIWAN\n"
    (home.programme / "webhooks.csv").write_text(lines, encoding="utf-8")
    try:
        result = send_alerts(home, now=AFTERWARDS)
    finally:
        server.shutdown()
        server.server_close()
    assert result.sent == len(heard) == result.written - result.unaddressed
    assert not any("/m/" in one["message"] for one in heard) and any("/u/" in one["message"] for one in heard)
    named = [path.split("/")[1] for path in outbox(home) if path.split("/")[1].startswith(DISTRICT)]
    assert sorted(one["title"] for one in heard) == sorted(str(mail_to(home, unit)["Subject"]) for unit in named)


@pytest.mark.parametrize(
    ("environment", "webhooks", "said"),
    [
        ({"JIEDAO_SMTP_URL": "smtp://mail.example.org"}, "", "JIEDAO_MAIL_FROM"),
        ({"JIEDAO_SMTP_URL": "mail.example.org", "JIEDAO_MAIL_FROM": "a@example.org"}, "", "smtps"),
        ({}, "440103,true,NOT_SET\n", "NOT_SET is not set"),
        ({}, "440103,perhaps,NOT_SET\n", "line 2"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, environment: dict[str, str], webhooks: str, said: str) -> None:
    (tmp_path / "webhooks.csv").write_text(f"scope_code,has_subtree,url_variable\n{webhooks}", encoding="utf-8")
    with pytest.raises(AlertSettingsError, match=said):
        AlertSettings.load(tmp_path, environment)
