"""The mailbox channel: IMAP over TLS. A sender is believed whose address the registry knows and whose domain the
receiving server has proved.

The whole mail goes to the raw store first. Handled mails move to one folder, refused ones to another; none is deleted.
The instant of submission is the one at which the server took the mail in.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls
from imap_tools.errors import ImapToolsError

from ingest.channels.arrivals import ChannelError, Delivery, Handled, Refusal
from ingest.channels.mail import UnusableMailError, attachments_of, is_proven, parse_mail, sender_of
from ingest.contacts import Contacts
from ingest.settings import limits

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 60.0
_PORTS = {"imaps": 993, "imap+starttls": 143}
_CHUNK = 500
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


@contextmanager
def _speaking(url: str) -> Iterator[None]:
    """What goes wrong with the server, told as the channel's trouble."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ChannelError(f"{url}: the server's certificate is not trusted: {error.verify_message}") from error
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise ChannelError(f"{url}: {type(error).__name__}: {error}") from error


def _instant(line: bytes) -> datetime:
    """The server's instant of arrival, as UTC without a zone."""
    found = imaplib.Internaldate2tuple(line)
    if found is None:
        raise ChannelError("the server states no INTERNALDATE")
    # The tuple is in the machine's local time.
    return datetime.fromtimestamp(datetime(*found[:6]).timestamp(), UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class MailboxSettings:
    """Where the mailbox is and what is believed.

    ``url``: ``imaps://user@host:port/folder``, or ``imap+starttls://``. ``authserv_id``: the name under which the
    receiving server states its verdicts (RFC 8601), "" to believe the From header alone. ``ca_file``: certificates to
    trust instead of the system's.
    """

    name: str
    url: str
    password: str
    authserv_id: str
    processed_folder: str = "Processed"
    rejected_folder: str = "Rejected"
    ca_file: Path | None = None


@dataclass
class MailboxSession:
    """The mailbox while it is being emptied."""

    box: BaseMailBox
    settings: MailboxSettings
    contacts: Contacts
    now: datetime
    left: list[str] = field(default_factory=list)

    def deliveries(self) -> Iterator[Delivery]:
        """Every mail of the folder, in the order of arrival."""
        with _speaking(self.settings.url):
            uids = self.box.uids("ALL")
        for start in range(0, len(uids), _CHUNK):
            for uid, size, arrived_at in self._overview(uids[start : start + _CHUNK]):
                delivery = self._delivery(uid, size, min(arrived_at, self.now))
                if delivery:
                    yield delivery

    def _overview(self, uids: list[str]) -> list[tuple[str, int, datetime]]:
        with _speaking(self.settings.url):
            _, lines = self.box.client.uid("FETCH", ",".join(uids), "(RFC822.SIZE INTERNALDATE)")
        found = []
        for line in lines:
            uid, size = _UID.search(line or b""), _SIZE.search(line or b"")
            if uid and size:
                found.append((uid[1].decode(), int(size[1]), _instant(line)))
        return found

    def _fetch(self, uid: str) -> bytes | None:
        """The mail's bytes; None when it is no longer there. It is not marked as read."""
        with _speaking(self.settings.url):
            _, answer = self.box.client.uid("FETCH", uid, "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), None)

    def _delivery(self, uid: str, size: int, submitted_at: datetime) -> Delivery | None:
        if size > limits()["channels"]["max_fetched_bytes"]:
            # The server's own names of the mail, for there are no bytes to name it by.
            key = f"{self.settings.name} {uid} {size} {submitted_at.isoformat()}"
            refusal = Refusal("mail_too_large", f"{size / 1048576:.0f} MB")
            return Delivery(uid, "", "", submitted_at, refusals=(refusal,), fallback_source=key)
        data = self._fetch(uid)
        return self._read(uid, data, submitted_at) if data is not None else None

    def _read(self, uid: str, data: bytes, submitted_at: datetime) -> Delivery | None:
        sender = scope = ""
        try:
            mail = parse_mail(data)
            sender = sender_of(mail)
            if self.contacts.is_doubtful("mailbox", sender):
                self.left.append(f"mail {uid} (its sender stands in a line of contacts.csv that is wrong)")
                return None
            scope = self.contacts.scope_of("mailbox", sender, submitted_at)
            if not scope:
                raise UnusableMailError("sender_unknown")
            if self.settings.authserv_id and not is_proven(mail, sender, self.settings.authserv_id):
                scope = ""
                raise UnusableMailError("sender_unproven")
            found = attachments_of(mail)
        except UnusableMailError as error:
            return Delivery(uid, sender, scope, submitted_at, refusals=(error.refusal,), message=data)
        except Exception as error:  # one mail's trouble must not stop the others; it is kept, and named to its sender
            places = "".join(traceback.format_tb(error.__traceback__))
            log.error("mail %s could not be read by our own code:\n%s%s", uid, places, type(error).__name__)
            refusal = Refusal("mail_unreadable", type(error).__name__)
            return Delivery(uid, sender, scope, submitted_at, refusals=(refusal,), message=data)
        return Delivery(uid, sender, scope, submitted_at, found.files, found.refusals, data)

    def acknowledge(self, handled: Sequence[Handled]) -> None:
        """Move the mails to the folder of the handled, or of the refused."""
        with _speaking(self.settings.url):
            for folder, is_refused in ((self.settings.processed_folder, False), (self.settings.rejected_folder, True)):
                uids = [one.key for one in handled if (not one.receipts) == is_refused]
                self.box.move(uids, folder, chunks=_CHUNK)


@dataclass(frozen=True)
class MailboxChannel:
    """A mailbox on an IMAP server."""

    settings: MailboxSettings
    contacts: Contacts
    kind: str = "mailbox"

    @property
    def name(self) -> str:
        """Name of the channel."""
        return self.settings.name

    @contextmanager
    def open(self, now: datetime) -> Iterator[MailboxSession]:
        """Log in, see that both folders for what is done are there, and log out at the end."""
        with _speaking(self.settings.url):
            box = self._connect()
        try:
            with _speaking(self.settings.url):
                for folder in (self.settings.processed_folder, self.settings.rejected_folder):
                    if not box.folder.exists(folder):
                        box.folder.create(folder)
            yield MailboxSession(box, self.settings, self.contacts, now)
        finally:
            with _leaving():
                box.logout()

    def _connect(self) -> BaseMailBox:
        parts = urlsplit(self.settings.url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        context = ssl.create_default_context(cafile=self.settings.ca_file)
        box: BaseMailBox
        if parts.scheme == "imaps":
            box = MailBox(host, port, TIMEOUT_SECONDS, ssl_context=context)
        else:
            box = MailBoxStartTls(host, port, TIMEOUT_SECONDS, ssl_context=context)
        box.login(unquote(parts.username or ""), self.settings.password, initial_folder=None)
        # What a server can do it says in full only after the login; moving mails in one step is among it.
        box.client.capabilities = tuple(str(box.client.capability()[1][0], "ascii").upper().split())
        if "ID" in box.client.capabilities:
            # Some providers refuse a client that does not say who it is (RFC 2971).
            box.client.xatom("ID", '("name" "jiedao")')
        box.folder.set(unquote(parts.path.strip("/")) or "INBOX")
        return box


@contextmanager
def _leaving() -> Iterator[None]:
    """A server that is gone need not be taken leave of."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        return
