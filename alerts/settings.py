"""How messages leave the outbox: from the environment, nothing of it secret in a file.

Without ``JIEDAO_SMTP_URL`` and without webhooks every message stays in ``outbox/``, which is the default.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

SMTP_VARIABLE = "JIEDAO_SMTP_URL"
SENDER_VARIABLE = "JIEDAO_MAIL_FROM"
PORTAL_VARIABLE = "JIEDAO_PORTAL_URL"
WEBHOOKS_FILE = "webhooks.csv"
WEBHOOK_COLUMNS = ("scope_code", "has_subtree", "url_variable")
#: Sender of messages that no mail server sends.
NOBODY = "noreply@jiedao.invalid"
#: Port by scheme where the URL names none: mail submission with STARTTLS, over TLS from the start, and without TLS.
SMTP_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class AlertSettingsError(Exception):
    """A setting of the messages cannot be used; the message names it."""


@dataclass(frozen=True)
class SmtpServer:
    """A mail server; ``scheme``: ``smtp`` (demands STARTTLS), ``smtps`` (TLS) or ``smtp+plain`` (own network only)."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None


@dataclass(frozen=True)
class Webhook:
    """A chat group that hears of the messages of one unit, or of it and all units below (by their codes)."""

    scope_code: str
    has_subtree: bool
    url: str

    def hears_of(self, unit_code: str) -> bool:
        """Whether messages to ``unit_code`` go to this group."""
        return unit_code.startswith(self.scope_code) if self.has_subtree else unit_code == self.scope_code


@dataclass(frozen=True)
class AlertSettings:
    """Mail server, who sends, webhooks and the address of the portal, each None or empty where nobody set it."""

    smtp: SmtpServer | None = None
    from_header: Address = field(default_factory=lambda: Address(addr_spec=NOBODY))
    portal_url: str | None = None
    webhooks: tuple[Webhook, ...] = ()

    @classmethod
    def load(cls, programme: Path, environment: Mapping[str, str] = os.environ) -> AlertSettings:
        """The settings of this environment; webhooks from ``programme/webhooks.csv``. Raises AlertSettingsError."""
        url, sender = environment.get(SMTP_VARIABLE), environment.get(SENDER_VARIABLE)
        if url and not sender:
            raise AlertSettingsError(f"{SMTP_VARIABLE} is set, {SENDER_VARIABLE} (the address that sends) is not")
        return cls(
            smtp=_smtp_server(url) if url else None,
            from_header=_address(sender) if sender else Address(addr_spec=NOBODY),
            portal_url=(environment.get(PORTAL_VARIABLE) or "").rstrip("/") or None,
            webhooks=_webhooks(programme / WEBHOOKS_FILE, environment),
        )


def _address(text: str) -> Address:
    """An address, with or without a name before it: ``荔湾区团委 <league@example.org>``."""
    name, address = parseaddr(text)
    try:
        found = Address(name, addr_spec=address)
    except (ValueError, HeaderParseError):
        found = Address()
    if not (found.username and found.domain and address.isascii()):
        raise AlertSettingsError(f"{SENDER_VARIABLE} must read league@example.org or 名称 <league@example.org>")
    return found


def _smtp_server(url: str) -> SmtpServer:
    parts = urlsplit(url)
    if parts.scheme not in SMTP_PORTS or not parts.hostname:
        raise AlertSettingsError(f"{SMTP_VARIABLE} must read {' or '.join(SMTP_PORTS)}://user:password@host:port")
    user, password = (None if text is None else unquote(text) for text in (parts.username, parts.password))
    return SmtpServer(parts.scheme, parts.hostname, parts.port or SMTP_PORTS[parts.scheme], user, password)


def _webhooks(path: Path, environment: Mapping[str, str]) -> tuple[Webhook, ...]:
    """Lines ``scope_code, has_subtree, url_variable``: the address is a secret and stands in that variable."""
    if not path.exists():
        return ()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    found = []
    for number, line in enumerate(lines, start=2):
        scope, flag, variable = (
            str(line.get(name) or "").strip() for name in ("scope_code", "has_subtree", "url_variable")
        )
        if not scope or flag not in ("true", "false") or not variable:
            raise AlertSettingsError(f"{path.name}, line {number}: scope_code, has_subtree (true, false), url_variable")
        if not environment.get(variable):
            raise AlertSettingsError(f"{path.name}, line {number}: the variable {variable} is not set")
        found.append(Webhook(scope, flag == "true", environment[variable]))
    return tuple(found)
