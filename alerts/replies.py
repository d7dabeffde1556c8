"""Answer the mails that brought reports: the *received* receipts, or why nothing was taken, as soon as they are there.

What is said is `ingest.channels.replies`; here it goes into the outbox and out, as messages do. Every mail is answered
once: until the ledger says ``sent`` it is tried again, under the same Message-ID. To whom it goes stands in the mail
itself and nowhere else.
"""

from __future__ import annotations

import logging
import smtplib
from collections import Counter, defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from alerts.delivery import FAILED, SENT, Delivered, sole_sender
from alerts.mailer import Mailer, reason_of
from alerts.outbox import WRITTEN
from alerts.settings import AlertSettings
from ingest.channels.replies import Reply, reply_to_mail
from ingest.home import Home, write_once
from ingest.ledger import Ledger
from ingest.registers import Registers
from ingest.settings import limits
from warehouse.night import open_ledger
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR

log = logging.getLogger(__name__)

#: States after which nothing more is done: nobody may be answered, or the server says that there is no such address.
SILENT, REFUSED = "silent", "refused"


def reply_path(home: Home, mail_sha256: str) -> Path:
    """Where the answer to a mail lies, without an address."""
    return home.root / "outbox" / "replies" / f"{mail_sha256[:24]}.eml"


def compose_reply(reply: Reply, mail_sha256: str, sender: Address, now: datetime) -> EmailMessage:
    """The answer as a mail without an address. ``now`` is UTC."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = reply.subject
    mail["From"] = sender
    mail["Date"] = format_datetime(now.replace(tzinfo=UTC))
    mail["Message-ID"] = f"<reply-{mail_sha256[:24]}@{sender.domain}>"
    for name, value in reply.headers.items():
        mail[name] = value
    mail.set_content(reply.text, cte="base64")
    return mail


def _is_refused(error: Exception) -> bool:
    """Whether the server says for good that it does not take mail for this address."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code >= 500 for code, _ in error.recipients.values())


class _Answering:
    """One run over the mails that wait for an answer."""

    def __init__(self, home: Home, ledger: Ledger, settings: AlertSettings, now: datetime) -> None:
        self._home, self._ledger, self._settings, self._now = home, ledger, settings, now
        self._unit_names = Registers(REFERENCE_DIR, RULEBOOK_DIR).unit_names
        self._mailer = Mailer.of(settings)

    def close(self) -> None:
        """Leave the mail server."""
        if self._mailer:
            self._mailer.close()

    def answer(self, mail_sha256: str, states: set[str]) -> str | None:
        """Write the answer and send it; its new state, None when it waits for a mail server."""
        if self._mailer is None and WRITTEN in states:
            return None
        reply = reply_to_mail(self._home, self._ledger, mail_sha256, self._unit_names)
        if reply is None:
            return self._record(mail_sha256, SILENT)
        if WRITTEN not in states or not reply_path(self._home, mail_sha256).exists():
            self._write(reply, mail_sha256)
        return self._send(reply.to, mail_sha256) if self._mailer else None

    def _write(self, reply: Reply, mail_sha256: str) -> None:
        path = reply_path(self._home, mail_sha256)
        path.unlink(missing_ok=True)  # left by a run that was cut off before the ledger knew of the answer
        mail = compose_reply(reply, mail_sha256, self._settings.from_header, self._now)
        write_once(path, mail.as_bytes())
        self._record(mail_sha256, WRITTEN)

    def _send(self, address: str, mail_sha256: str) -> str:
        assert self._mailer is not None  # noqa: S101 - asked before
        data = reply_path(self._home, mail_sha256).read_bytes()
        mail = message_from_bytes(data, _class=EmailMessage, policy=SMTP)
        try:
            self._mailer.send(mail, address)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("the answer to mail %s was not sent: %s", mail_sha256[:24], reason_of(error))
            return self._record(mail_sha256, REFUSED if _is_refused(error) else FAILED, reason_of(error))
        return self._record(mail_sha256, SENT)

    def _record(self, mail_sha256: str, state: str, detail: str | None = None) -> str:
        event = {"mail_sha256": mail_sha256, "state": state, "recorded_at": self._now, "detail": detail}
        self._ledger.add_reply(event)
        return state


def send_replies(home: Home, *, now: datetime) -> Delivered:
    """Answer every mail of the last days that has had no answer. ``now`` is UTC. Raises AlertSettingsError.

    Without a mail server the answers stay in ``outbox/replies/``.
    """
    settings = AlertSettings.load(home.programme)
    since = now - timedelta(days=limits()["channels"]["reply_within_days"])
    counts = Counter[str | None]()
    with sole_sender(home), open_ledger(home) as ledger, closing(_Answering(home, ledger, settings, now)) as answering:
        states = defaultdict[str, set[str]](set)
        for event in ledger.replies():
            states[event["mail_sha256"]].add(event["state"])
        waiting = (mail for mail in ledger.mails(since) if not states[mail] & {SENT, SILENT, REFUSED})
        counts.update(answering.answer(mail, states[mail]) for mail in waiting)
    return Delivered(counts[SENT], counts[FAILED] + counts[REFUSED], counts[None])
