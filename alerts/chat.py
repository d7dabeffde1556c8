"""Messages to chat groups, through Apprise: shorter than mails, and without what is meant for the contacts alone."""

from __future__ import annotations

from email.message import EmailMessage

import apprise

from alerts.outbox import SIGNED_PATH, text_of
from alerts.render import chat_cut
from ingest.settings import limits


class ChatGroups:
    """Chat groups by their addresses. Each is kept open for a run, so that it is spoken to no faster than it allows."""

    def __init__(self) -> None:
        """No group has been spoken to yet."""
        self._groups: dict[str, apprise.Apprise] = {}

    def send(self, mail: EmailMessage, url: str) -> None:
        """Send what ``mail`` says to the group at ``url``; raises OSError when it does not take it."""
        group = self._groups.setdefault(url, apprise.Apprise())
        if len(group) == 0 and not group.add(url):
            raise OSError("no address of a chat group")
        title = str(mail["Subject"])
        if not group.notify(title=title, body=chat_text(title, text_of(mail))):
            raise OSError("a chat group did not take the message")


def chat_text(title: str, text: str) -> str:
    """What of ``text`` goes to a group: whole lines, as many as groups take, and a word where some are left out.

    A signed address is good for whoever has it: it goes to the contacts of the unit alone.
    """
    lines = [line for line in text.splitlines() if SIGNED_PATH not in line]
    room = limits()["messages"]["chat_bytes"] - len(title.encode())
    if len("\n".join(lines).encode()) <= room:
        return "\n".join(lines)
    cut = chat_cut()
    room -= len(cut.encode())
    while lines and len("\n".join([*lines, ""]).encode()) > room:
        lines.pop()
    return "\n".join([*lines, cut])
