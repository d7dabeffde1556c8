"""``programme/channels.yml`` of the home: which channels there are. Without the file there is the inbox alone.

Secrets never stand in the file. They come from the environment, ``JIEDAO_CHANNEL_<NAME>_<SECRET>``, or from an Airflow
connection that the DAG hands over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import yaml

from ingest.channels.arrivals import Channel, ChannelError
from ingest.channels.folder import FolderChannel
from ingest.contacts import CONTACTS_FILE, Contacts, ContactsError, load_contacts
from ingest.home import Home
from ingest.registers import Registers

CHANNELS_FILE = "channels.yml"
#: Secrets that a channel may need, by the scheme of its URL: name in the environment -> option of the channel.
SECRETS = {
    "imaps": {"PASSWORD": "password"},
    "imap+starttls": {"PASSWORD": "password"},
    "sftp": {"PASSWORD": "password", "KEY_FILE": "key_filename", "KEY_PASSPHRASE": "passphrase"},
    "s3": {"ACCESS_KEY": "key", "SECRET_KEY": "secret"},
}
_COMMON = {"name", "url", "connection"}
_MAILBOX_KEYS = {"sender_proof", "authserv_id", "processed_folder", "rejected_folder", "ca_file"}
_KEYS = {
    "imaps": _COMMON | _MAILBOX_KEYS,
    "imap+starttls": _COMMON | _MAILBOX_KEYS,
    "sftp": _COMMON | {"known_hosts", "quiet_seconds"},
    "s3": _COMMON | {"endpoint_url"},
    "folder": {"name", "url"},
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PROOFS = ("authentication_results", "none")


class ChannelSettingsError(Exception):
    """``channels.yml`` cannot be understood; the message says what is wrong."""


@dataclass(frozen=True)
class ChannelSettings:
    """One channel of the file. ``options`` are its keys beside name, url and connection."""

    name: str
    url: str
    connection: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        """Scheme of the URL: folder, imaps, imap+starttls, sftp, s3."""
        return urlsplit(self.url).scheme


@dataclass(frozen=True)
class Connection:
    """What an Airflow connection says of a server; each part replaces that of the file, where it says something."""

    host: str | None = None
    port: int | None = None
    login: str | None = None
    password: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


_INBOX = ChannelSettings("inbox", "folder:")


def _parse(entry: Any) -> ChannelSettings:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not isinstance(entry.get("url"), str):
        raise ChannelSettingsError("every channel needs a name and a url")
    name, url = entry["name"], entry["url"]
    if not _NAME.fullmatch(name):
        raise ChannelSettingsError(f"{name!r} is no name of a channel: small letters, digits and _, at most 32")
    parts = urlsplit(url)
    if parts.scheme not in _KEYS:
        raise ChannelSettingsError(f"channel {name}: {parts.scheme!r} is no way in; known: {', '.join(_KEYS)}")
    if parts.password is not None:
        raise ChannelSettingsError(f"channel {name}: the url holds a password; it belongs into the environment")
    if unknown := sorted(set(entry) - _KEYS[parts.scheme]):
        known = ", ".join(sorted(_KEYS[parts.scheme]))
        raise ChannelSettingsError(f"channel {name}: unknown {', '.join(map(str, unknown))}; known: {known}")
    if parts.scheme in ("imaps", "imap+starttls"):
        _check_proof(name, entry)
    options = {key: value for key, value in entry.items() if key not in _COMMON}
    return ChannelSettings(name, url, entry.get("connection"), options)


def _check_proof(name: str, entry: Mapping[str, Any]) -> None:
    """How senders are proved must be said; believing the From header must be chosen in so many words."""
    if entry.get("sender_proof") not in _PROOFS:
        raise ChannelSettingsError(f"channel {name}: sender_proof must be one of {', '.join(_PROOFS)}")
    if entry["sender_proof"] == "authentication_results" and not entry.get("authserv_id"):
        raise ChannelSettingsError(f"channel {name}: authserv_id is missing: the name in the server's verdicts")


def load_channel_settings(home: Home) -> list[ChannelSettings]:
    """All channels of the home, in the order of the file; raises ChannelSettingsError."""
    path = home.programme / CHANNELS_FILE
    if not path.exists():
        return [_INBOX]
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ChannelSettingsError(f"{path.name} is no YAML in UTF-8: {error}") from error
    entries = content.get("channels") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ChannelSettingsError(f"{path.name} must hold a list `channels`")
    found = [_parse(entry) for entry in entries]
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise ChannelSettingsError(f"{path.name}: two channels have the same name")
    return found


def _secrets(settings: ChannelSettings, connection: Connection | None) -> dict[str, str]:
    """The channel's secrets: from the environment, and where a connection gives one, from there."""
    wanted = SECRETS[settings.scheme]
    variables = {option: f"JIEDAO_CHANNEL_{settings.name.upper()}_{secret}" for secret, option in wanted.items()}
    found = {option: os.environ[name] for option, name in variables.items() if os.environ.get(name)}
    if connection:
        given = dict(connection.extra)
        if settings.scheme == "s3":
            given |= {"key": connection.login, "secret": connection.password}
        else:
            given["password"] = connection.password
        found |= {option: str(given[option]) for option in wanted.values() if given.get(option)}
    return found


def _address(settings: ChannelSettings, connection: Connection | None) -> str:
    """The URL, with host, port and user of the connection."""
    parts = urlsplit(settings.url)
    if connection is None or settings.scheme == "s3":
        return settings.url
    user, host = connection.login or parts.username, connection.host or parts.hostname
    port = connection.port or parts.port
    netloc = f"{user + '@' if user else ''}{host}{f':{port}' if port else ''}"
    return SplitResult(parts.scheme, netloc, parts.path, "", "").geturl()


def _contacts(home: Home, registers: Registers, name: str, *, is_needed: bool) -> Contacts:
    path = home.programme / CONTACTS_FILE
    if not path.exists():
        if is_needed:
            raise ChannelError(f"{name}: programme/{CONTACTS_FILE} is missing, so no sender is known")
        return Contacts()
    try:
        return load_contacts(path, registers.unit_names)
    except ContactsError as error:
        raise ChannelError(f"{name}: {error}") from error


def open_channel(
    home: Home, settings: ChannelSettings, registers: Registers, connection: Connection | None = None
) -> Channel:
    """The channel that the settings describe, not yet connected; raises ChannelError when a part is missing.

    ``registers`` know the units; ``connection`` replaces what it says of address and secrets.
    """
    if settings.scheme == "folder":
        return FolderChannel(settings.name, home.inbox, _contacts(home, registers, settings.name, is_needed=False))
    # Clients of servers are imported only where there is a server.
    secrets = _secrets(settings, connection)
    url = _address(settings, connection)
    if settings.scheme in ("sftp", "s3"):
        from ingest.channels.remote import RemoteChannel, RemoteSettings

        options = {**settings.options, **secrets}
        quiet_seconds = float(options.pop("quiet_seconds", RemoteSettings.quiet_seconds))
        contacts = _contacts(home, registers, settings.name, is_needed=False)
        return RemoteChannel(RemoteSettings(settings.name, url, options, quiet_seconds), contacts)
    from ingest.channels.mailbox import MailboxChannel, MailboxSettings

    if "password" not in secrets:
        variable = f"JIEDAO_CHANNEL_{settings.name.upper()}_PASSWORD"
        raise ChannelError(f"{settings.name}: no password: set {variable}, or name a connection")
    known = {key: settings.options[key] for key in ("processed_folder", "rejected_folder") if key in settings.options}
    ca_file = settings.options.get("ca_file")
    mailbox = MailboxSettings(
        settings.name,
        url,
        secrets["password"],
        settings.options.get("authserv_id", "") if settings.options["sender_proof"] != "none" else "",
        ca_file=Path(ca_file) if ca_file else None,
        **known,
    )
    return MailboxChannel(mailbox, _contacts(home, registers, settings.name, is_needed=True))
