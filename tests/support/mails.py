"""Mails for the tests of the mailbox: as clerks send them, and as nobody should. Addresses are of nobody."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from functools import cache

from ingest.forms import load_forms
from ingest.template import write_workbook
from tests.support.workbooks import PERIOD, REGISTERS, typical_rows

AUTHSERV = "mx.example.org"
PROVEN = f"{AUTHSERV}; spf=pass smtp.mailfrom=example.org; dkim=pass (2048-bit key) header.d=example.org"
FAILED = f"{AUTHSERV}; spf=fail smtp.mailfrom=example.org; dkim=none; dmarc=fail header.from=example.org"

Attachment = tuple[str, bytes]


@cache
def street_report(unit_code: str) -> bytes:
    """A faultless report of one street."""
    form = load_forms()["street"]
    rows = typical_rows(form)
    rows[form.cover.entity][0][form.unit_field] = unit_code
    name = REGISTERS.unit_names[unit_code]
    return write_workbook(form, unit_code=unit_code, unit_name=name, period=PERIOD, rows=rows)


def mail(
    sender: str,
    *attachments: Attachment,
    subject: str = "2025年第一季度报表",
    verdict: str | None = PROVEN,
    message_id: str = "<1@example.org>",
) -> EmailMessage:
    """A mail with attachments, as a mail program of today writes it."""
    message = EmailMessage()
    if verdict:
        message["Authentication-Results"] = verdict
    message["From"] = sender
    message["To"] = "reports@example.org"
    message["Subject"] = subject
    message["Message-ID"] = message_id
    message.set_content("您好，报表见附件。")
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


def raw_mail(sender: str, headers: Sequence[bytes], body: bytes) -> bytes:
    """A mail written byte by byte, for what no mail program would write."""
    lines = [b"Authentication-Results: " + PROVEN.encode(), b"From: " + sender.encode(), b"MIME-Version: 1.0", *headers]
    return b"\r\n".join([*lines, b"", body])


def zipped(*members: Attachment) -> bytes:
    """A zip of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def gbk_zipped(name: str, data: bytes) -> bytes:
    """A zip of one member whose name is GBK and carries no flag."""
    raw = name.encode("gbk")
    content = zipped(("x" * len(raw), data))
    return content.replace(b"x" * len(raw), raw)


def encrypted_zip(name: str, data: bytes) -> bytes:
    """A zip whose member says that it is encrypted, in both of its headers."""
    content = bytearray(zipped((name, data)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(mark) + offset
        struct.pack_into("<H", content, place, struct.unpack_from("<H", content, place)[0] | 1)
    return bytes(content)


def bomb() -> bytes:
    """A zip of a few hundred kilobytes that unzips to 300 MB."""
    return zipped(("报表.xlsx", bytes(300 << 20)))


def nested_mail(sender: str, depth: int) -> bytes:
    """A mail of multiparts within multiparts."""
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth)
    )
    first, _, rest = opened.partition(b"\r\n\r\n")
    return raw_mail(sender, [first], rest + b"Content-Type: text/plain\r\n\r\nx\r\n")
