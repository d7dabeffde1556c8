"""Send what lies in the outbox: by mail to the contacts of a unit, and to chat groups that hear of it.

Of the messages of a unit only the latest waits to be sent: it tells all that is still true of those before it. Each
address and each group is a recipient of its own, which the ledger knows as reached as soon as it has the message; what
one of them does not take is recorded as ``failed`` and tried again in the next run, for it alone. A recipient gets one
message about a unit a day. Where a run is cut off between sending and recording, the message goes out again to that
one recipient, under the same Message-ID.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import logging
import smtplib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from alerts.chat import ChatGroups
from alerts.mailer import Mailer, reason_of
from alerts.outbox import GROUP_SIZE, WRITTEN, outbox_path
from alerts.settings import AlertSettings
from ingest.contacts import Contacts
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.settings import limits
from warehouse.instants import to_local, to_utc
from warehouse.night import open_ledger

log = logging.getLogger(__name__)

SENT, FAILED = "sent", "failed"


@dataclass(frozen=True)
class Delivered:
    """What one run sent: messages sent, failed, and without anybody to send them to."""

    sent: int
    failed: int
    unaddressed: int

    def told(self) -> str:
        """The result as a part of a line for the operator."""
        return f"{self.sent} sent, {self.failed} failed, {self.unaddressed} stay in the outbox (nobody to send them to)"


@dataclass(frozen=True)
class Recipient:
    """An address or a chat group that hears of a unit. ``key`` is what the ledger calls it: it does not say which."""

    key: str
    send: Callable[[EmailMessage], None]


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


def _waiting(events: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The latest message of each unit where it has not been sent and is not too old."""
    earliest_on = to_local(now).date() - timedelta(days=limits()["messages"]["send_within_days"])
    latest: dict[str, dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event["as_of_on"]):
        if event["state"] == WRITTEN:
            latest[event["unit_code"]] = event
    sent = {event["message_id"] for event in events if event["state"] == SENT}
    return [event for event in latest.values() if event["message_id"] not in sent and event["as_of_on"] >= earliest_on]


class Dispatch:
    """Brings messages to the contacts of their units and to the chat groups that hear of these."""

    def __init__(self, home: Home, ledger: Ledger, settings: AlertSettings, contacts: Contacts, now: datetime) -> None:
        """Contacts are those of ``now`` (UTC)."""
        self._home, self._ledger, self._settings, self._contacts, self._now = home, ledger, settings, contacts, now
        self._mailer = Mailer.of(settings)
        self._groups = ChatGroups()
        self._secret = home.link_key()
        days = limits()["messages"]["send_within_days"]
        reached = ledger.reached(now - timedelta(days=days + 1))
        self._reached = {(row["message_id"], row["recipient_key"]) for row in reached}
        today = to_utc(datetime.combine(to_local(now).date(), time()))
        self._reached_today = {row["recipient_key"] for row in reached if row["recorded_at"] >= today}

    def close(self) -> None:
        """Leave the mail server."""
        if self._mailer:
            self._mailer.close()

    def _recipient(self, unit_code: str, where: str, send: Callable[[EmailMessage, str], None]) -> Recipient:
        key = hmac.new(self._secret, f"{unit_code}|{where}".encode(), hashlib.sha256).hexdigest()[:16]
        return Recipient(key, lambda mail: send(mail, where))

    def _recipients(self, unit_code: str) -> list[Recipient]:
        addresses = addresses_of(self._contacts, unit_code, self._now) if self._mailer else []
        urls = [webhook.url for webhook in self._settings.webhooks if webhook.hears_of(unit_code)]
        mails = [self._recipient(unit_code, address, self._mailer.send) for address in addresses if self._mailer]
        return mails + [self._recipient(unit_code, url, self._groups.send) for url in urls]

    def send(self, event: dict[str, Any]) -> str | None:
        """Bring one written message to those who do not have it; what became of it is recorded and returned.

        None: there is nobody to send it to. ``written``: it waits, for those who lack it had another one today.
        """
        recipients = self._recipients(event["unit_code"])
        if not recipients:
            return None
        lacking = [one for one in recipients if (event["message_id"], one.key) not in self._reached]
        due = [one for one in lacking if one.key not in self._reached_today]
        failures = [reason for reason in (self._bring(event, one) for one in due) if reason]
        if failures:
            return self._record(event, FAILED, ", ".join(dict.fromkeys(failures)))
        return WRITTEN if len(due) < len(lacking) else self._record(event, SENT)

    def _bring(self, event: dict[str, Any], recipient: Recipient) -> str | None:
        """Send to one recipient; why it failed, without an address."""
        data = outbox_path(self._home, event["unit_code"], event["as_of_on"]).read_bytes()
        try:
            recipient.send(message_from_bytes(data, _class=EmailMessage, policy=SMTP))
        except (OSError, smtplib.SMTPException) as error:
            log.warning("message to %s was not sent: %s", event["unit_code"], reason_of(error))
            return reason_of(error)
        row = {"message_id": event["message_id"], "recipient_key": recipient.key, "recorded_at": self._now}
        self._ledger.add_messages((), reached=[row])
        return None

    def _record(self, event: dict[str, Any], state: str, detail: str | None = None) -> str:
        self._ledger.add_messages([{**event, "state": state, "recorded_at": self._now, "detail": detail}])
        return state


def deliver(
    home: Home,
    settings: AlertSettings,
    contacts: Contacts,
    *,
    now: datetime,
    progress: Callable[[str], None] | None = None,
) -> Delivered:
    """Send every message that waits. ``now`` is UTC. Nothing is sent without server or webhook."""
    counts = Counter[str | None]()
    with open_ledger(home) as ledger, closing(Dispatch(home, ledger, settings, contacts, now)) as dispatch:
        for event in _waiting(ledger.messages(), now):
            outcome = dispatch.send(event)
            counts[outcome] += 1
            if progress and outcome == SENT and counts[SENT] % GROUP_SIZE == 0:
                progress(f"    {counts[SENT]} messages sent, {counts[FAILED]} failed")
    return Delivered(counts[SENT], counts[FAILED], counts[None])
