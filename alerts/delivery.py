"""Send what lies in the outbox: by mail to the contacts of a unit, and to chat groups that hear of it.

A message is sent until the ledger says ``sent``. Where a run is cut off between sending and recording, the message goes
out again under the same Message-ID. What cannot be sent is recorded as ``failed`` and tried again in the next run.
"""

from __future__ import annotations

import fcntl
import logging
import smtplib
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import apprise

from alerts.outbox import GROUP_SIZE, SIGNED_PATH, WRITTEN, outbox_path
from alerts.settings import AlertSettings, SmtpServer
from ingest.contacts import Contacts
from ingest.home import Home
from warehouse.night import open_ledger

log = logging.getLogger(__name__)

SENT, FAILED = "sent", "failed"
TIMEOUT_SECONDS = 30
#: A chat message is cut: groups take some 2,000 characters.
CHAT_CHARACTERS = 1500


@dataclass(frozen=True)
class Delivered:
    """What one run sent: messages sent, failed, and without anybody to send them to."""

    sent: int
    failed: int
    unaddressed: int

    def told(self) -> str:
        """The result as a part of a line for the operator."""
        return f"{self.sent} sent, {self.failed} failed, {self.unaddressed} stay in the outbox (nobody to send them to)"


def addresses_of(contacts: Contacts, unit_code: str, instant: datetime) -> list[str]:
    """Where messages about a unit go at ``instant`` (UTC), in the order of the registry, each once."""
    found = (contact.alert_email for contact in contacts.of_unit(unit_code, instant))
    return list(dict.fromkeys(address for address in found if address))


@contextmanager
def sole_sender(home: Home) -> Iterator[None]:
    """Wait until no other process of this machine sends: two that find the same message waiting would both send it."""
    folder = home.root / "outbox"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Mailer:
    """One connection to the mail server for many messages, opened at the first and anew after a failure."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        """Nothing is opened yet."""
        self._server, self._sender = server, sender
        self._client: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage, addresses: Sequence[str]) -> None:
        """Send ``mail``; raises OSError or smtplib.SMTPException, also when the server refuses one of ``addresses``."""
        mail["To"] = ", ".join(addresses)
        try:
            self._client = self._client or self._open()
            refused = self._client.send_message(mail, self._sender, list(addresses))
        except (OSError, smtplib.SMTPException):
            self.close()
            raise
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    def _open(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        if server.scheme == "smtp":
            client.starttls(context=context)
        if server.user:
            client.login(server.user, server.password or "")
        return client

    def close(self) -> None:
        """Leave the server, whatever state the connection is in."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, smtplib.SMTPException):
                client.quit()


def _text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)  # noqa: S101 - every message of ours has a plain text
    return str(body.get_content())


def _send_chat(urls: Sequence[str], mail: EmailMessage) -> None:
    group = apprise.Apprise()
    for url in urls:
        group.add(url)
    # A signed address is good for whoever has it: it goes to the contacts of the unit alone.
    text = "\n".join(line for line in _text_of(mail).splitlines() if SIGNED_PATH not in line)
    if not group.notify(title=str(mail["Subject"]), body=text[:CHAT_CHARACTERS]):
        raise OSError("a chat group did not take the message")


def _waiting(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    sent = {event["message_id"] for event in events if event["state"] == SENT}
    return [event for event in events if event["state"] == WRITTEN and event["message_id"] not in sent]


def reason_of(error: Exception) -> str:
    """Why sending failed, without an address: the server's code where there is one."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}"


class Dispatch:
    """Where a message goes: to the contacts of its unit and to the chat groups that hear of it."""

    def __init__(self, home: Home, settings: AlertSettings, contacts: Contacts, now: datetime) -> None:
        """Contacts are those of ``now`` (UTC)."""
        self._home, self._settings, self._contacts, self._now = home, settings, contacts, now
        self._mailer = Mailer(settings.smtp, settings.sender) if settings.smtp and settings.sender else None

    def close(self) -> None:
        """Leave the mail server."""
        if self._mailer:
            self._mailer.close()

    def send(self, event: dict[str, Any]) -> str | None:
        """Send one written message: ``sent``, or None when there is nobody to send it to. Raises as `Mailer.send`."""
        unit_code = event["unit_code"]
        addresses = addresses_of(self._contacts, unit_code, self._now) if self._mailer else []
        urls = [webhook.url for webhook in self._settings.webhooks if webhook.hears_of(unit_code)]
        if not addresses and not urls:
            return None
        data = outbox_path(self._home, unit_code, event["as_of_on"]).read_bytes()
        mail = message_from_bytes(data, _class=EmailMessage, policy=SMTP)
        if addresses and self._mailer:
            self._mailer.send(mail, addresses)
        if urls:
            _send_chat(urls, mail)
        return SENT


def deliver(
    home: Home,
    settings: AlertSettings,
    contacts: Contacts,
    *,
    now: datetime,
    progress: Callable[[str], None] | None = None,
) -> Delivered:
    """Send every written message that has not been sent. ``now`` is UTC. Nothing is sent without server or webhook."""
    counts = Counter[str | None]()
    with open_ledger(home) as ledger, closing(Dispatch(home, settings, contacts, now)) as dispatch:
        for event in _waiting(ledger.messages()):
            detail = None
            try:
                outcome = dispatch.send(event)
            except (OSError, smtplib.SMTPException) as error:
                outcome, detail = FAILED, reason_of(error)
                log.warning("message to %s was not sent: %s", event["unit_code"], detail)
            counts[outcome] += 1
            if outcome:
                ledger.add_messages([{**event, "state": outcome, "recorded_at": now, "detail": detail}])
            if progress and counts[SENT] and counts[SENT] % GROUP_SIZE == 0:
                progress(f"    {counts[SENT]} messages sent, {counts[FAILED]} failed")
    return Delivered(counts[SENT], counts[FAILED], counts[None])
