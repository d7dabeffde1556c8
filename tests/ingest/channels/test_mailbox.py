"""The mailbox on a real IMAP server: who is believed, what is taken, and that nothing is lost."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from urllib.parse import quote

import pytest

from ingest.channels import mailbox
from ingest.channels.collect import Collected, collect
from ingest.channels.mail import Attachments
from ingest.channels.mailbox import MailboxChannel, MailboxSettings
from ingest.channels.settings import ChannelSettings, open_channel
from ingest.contacts import Contacts, load_contacts
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.receive import raw_path
from tests.ingest.channels.conftest import write_contacts
from tests.support.dovecot import PASSWORD, USER, Dovecot
from tests.support.mails import AUTHSERV, FAILED, PROVEN, gbk_zipped, mail, nested_mail, raw_mail, zipped
from tests.support.workbooks import REGISTERS

NOW = datetime(2027, 1, 1)
UNIT, OTHER_UNIT, DISTRICT = "440103001", "440103002", "440103"
CLERK = "clerk@example.org"
BOOK = zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<workbook/>"))
OTHER_BOOK = zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<workbook></workbook>"))
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)

Empty = Callable[[], Collected]


@pytest.fixture
def empty(home: Home, ledger: Ledger, dovecot: Dovecot) -> Empty:
    """Empty the mailbox once, with what the registry says now."""
    write_contacts(home, f"mailbox,{CLERK},{UNIT},false,clerk,2025-01-01,,")

    def once() -> Collected:
        contacts = load_contacts(home.programme / "contacts.csv", REGISTERS.unit_names)
        settings = MailboxSettings("mail", dovecot.url, PASSWORD, AUTHSERV, ca_file=dovecot.certificate)
        return collect(home, ledger, MailboxChannel(settings, contacts), now=NOW)

    return once


def test_a_mailbox_that_speaks_in_the_open_first_is_emptied_over_starttls(
    home: Home, ledger: Ledger, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail(CLERK, ("报表.xlsx", BOOK)).as_bytes())
    write_contacts(home, f"mailbox,{CLERK},{UNIT},false,clerk,2025-01-01,,")
    contacts = load_contacts(home.programme / "contacts.csv", REGISTERS.unit_names)
    url = f"imap+starttls://{USER}@127.0.0.1:{dovecot.starttls_port}/INBOX"
    untrusted = MailboxSettings("mail", url, PASSWORD, AUTHSERV)
    failure = collect(home, ledger, MailboxChannel(untrusted, contacts), now=NOW).failure
    assert failure is not None and "certificate is not trusted" in failure
    assert dovecot.count() == 1
    trusted = replace(untrusted, ca_file=dovecot.certificate)
    [receipt] = collect(home, ledger, MailboxChannel(trusted, contacts), now=NOW).received
    assert (receipt.channel_unit_code, dovecot.count(), dovecot.count("Processed")) == (UNIT, 0, 1)


def reasons(collected: Collected) -> list[str]:
    return [one.refusal.reason for one in collected.refused]


def test_an_attachment_becomes_a_receipt_of_the_unit_that_its_sender_speaks_for(
    home: Home, dovecot: Dovecot, empty: Empty
) -> None:
    arrived_at = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    data = mail(CLERK, ("报表.xlsx", BOOK)).as_bytes()
    dovecot.deliver(data, arrived_at=arrived_at)
    [receipt] = empty().received
    assert (receipt.channel, receipt.channel_unit_code, receipt.file_name) == ("mailbox", UNIT, "报表.xlsx")
    assert receipt.submitted_at == arrived_at.replace(tzinfo=None)
    assert raw_path(home.raw, receipt.file_sha256).read_bytes() == BOOK
    assert (dovecot.count(), dovecot.count("Processed")) == (0, 1)


def test_the_whole_mail_is_kept_beside_its_attachments(
    home: Home, ledger: Ledger, dovecot: Dovecot, empty: Empty
) -> None:
    data = mail(CLERK, ("报表.xlsx", BOOK)).as_bytes().replace(b"\n", b"\r\n")
    dovecot.deliver(data)
    [receipt] = empty().received
    source = hashlib.sha256(data).hexdigest()
    assert raw_path(home.raw, source).read_bytes() == data
    [origin] = ledger.origins(source)
    assert (origin["submission_id"], origin["sender"], origin["is_mail"]) == (receipt.submission_id, CLERK, True)


def test_what_was_handled_is_not_seen_again(dovecot: Dovecot, empty: Empty) -> None:
    dovecot.deliver(mail(CLERK, ("报表.xlsx", BOOK)).as_bytes())
    assert len(empty().received) == 1
    again = empty()
    assert (again.received, again.seen_before) == ((), 0)


def test_the_same_report_in_a_second_mail_is_known_by_its_hash(ledger: Ledger, dovecot: Dovecot, empty: Empty) -> None:
    for number in (1, 2):
        dovecot.deliver(mail(CLERK, ("报表.xlsx", BOOK), message_id=f"<{number}@example.org>").as_bytes())
    collected = empty()
    assert (len(collected.received), collected.seen_before) == (1, 1)
    assert len(ledger.mails(NOW)) == 2


def test_two_reports_in_one_mail_are_two_submissions(dovecot: Dovecot, empty: Empty) -> None:
    dovecot.deliver(mail(CLERK, ("一.xlsx", BOOK), ("二.xlsx", OTHER_BOOK)).as_bytes())
    assert [receipt.file_name for receipt in empty().received] == ["一.xlsx", "二.xlsx"]


def test_a_zip_is_handed_on_as_the_workbooks_in_it(ledger: Ledger, dovecot: Dovecot, empty: Empty) -> None:
    parcel = zipped(
        ("街道/一.xlsx", BOOK), ("街道/二.xlsx", OTHER_BOOK), ("说明.pdf", b"%PDF-1.7"), ("__MACOSX/._一.xlsx", b"x")
    )
    dovecot.deliver(mail(CLERK, ("报表.zip", parcel)).as_bytes())
    collected = empty()
    assert [receipt.file_name for receipt in collected.received] == ["一.xlsx", "二.xlsx"]
    assert [(one.refusal.reason, one.refusal.place) for one in collected.refused] == [
        ("enclosure_ignored", "2/报表.zip!说明.pdf")
    ]
    [source] = ledger.mails(NOW)
    assert [origin["place"] for origin in ledger.origins(source)] == [
        "2/报表.zip!街道/一.xlsx",
        "2/报表.zip!街道/二.xlsx",
    ]


def test_a_zip_of_csv_files_is_one_report(dovecot: Dovecot, empty: Empty) -> None:
    parcel = zipped(("封面.csv", "项目,内容".encode()), ("活动.csv", "名称,日期".encode()))
    dovecot.deliver(mail(CLERK, ("报表.zip", parcel)).as_bytes())
    assert [receipt.file_name for receipt in empty().received] == ["报表.zip"]


def test_a_report_in_a_forwarded_mail_is_found(dovecot: Dovecot, empty: Empty) -> None:
    forwarding = mail(CLERK)
    forwarding.add_attachment(mail("someone@elsewhere.example", ("报表.xlsx", BOOK)))
    dovecot.deliver(forwarding.as_bytes())
    [receipt] = empty().received
    assert (receipt.file_name, receipt.channel_unit_code) == ("报表.xlsx", UNIT)


NAME = "荔湾区报表.xlsx"
NAMES = {
    "rfc 2231 in UTF-8": b"filename*=UTF-8''" + quote(NAME).encode(),
    "rfc 2231 in pieces of GBK": b"filename*0*=GBK''"
    + quote("荔湾区".encode("gbk")).encode()
    + b"; filename*1*="
    + quote("报表.xlsx".encode("gbk")).encode(),
    "bare GBK": b'filename="' + NAME.encode("gbk") + b'"',
    "bare UTF-8": b'filename="' + NAME.encode() + b'"',
    "rfc 2047": b'filename="=?GB18030?B?' + base64.b64encode(NAME.encode("gbk")) + b'?="',
    "with a folder before it": b'filename="..\\\\..\\\\' + NAME.encode("gbk") + b'"',
}


@pytest.mark.parametrize("written", NAMES.values(), ids=NAMES.keys())
def test_a_chinese_file_name_is_read_however_it_is_written(dovecot: Dovecot, empty: Empty, written: bytes) -> None:
    body = b"--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; " + written
    body += b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(BOOK) + b"\r\n--x--\r\n"
    dovecot.deliver(raw_mail(CLERK, [b"Content-Type: multipart/mixed; boundary=x"], body))
    assert [receipt.file_name for receipt in empty().received] == [NAME]


@pytest.mark.parametrize(
    "word", [b"=?unicode_escape?Q?=5Cud800?=", b"=?zlib?B?AAAA?=", b"=?undefined?Q?x?=", b"=?utf-8?B?A?="]
)
def test_a_file_name_in_no_real_charset_harms_nobody(dovecot: Dovecot, empty: Empty, word: bytes) -> None:
    body = b'--x\r\nContent-Disposition: attachment; filename="' + word + b'.xlsx"\r\n'
    body += b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(BOOK) + b"\r\n--x--\r\n"
    headers = [b"Subject: " + word, b"Content-Type: multipart/mixed; boundary=x"]
    dovecot.deliver(raw_mail(CLERK, headers, body), mail(CLERK, ("报表.xlsx", OTHER_BOOK)).as_bytes())
    collected = empty()
    assert (len(collected.received), collected.refused, collected.failure) == (2, (), None)


def test_a_mail_on_which_our_own_code_fails_is_kept_and_the_others_go_on(
    dovecot: Dovecot, empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(mail(CLERK, ("一.xlsx", BOOK)).as_bytes(), mail(CLERK, ("二.xlsx", OTHER_BOOK)).as_bytes())
    real = mailbox.attachments_of

    def fail_once(_: Message) -> Attachments:
        monkeypatch.setattr(mailbox, "attachments_of", real)
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(mailbox, "attachments_of", fail_once)
    collected = empty()
    assert [receipt.file_name for receipt in collected.received] == ["二.xlsx"]
    assert reasons(collected) == ["mail_unreadable"]
    assert dovecot.count("Rejected") == 1


def test_a_chinese_name_within_a_zip_of_windows_is_read(dovecot: Dovecot, empty: Empty) -> None:
    dovecot.deliver(mail(CLERK, ("a.zip", gbk_zipped(NAME, BOOK))).as_bytes())
    assert [receipt.file_name for receipt in empty().received] == [NAME]


def test_a_picture_in_the_signature_is_passed_over(dovecot: Dovecot, empty: Empty) -> None:
    message = mail(CLERK, ("报表.xlsx", BOOK))
    message.add_attachment(PICTURE, maintype="image", subtype="png", disposition="inline", cid="<logo>")
    dovecot.deliver(message.as_bytes())
    collected = empty()
    assert (len(collected.received), collected.refused) == (1, ())


def test_a_letter_beside_the_report_is_put_aside_and_named(dovecot: Dovecot, empty: Empty) -> None:
    dovecot.deliver(mail(CLERK, ("报表.xlsx", BOOK), ("盖章.pdf", b"%PDF-1.7")).as_bytes())
    collected = empty()
    assert [receipt.file_name for receipt in collected.received] == ["报表.xlsx"]
    assert reasons(collected) == ["enclosure_ignored"]


def test_a_mail_that_holds_only_another_kind_of_file_hands_it_on_so_that_its_sender_is_told(
    dovecot: Dovecot, empty: Empty
) -> None:
    dovecot.deliver(mail(CLERK, ("报表.pdf", b"%PDF-1.7")).as_bytes())
    assert [receipt.file_name for receipt in empty().received] == ["报表.pdf"]


def without_attachment() -> bytes:
    return mail(CLERK).as_bytes()


def with_a_signature_only() -> bytes:
    message = mail(CLERK)
    message.add_attachment(PICTURE, maintype="image", subtype="png", disposition="inline", cid="<logo>")
    return message.as_bytes()


def from_two() -> bytes:
    return b"From: someone@elsewhere.example\n" + mail(CLERK, ("a.xlsx", BOOK)).as_bytes()


def from_two_in_one_header() -> bytes:
    return mail(f"{CLERK}, someone@elsewhere.example", ("a.xlsx", BOOK)).as_bytes()


def proved_for_another_domain() -> bytes:
    verdict = f"{AUTHSERV}; spf=pass smtp.mailfrom=elsewhere.example; dkim=pass header.d=elsewhere.example"
    return mail(CLERK, ("a.xlsx", BOOK), verdict=verdict).as_bytes()


def proved_below_the_servers_own_verdict() -> bytes:
    """The sender brought a verdict under the server's name along; the server put its own above."""
    message = EmailMessage()
    message["Authentication-Results"] = FAILED
    forged = mail(CLERK, ("a.xlsx", BOOK), verdict=PROVEN).as_bytes()
    return message.as_bytes().rstrip(b"\n") + b"\n" + forged


def proved_in_a_comment() -> bytes:
    verdict = f"{AUTHSERV}; dkim=fail (it says dkim=pass header.d=example.org; dkim=pass header.d=example.org)"
    return mail(CLERK, ("a.xlsx", BOOK), verdict=verdict).as_bytes()


def proved_in_a_quotation() -> bytes:
    """What the sender wrote before the @ of his envelope address, as the server quotes it."""
    own = '"x; dkim=pass header.d=example.org; \\" dkim=pass header.d=example.org"@elsewhere.example'
    verdict = f"{AUTHSERV}; spf=pass smtp.mailfrom={own}; dkim=none"
    return mail(CLERK, ("a.xlsx", BOOK), verdict=verdict).as_bytes()


UNUSABLE = {
    "nothing attached": (without_attachment, "mail_without_report"),
    "only a signature": (with_a_signature_only, "mail_without_report"),
    "a sender unknown": (lambda: mail("x@example.org", ("a.xlsx", BOOK)).as_bytes(), "sender_unknown"),
    "no sender": (lambda: mail(CLERK).as_bytes().replace(b"From:", b"X-From:"), "sender_unknown"),
    "two From headers": (from_two, "sender_several"),
    "two addresses": (from_two_in_one_header, "sender_several"),
    "a verdict of failure": (lambda: mail(CLERK, ("a.xlsx", BOOK), verdict=FAILED).as_bytes(), "sender_unproven"),
    "no verdict": (lambda: mail(CLERK, ("a.xlsx", BOOK), verdict=None).as_bytes(), "sender_unproven"),
    "a verdict of another server": (
        lambda: mail(CLERK, ("a.xlsx", BOOK), verdict=PROVEN.replace("mx.", "mx2.")).as_bytes(),
        "sender_unproven",
    ),
    "another domain proved": (proved_for_another_domain, "sender_unproven"),
    "a forged verdict below": (proved_below_the_servers_own_verdict, "sender_unproven"),
    "a verdict in a comment": (proved_in_a_comment, "sender_unproven"),
    "a verdict in a quotation": (proved_in_a_quotation, "sender_unproven"),
    "nested without end": (lambda: nested_mail(CLERK, 400), "mail_structure"),
    "parts without number": (
        lambda: raw_mail(CLERK, [b"Content-Type: multipart/mixed; boundary=x"], b"--x\r\n\r\n" * 5000),
        "mail_structure",
    ),
    "a header without end": (lambda: b"From: a@b.cn\r\nX: " + b"x" * 400_000 + b"\r\n\r\nx", "mail_structure"),
    "a sender in a thousand brackets": (lambda: b"From: " + b"(" * 100_000 + b"\r\n\r\nx", "mail_unreadable"),
}


@pytest.mark.parametrize(("made", "reason"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_mail_moves_aside_with_its_reason_and_is_kept(
    home: Home, ledger: Ledger, dovecot: Dovecot, empty: Empty, made: Callable[[], bytes], reason: str
) -> None:
    data = made().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    dovecot.deliver(data, mail(CLERK, ("报表.xlsx", BOOK)).as_bytes())
    collected = empty()
    assert reasons(collected) == [reason]
    assert [one["reason"] for one in ledger.refusals(hashlib.sha256(data).hexdigest())] == [reason]
    assert raw_path(home.raw, hashlib.sha256(data).hexdigest()).read_bytes() == data
    assert len(collected.received) == 1
    assert (dovecot.count(), dovecot.count("Processed"), dovecot.count("Rejected")) == (0, 1, 1)


def test_a_mail_that_is_far_too_large_is_not_fetched_but_named(ledger: Ledger, dovecot: Dovecot, empty: Empty) -> None:
    dovecot.deliver(mail(CLERK, ("a.xlsx", random.Random(1).randbytes(50 << 20))).as_bytes())
    assert reasons(empty()) == ["mail_too_large"]
    assert dovecot.count("Rejected") == 1
    assert [one["reason"] for one in ledger.refusals()] == ["mail_too_large"]


def test_a_sender_is_believed_on_the_days_that_the_registry_says(home: Home, dovecot: Dovecot, empty: Empty) -> None:
    write_contacts(home, f"mailbox,{CLERK},{UNIT},false,clerk,2026-01-01,2026-01-31,")
    # The last day ends at midnight in Shanghai, which is 16:00 UTC.
    dovecot.deliver(mail(CLERK, ("a.xlsx", BOOK)).as_bytes(), arrived_at=datetime(2026, 1, 31, 15, 59, tzinfo=UTC))
    dovecot.deliver(mail(CLERK, ("b.xlsx", OTHER_BOOK)).as_bytes(), arrived_at=datetime(2026, 1, 31, 16, 1, tzinfo=UTC))
    collected = empty()
    assert [receipt.file_name for receipt in collected.received] == ["a.xlsx"]
    assert reasons(collected) == ["sender_unknown"]


def test_a_sender_for_several_units_gives_a_receipt_that_leaves_the_unit_to_the_cover(
    home: Home, ledger: Ledger, dovecot: Dovecot, empty: Empty
) -> None:
    write_contacts(
        home,
        f"mailbox,{CLERK},{UNIT},false,clerk,2025-01-01,,",
        f"mailbox,{CLERK},{OTHER_UNIT},false,clerk,2025-01-01,,",
    )
    dovecot.deliver(mail(CLERK, ("a.xlsx", BOOK)).as_bytes())
    [receipt] = empty().received
    assert receipt.channel_unit_code is None
    assert ledger.scopes([receipt.submission_id]) == {receipt.submission_id: f"{UNIT} {OTHER_UNIT}"}


def test_the_same_content_from_senders_for_other_units_is_another_submission(
    home: Home, dovecot: Dovecot, empty: Empty
) -> None:
    write_contacts(
        home,
        "mailbox,one@example.org,440103,true,office,2025-01-01,,",
        "mailbox,two@example.org,440104,true,office,2025-01-01,,",
    )
    found = set()
    for sender in ("one@example.org", "two@example.org"):
        dovecot.deliver(mail(sender, ("a.xlsx", BOOK)).as_bytes())
        found |= {receipt.submission_id for receipt in empty().received}
    assert len(found) == 2


def test_a_mail_waits_while_the_line_of_its_sender_is_wrong(home: Home, dovecot: Dovecot, empty: Empty) -> None:
    write_contacts(home, f"mailbox,{CLERK},999999,false,clerk,2025-01-01,,")
    dovecot.deliver(mail(CLERK, ("a.xlsx", BOOK)).as_bytes())
    collected = empty()
    assert (collected.received, collected.refused, len(collected.left)) == ((), (), 1)
    assert dovecot.count() == 1


def test_folders_may_have_chinese_names(home: Home, ledger: Ledger, dovecot: Dovecot) -> None:
    write_contacts(home, f"mailbox,{CLERK},{UNIT},false,clerk,2025-01-01,,")
    options = {
        "sender_proof": "authentication_results",
        "authserv_id": AUTHSERV,
        "processed_folder": "已收",
        "rejected_folder": "退回",
        "ca_file": str(dovecot.certificate),
    }
    settings = ChannelSettings("mail", dovecot.url, None, options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIEDAO_CHANNEL_MAIL_PASSWORD", PASSWORD)
        channel = open_channel(home, settings, REGISTERS)
    dovecot.deliver(mail(CLERK, ("a.xlsx", BOOK)).as_bytes(), mail("x@example.org").as_bytes())
    collect(home, ledger, channel, now=NOW)
    assert (dovecot.count("已收"), dovecot.count("退回")) == (1, 1)


@pytest.mark.parametrize("trouble", ["wrong password", "nobody listens", "unknown certificate", "no such folder"])
def test_a_mailbox_that_cannot_be_opened_fails_with_its_reason_and_leaves_the_mails(
    home: Home, ledger: Ledger, dovecot: Dovecot, empty: Empty, trouble: str
) -> None:
    dovecot.deliver(mail(CLERK, ("a.xlsx", BOOK)).as_bytes())
    url, password, trusted = dovecot.url, PASSWORD, dovecot.certificate
    settings = {
        "wrong password": MailboxSettings("mail", url, "wrong", AUTHSERV, ca_file=trusted),
        "nobody listens": MailboxSettings("mail", "imaps://x@127.0.0.1:1/INBOX", password, AUTHSERV, ca_file=trusted),
        "unknown certificate": MailboxSettings("mail", url, password, AUTHSERV),
        "no such folder": MailboxSettings("mail", url.replace("INBOX", "Nowhere"), password, AUTHSERV, ca_file=trusted),
    }[trouble]
    collected = collect(home, ledger, MailboxChannel(settings, Contacts()), now=NOW)
    assert collected.failure is not None and settings.url in collected.failure
    assert password not in collected.failure
    [event] = ledger.collections()
    assert (event["channel_name"], event["state"], event["detail"]) == ("mail", "failed", collected.failure)
    assert dovecot.count() == 1
    assert len(empty().received) == 1
