"""Mails are answered once, at once and by mail, from a real IMAP server to a real SMTP server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from alerts import replies
from alerts.replies import reply_path, send_replies
from cli.main import app
from ingest.contacts import COLUMNS
from ingest.home import Home
from ingest.ledger.tables import REPLY
from tests.support.dovecot import PASSWORD, Dovecot, private_dovecot
from tests.support.mail import Mailbox, mail_server
from tests.support.mails import AUTHSERV, FAILED, mail, zipped
from warehouse.instants import utc_now
from warehouse.night import open_ledger

UNIT, CLERK = "440103001", "clerk@example.org"
BOOK = zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<workbook/>"))


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with private_dovecot() as server:
        yield server


@pytest.fixture
def home(dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose one channel is the mailbox, with a clerk who may write."""
    home = Home(tmp_path / "home").prepare()
    monkeypatch.setenv("JIEDAO_HOME", str(home.root))
    monkeypatch.setenv("JIEDAO_CHANNEL_MAIL_PASSWORD", PASSWORD)
    (home.programme / "channels.yml").write_text(
        f"channels:\n  - {{name: mail, url: '{dovecot.url}', ca_file: '{dovecot.certificate}',"
        f" sender_proof: authentication_results, authserv_id: {AUTHSERV}}}\n"
    )
    lines = [",".join(COLUMNS), f"mailbox,{CLERK},{UNIT},false,clerk,2025-01-01,,"]
    (home.programme / "contacts.csv").write_text("\n".join(lines) + "\n")
    return home


def collect() -> None:
    result = CliRunner().invoke(app, ["collect"])
    assert result.exit_code == 0, result.output


def use(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("JIEDAO_SMTP_URL", f"smtp+plain://127.0.0.1:{port}")
    monkeypatch.setenv("JIEDAO_MAIL_FROM", "reports@league.example.org")


def states(home: Home) -> list[str]:
    with open_ledger(home) as ledger:
        return [event["state"] for event in ledger.replies()]


def test_a_clerk_who_mails_a_report_has_its_receipt_when_the_mailbox_has_been_emptied_and_never_again(
    home: Home, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Mailbox()
    dovecot.deliver(
        mail(CLERK, ("报表.xlsx", BOOK)).as_bytes(), mail("stranger@example.org", ("a.xlsx", BOOK)).as_bytes()
    )
    dovecot.deliver(mail(CLERK, ("报表.xlsx", BOOK), verdict=FAILED).as_bytes())
    with mail_server(sent) as port:
        use(monkeypatch, port)
        collect()
        collect()
        assert send_replies(home, now=utc_now()).sent == 0
    [(addresses, answer)] = sent.mails
    assert addresses == [CLERK]
    assert answer["In-Reply-To"] == "<1@example.org>" and answer["Auto-Submitted"] == "auto-replied"
    text = str(answer.get_content())
    assert hashlib.sha256(BOOK).hexdigest() in text and "报表.xlsx" in text
    assert sorted(states(home)) == ["sent", "silent", "silent", "written"]


def test_without_a_mail_server_the_answer_lies_in_the_outbox_without_the_address_until_there_is_one(
    home: Home, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(mail(CLERK).as_bytes())
    collect()
    collect()
    [path] = (home.root / "outbox" / "replies").glob("*.eml")
    written = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=SMTP)
    assert "没有收取到报表" in str(written.get_content())
    assert CLERK.encode() not in path.read_bytes()
    assert states(home) == ["written"]
    sent = Mailbox()
    with mail_server(sent) as port:
        use(monkeypatch, port)
        assert send_replies(home, now=utc_now()).sent == 1
    [(addresses, answer)] = sent.mails
    assert (addresses, answer["Subject"]) == ([CLERK], written["Subject"])


def test_an_answer_that_was_cut_off_before_it_was_recorded_goes_out_under_the_same_message_id(
    home: Home, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Mailbox()
    dovecot.deliver(mail(CLERK, ("报表.xlsx", BOOK)).as_bytes())
    record = replies._Answering._record

    def dies(self: replies._Answering, mail_sha256: str, state: str, detail: str | None = None) -> str:
        if state == "sent":
            raise KeyboardInterrupt
        return record(self, mail_sha256, state, detail)

    with mail_server(sent) as port:
        use(monkeypatch, port)
        with monkeypatch.context() as patch:
            patch.setattr(replies._Answering, "_record", dies)
            CliRunner().invoke(app, ["collect"])
        assert states(home) == ["written"]
        send_replies(home, now=utc_now())
        send_replies(home, now=utc_now())
    first, second = (answer for _, answer in sent.mails)
    assert first.as_bytes() == second.as_bytes()
    assert states(home) == ["written", "sent"]


def test_an_address_that_does_not_exist_is_tried_once_and_a_server_that_is_down_until_it_is_back(
    home: Home, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Mailbox(refuses=frozenset([CLERK]))
    dovecot.deliver(mail(CLERK, ("报表.xlsx", BOOK)).as_bytes())
    use(monkeypatch, 1)
    now = utc_now()
    collect()
    assert sorted(states(home)) == ["failed", "written"]
    with mail_server(sent) as port:
        use(monkeypatch, port)
        assert send_replies(home, now=now + timedelta(hours=1)).failed == 1
        assert send_replies(home, now=now + timedelta(hours=2)).failed == 0
    assert sent.mails == []
    with open_ledger(home) as ledger:
        last = ledger.replies()[-1]
    assert (last["state"], last["detail"]) == ("refused", "SMTPRecipientsRefused 550")


def test_a_mail_whose_receipts_are_not_all_written_waits_for_its_answer(home: Home, dovecot: Dovecot) -> None:
    dovecot.deliver(mail(CLERK, ("报表.xlsx", BOOK), ("盖章.pdf", b"%PDF-1.7")).as_bytes())
    collect()
    with open_ledger(home) as ledger:
        [source] = ledger.mails(utc_now() - timedelta(days=1))
        with ledger.engine.begin() as connection:  # as if cut off between refusals and receipts
            connection.exec_driver_sql("drop trigger receipt_no_DELETE")
            connection.exec_driver_sql("drop trigger reply_no_DELETE")
            connection.exec_driver_sql("delete from receipt")
            connection.execute(sa.delete(REPLY))
        assert ledger.refusals(source) and ledger.mails(utc_now() - timedelta(days=1)) == []
    reply_path(home, source).unlink()
    send_replies(home, now=utc_now())
    assert not reply_path(home, source).exists()
