"""Mails as odd programs write them: what is attached is found, what they add by themselves is no report."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime

import pytest

from ingest.channels.collect import Collected, collect
from ingest.channels.mailbox import MailboxChannel, MailboxSettings
from ingest.contacts import load_contacts
from ingest.home import Home
from ingest.ledger import Ledger
from tests.ingest.channels.conftest import write_contacts
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.mails import AUTHSERV, mail, raw_mail, zipped
from tests.support.workbooks import REGISTERS

NOW = datetime(2027, 1, 1)
UNIT, CLERK = "440103001", "clerk@example.org"
BOOK = zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<workbook/>"))
FORWARDED = mail("someone@elsewhere.example", ("报表.xlsx", BOOK)).as_bytes()
LOCK = b"\x04user" + b" " * 49 + bytes(111)

Empty = Callable[[bytes], Collected]


@pytest.fixture
def empty(home: Home, ledger: Ledger, dovecot: Dovecot) -> Empty:
    """Empty a mailbox that holds one mail."""
    write_contacts(home, f"mailbox,{CLERK},{UNIT},false,clerk,2025-01-01,,")

    def once(one: bytes) -> Collected:
        dovecot.deliver(one)
        contacts = load_contacts(home.programme / "contacts.csv", REGISTERS.unit_names)
        settings = MailboxSettings("mail", dovecot.url, PASSWORD, AUTHSERV, ca_file=dovecot.certificate)
        return collect(home, ledger, MailboxChannel(settings, contacts), now=NOW)

    return once


def encoded(content_type: bytes, name: str, data: bytes) -> bytes:
    """A mail with one attachment, its content in base64 whatever its type."""
    body = b"--x\r\nContent-Type: " + content_type + b'\r\nContent-Disposition: attachment; filename="'
    body += name.encode() + b'"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + base64.encodebytes(data)
    return raw_mail(CLERK, [b"Content-Type: multipart/mixed; boundary=x"], body + b"\r\n--x--\r\n")


def names(collected: Collected) -> list[str]:
    return [receipt.file_name for receipt in collected.received]


def reasons(collected: Collected) -> list[tuple[str, str]]:
    return [(one.refusal.reason, one.refusal.detail) for one in collected.refused]


@pytest.mark.parametrize("content_type", [b"message/rfc822", b"application/octet-stream"])
def test_a_report_in_a_mail_that_was_attached_as_a_file_is_found(empty: Empty, content_type: bytes) -> None:
    collected = empty(encoded(content_type, "转发.eml", FORWARDED))
    assert (names(collected), reasons(collected)) == (["报表.xlsx"], [])


def test_a_lock_file_of_excel_beside_the_report_is_no_report(empty: Empty) -> None:
    collected = empty(mail(CLERK, ("~$报表.xlsx", LOCK), ("报表.xlsx", BOOK)).as_bytes())
    assert (names(collected), reasons(collected)) == (["报表.xlsx"], [])


@pytest.mark.parametrize("name", ["smime.p7s", "名片.vcf", "signature.asc"])
def test_a_signature_alone_is_no_report(empty: Empty, name: str) -> None:
    collected = empty(mail(CLERK, (name, b"\x30\x80\x06\x09" + bytes(50))).as_bytes())
    assert (names(collected), reasons(collected)) == ([], [("mail_without_report", f"（只有{name}）")])


def test_an_attachment_without_content_is_handed_on_so_that_its_sender_is_told(empty: Empty) -> None:
    assert names(empty(mail(CLERK, ("报表.xlsx", b"")).as_bytes())) == ["报表.xlsx"]


def test_a_report_without_a_name_is_taken(empty: Empty) -> None:
    body = b"--x\r\nContent-Type: application/vnd.ms-excel\r\nContent-Disposition: attachment\r\n"
    body += b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(BOOK) + b"\r\n--x--\r\n"
    assert names(empty(raw_mail(CLERK, [b"Content-Type: multipart/mixed; boundary=x"], body))) == ["附件1"]
