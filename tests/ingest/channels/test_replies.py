"""What a sender is told at once: a receipt for each report, a reason for each refusal, and nothing to a stranger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage

import pytest

from ingest.channels.arrivals import Delivery, Handled
from ingest.channels.collect import collect
from ingest.channels.mailbox import MailboxSession, MailboxSettings
from ingest.channels.replies import Reply, receipt_text, refusal_text, refusal_texts, reply_to_mail
from ingest.contacts import load_contacts
from ingest.home import Home
from ingest.ledger import Ledger, Receipt
from tests.ingest.channels.conftest import write_contacts
from tests.support.mails import AUTHSERV, FAILED, mail, zipped
from tests.support.workbooks import REGISTERS

NOW = datetime(2026, 1, 5, 2, 0)
UNIT = "440103001"
CLERK = "clerk@example.org"
BOOK = zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<workbook/>"))


@dataclass
class Letterbox(MailboxSession):
    """Mails that have been fetched already: what is said about them needs no server."""

    mails: list[bytes] = field(default_factory=list)
    kind: str = "mailbox"
    name: str = "mail"

    @contextmanager
    def open(self, now: datetime) -> Iterator[Letterbox]:
        self.now = now
        yield self

    def deliveries(self) -> Iterator[Delivery]:
        for number, data in enumerate(self.mails):
            delivery = self._read(str(number), data, self.now)
            assert delivery is not None
            yield delivery

    def acknowledge(self, handled: Sequence[Handled]) -> None:  # noqa: ARG002 - all of them
        self.mails.clear()


def replies(home: Home, ledger: Ledger, *mails: EmailMessage) -> list[Reply | None]:
    write_contacts(home, f"mailbox,{CLERK},{UNIT},false,clerk,2025-01-01,,")
    contacts = load_contacts(home.programme / "contacts.csv", REGISTERS.unit_names)
    settings = MailboxSettings("mail", "imaps://x@localhost", "", AUTHSERV)
    letterbox = Letterbox(None, settings, contacts, NOW, mails=[one.as_bytes() for one in mails])  # type: ignore[arg-type]
    collect(home, ledger, letterbox, now=NOW)
    return [reply_to_mail(home, ledger, source, REGISTERS.unit_names) for source in ledger.mails(NOW)]


def test_a_mail_with_reports_is_answered_with_their_receipts(home: Home, ledger: Ledger) -> None:
    [reply] = replies(home, ledger, mail(CLERK, ("一.xlsx", BOOK), ("盖章.pdf", b"%PDF-1.7")))
    [receipt] = ledger.pending()
    assert reply is not None
    assert (reply.to, reply.subject) == (CLERK, "【已收到】2025年第一季度报表")
    assert reply.headers == {
        "In-Reply-To": "<1@example.org>",
        "References": "<1@example.org>",
        "Auto-Submitted": "auto-replied",
    }
    name = REGISTERS.unit_names[UNIT]
    for told in (receipt.submission_id, receipt.file_sha256, f"{name}（{UNIT}）", "2026-01-05 10:00:00", "盖章.pdf"):
        assert told in reply.text
    assert (reply.unit_codes, reply.submission_ids) == ((UNIT,), (receipt.submission_id,))


def test_a_mail_without_a_report_is_answered_with_the_reason_and_what_to_do(home: Home, ledger: Ledger) -> None:
    [reply] = replies(home, ledger, mail(CLERK))
    assert reply is not None
    assert reply.subject.startswith("【未收取】")
    assert refusal_text("mail_without_report", "", "") in reply.text
    assert reply.submission_ids == ()


def from_a_machine() -> EmailMessage:
    message = mail(CLERK, ("一.xlsx", BOOK))
    message["Auto-Submitted"] = "auto-replied"
    return message


@pytest.mark.parametrize(
    "made",
    [
        lambda: mail("stranger@example.org", ("一.xlsx", BOOK)),
        lambda: mail(CLERK, ("一.xlsx", BOOK), verdict=FAILED),
        from_a_machine,
    ],
    ids=["a stranger", "a spoofed sender", "a machine"],
)
def test_who_is_not_known_to_have_written_gets_no_answer(home: Home, ledger: Ledger, made: object) -> None:
    assert callable(made)
    assert replies(home, ledger, made()) == [None]


def test_a_receipt_leaves_the_unit_to_the_cover_when_its_sender_speaks_for_several() -> None:
    receipt = Receipt("id", "mailbox", None, "报表.xlsx", "0" * 64, 7, NOW, NOW)
    assert "以报表封面为准" in receipt_text(receipt)


@pytest.mark.parametrize("reason", refusal_texts())
def test_every_reason_says_what_is_wrong_and_what_to_do(reason: str) -> None:
    text = refusal_text(reason, "80 MB", "2/盖章.pdf")
    assert "{" not in text
    assert text.count("。") >= 2
