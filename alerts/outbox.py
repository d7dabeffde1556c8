"""The outbox: every message as a file that a mail program opens, before anything is sent.

``outbox/<unit_code>/<day>.eml`` holds the message without an address: who reads it is looked up when it is sent. The
same facts give the same bytes, so that a run that was cut off and starts again writes the same outbox.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alerts.due import DueMessage, due_messages
from alerts.facts import MessageFacts, facts_of
from alerts.render import Link, Rendered, render
from alerts.settings import AlertSettings
from ingest.home import Home
from warehouse.ask import open_published
from warehouse.night import open_ledger

#: Messages recorded together: a transaction of the ledger costs more than a message.
GROUP_SIZE = 200
WRITTEN = "written"
XLSX_TYPE = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
#: Sender of messages that no mail server has sent yet.
NOBODY = "noreply@jiedao.invalid"


@dataclass(frozen=True)
class Attachment:
    """A marked workbook: its file name and bytes."""

    file_name: str
    data: bytes


#: Gives the marked workbook of a submission, None when there is none.
Marker = Callable[[str], Attachment | None]


def outbox_path(home: Home, unit_code: str, as_of_on: object) -> Path:
    """Where the message to a unit of a day lies."""
    return home.root / "outbox" / unit_code / f"{as_of_on}.eml"


def compose(
    message: DueMessage, rendered: Rendered, attachments: Sequence[Attachment], sender: str, now: datetime
) -> EmailMessage:
    """The message as a mail without an address. ``now`` is UTC."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = rendered.subject
    mail["From"] = Address(addr_spec=sender)
    mail["Date"] = format_datetime(now.replace(tzinfo=UTC))
    mail["Message-ID"] = f"<{message.message_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered.text, cte="base64")
    mail.add_alternative(rendered.html, subtype="html", cte="base64")
    for attachment in attachments:
        maintype, subtype = XLSX_TYPE
        mail.add_attachment(attachment.data, maintype=maintype, subtype=subtype, filename=attachment.file_name)
    parts = (part for part in mail.walk() if part.is_multipart())
    for number, part in enumerate(parts, start=1):
        part.set_boundary(f"={message.message_id}={number}=")
    return mail


def _links(facts: MessageFacts, settings: AlertSettings) -> tuple[Link, ...]:
    """Where the portal shows the unit, when there is a portal."""
    if settings.portal_url is None:
        return ()
    return (Link("查看明细、下载标注后的报表", f"{settings.portal_url}/u/{facts.message.unit_code}"),)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def write_messages(
    home: Home,
    settings: AlertSettings,
    *,
    now: datetime,
    mark: Marker,
    unit_code: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> int:
    """Write what the published warehouse says is to be told; returns the number of messages. ``now`` is UTC.

    A workbook is attached where no portal offers it. Raises `warehouse.ask.NothingPublishedError`.
    """
    written = 0
    with open_published(home) as connection, open_ledger(home) as ledger:
        due = due_messages(connection, ledger, unit_code)
        while group := list(islice(due, GROUP_SIZE)):
            for message in group:
                facts = facts_of(connection, message)
                links = _links(facts, settings)
                marked = [] if links else [found for one in facts.marked_submissions if (found := mark(one))]
                rendered = render(facts, links, attached=bool(marked))
                mail = compose(message, rendered, marked, settings.sender or NOBODY, now)
                _write(outbox_path(home, message.unit_code, message.as_of_on), mail.as_bytes())
            ledger.add_messages([_event(one, now) for one in group], [line for one in group for line in _told(one)])
            written += len(group)
            if progress:
                progress(f"    {written} messages written")
    return written


def _event(message: DueMessage, now: datetime) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "state": WRITTEN,
        "recorded_at": now,
        "unit_code": message.unit_code,
        "as_of_on": message.as_of_on,
        "detail": None,
    }


def _told(message: DueMessage) -> list[dict[str, Any]]:
    return [
        {"unit_code": message.unit_code, "line_key": key, "message_id": message.message_id} for key in message.new_keys
    ]
