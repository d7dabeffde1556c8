"""The outbox: every message as a file that a mail program opens, before anything is sent.

``outbox/<unit_code>/<day>.eml`` holds the message without an address: who reads it is looked up when it is sent. The
same facts give the same bytes, so that a run that was cut off and starts again writes the same outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alerts.due import DueMessage, due_messages
from alerts.facts import MessageFacts, facts_of, instant_zh
from alerts.render import Link, Rendered, render
from alerts.settings import AlertSettings
from ingest.answers import marked_files
from ingest.home import Home, write_once
from ingest.ledger import Ledger
from ingest.links import link_ends_at, marked_token
from ingest.registers import Registers
from warehouse.ask import open_published
from warehouse.compared import compared_on
from warehouse.night import open_ledger

#: Messages recorded together: a transaction of the ledger costs more than a message.
GROUP_SIZE = 200
WRITTEN = "written"
XLSX_TYPE = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
#: Where the portal opens signed addresses.
SIGNED_PATH = "/m/"


def outbox_path(home: Home, unit_code: str, as_of_on: object) -> Path:
    """Where the message to a unit of a day lies."""
    return home.root / "outbox" / unit_code / f"{as_of_on}.eml"


def text_of(mail: EmailMessage) -> str:
    """The plain text of a message of ours."""
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)  # noqa: S101 - every message of ours has a plain text
    return str(body.get_content())


def compose(
    message: DueMessage, rendered: Rendered, attachments: Mapping[str, bytes], settings: AlertSettings, now: datetime
) -> EmailMessage:
    """The message as a mail without an address; ``attachments`` by file name. ``now`` is UTC."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = rendered.subject
    mail["From"] = settings.from_header
    mail["Date"] = format_datetime(now.replace(tzinfo=UTC))
    mail["Message-ID"] = f"<{message.message_id}@{settings.from_header.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered.text, cte="base64")
    mail.add_alternative(rendered.html, subtype="html", cte="base64")
    for name, data in attachments.items():
        mail.add_attachment(data, maintype=XLSX_TYPE[0], subtype=XLSX_TYPE[1], filename=name)
    parts = (part for part in mail.walk() if part.is_multipart())
    for number, part in enumerate(parts, start=1):
        part.set_boundary(f"={message.message_id}={number}=")
    return mail


def _links(home: Home, facts: MessageFacts, settings: AlertSettings, now: datetime) -> tuple[Link, ...]:
    """Where the portal has the marked workbooks and shows the unit, when there is a portal."""
    if settings.portal_url is None:
        return ()
    ends_at, key = link_ends_at(now), home.link_key()
    signed = f"{settings.portal_url}{SIGNED_PATH}"
    marked = (
        Link(
            f"{period.name_zh}标注后的报表（{instant_zh(ends_at)}前有效，请勿转发）",
            f"{signed}{marked_token(key, period.answer['submission_id'], ends_at)}",
        )
        for period in facts.periods
        if period.answer and period.problems
    )
    return (*marked, Link("查看明细和历次报送", f"{settings.portal_url}/u/{facts.message.unit_code}/reports"))


def write_messages(
    home: Home,
    settings: AlertSettings,
    registers: Registers,
    *,
    now: datetime,
    unit_code: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> int:
    """Write what the published warehouse says is to be told; returns the number of messages. ``now`` is UTC.

    Marked workbooks are attached where no portal offers them. Raises `warehouse.ask.NothingPublishedError`.
    """
    written = 0
    with open_published(home) as connection, open_ledger(home) as ledger, ThreadPoolExecutor(1) as pool:
        due = due_messages(connection, ledger, unit_code)

        def gather() -> tuple[list[MessageFacts], dict[str, Path]]:
            group = facts_of(connection, list(islice(due, GROUP_SIZE)))
            if settings.portal_url is not None:
                return group, {}
            submissions = [one for facts in group for one in facts.marked_submissions]
            later = compared_on(connection, submissions)
            return group, marked_files(home, ledger, submissions, registers=registers, later=later)

        # The next messages are gathered, and their workbooks marked in a process of their own, while these are written.
        ahead = pool.submit(gather)
        while (gathered := ahead.result())[0]:
            ahead = pool.submit(gather)
            _write_group(home, settings, ledger, *gathered, now)
            written += len(gathered[0])
            if progress:
                progress(f"    {written} messages written")
    return written


def _write_group(
    home: Home,
    settings: AlertSettings,
    ledger: Ledger,
    group: Sequence[MessageFacts],
    marked: Mapping[str, Path],
    now: datetime,
) -> None:
    """Write messages and then record them, all or none: what the ledger does not know is written anew."""
    for facts in group:
        _write_message(home, settings, facts, marked, now)
    told = [line for facts in group for line in _told(facts.message)]
    ledger.add_messages([_event(facts.message, now) for facts in group], told)


def _write_message(
    home: Home, settings: AlertSettings, facts: MessageFacts, marked: Mapping[str, Path], now: datetime
) -> None:
    message = facts.message
    attachments = {
        f"{message.unit_name}-{period.name_zh}-标注.xlsx": marked[period.answer["submission_id"]].read_bytes()
        for period in facts.periods
        if period.answer and period.answer["submission_id"] in marked
    }
    rendered = render(facts, _links(home, facts, settings, now), attached=bool(attachments))
    mail = compose(message, rendered, attachments, settings, now)
    path = outbox_path(home, message.unit_code, message.as_of_on)
    path.unlink(missing_ok=True)  # left by a run that was cut off before the ledger knew of the message
    write_once(path, mail.as_bytes())


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
