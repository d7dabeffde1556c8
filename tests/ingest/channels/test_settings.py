"""channels.yml: what it may say, that it holds no secret, and where secrets come from instead."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingest.channels.arrivals import ChannelError
from ingest.channels.mailbox import MailboxChannel
from ingest.channels.remote import RemoteChannel
from ingest.channels.settings import ChannelSettingsError, Connection, load_channel_settings, open_channel
from ingest.home import Home
from ingest.ledger import Ledger
from tests.ingest.channels.conftest import write_contacts
from tests.support.workbooks import REGISTERS
from warehouse.night import collect_channels

UNIT = "440103001"
NOW = datetime(2027, 1, 1)
MAIL = "{name: mail, url: 'imaps://x@127.0.0.1:1/INBOX', sender_proof: none}"


def write(home: Home, *entries: str) -> None:
    lines = ["channels:", *(f"  - {entry}" for entry in entries)]
    (home.programme / "channels.yml").write_text("\n".join(lines), encoding="utf-8")


def test_without_the_file_there_is_the_inbox_alone(home: Home) -> None:
    assert [(one.name, one.scheme) for one in load_channel_settings(home)] == [("inbox", "folder")]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{name: mail}", "needs a name and a url"),
        ("{name: Mail box, url: 'folder:'}", "no name of a channel"),
        ("{name: a, url: 'ftp://x/y'}", "'ftp' is no way in"),
        ("{name: a, url: 'sftp://user:secret@x/y'}", "the url holds a password"),
        ("{name: a, url: 'sftp://user@x/y', password: secret}", "unknown password"),
        ("{name: a, url: 'imaps://user@x/INBOX'}", "sender_proof must be one of"),
        ("{name: a, url: 'imaps://user@x/INBOX', sender_proof: authentication_results}", "authserv_id is missing"),
        ("{name: inbox, url: 'folder:'}\n  - {name: inbox, url: 'folder:'}", "the same name"),
        ("[", "no YAML"),
    ],
)
def test_a_wrong_entry_is_named_and_no_secret_is_repeated(home: Home, entry: str, told: str) -> None:
    write(home, entry)
    with pytest.raises(ChannelSettingsError, match=told) as caught:
        load_channel_settings(home)
    assert "secret" not in str(caught.value)


def test_secrets_come_from_the_environment_and_a_connection_goes_before_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, MAIL, "{name: upload, url: 'sftp://me@old.example.org/srv', known_hosts: /k, connection: c}")
    write_contacts(home)
    monkeypatch.setenv("JIEDAO_CHANNEL_MAIL_PASSWORD", "from-environment")
    mail, upload = load_channel_settings(home)
    channel = open_channel(home, mail, REGISTERS)
    assert isinstance(channel, MailboxChannel) and channel.settings.password == "from-environment"  # noqa: S105
    connection = Connection("new.example.org", 2222, "you", "from-connection", {"key_filename": "/key"})
    remote = open_channel(home, upload, REGISTERS, connection)
    assert isinstance(remote, RemoteChannel)
    assert remote.settings.url == "sftp://you@new.example.org:2222/srv"
    assert remote.settings.options == {"known_hosts": "/k", "password": "from-connection", "key_filename": "/key"}


def test_a_mailbox_without_password_or_registry_says_what_is_missing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, MAIL)
    [mail] = load_channel_settings(home)
    with pytest.raises(ChannelError, match="JIEDAO_CHANNEL_MAIL_PASSWORD"):
        open_channel(home, mail, REGISTERS)
    monkeypatch.setenv("JIEDAO_CHANNEL_MAIL_PASSWORD", "x")
    with pytest.raises(ChannelError, match=r"contacts\.csv is missing"):
        open_channel(home, mail, REGISTERS)


def put(home: Home) -> Path:
    (home.inbox / UNIT).mkdir(parents=True)
    path = home.inbox / UNIT / "a.xlsx"
    path.write_bytes(b"content")
    return path


def test_a_channel_that_is_broken_is_recorded_and_does_not_stop_the_others(
    home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, MAIL, "{name: inbox, url: 'folder:'}")
    write_contacts(home)
    monkeypatch.setenv("JIEDAO_CHANNEL_MAIL_PASSWORD", "very-secret")
    put(home)
    mail, inbox = collect_channels(home, NOW)
    assert mail.failure is not None and "ConnectionRefusedError" in mail.failure
    assert len(inbox.received) == 1
    assert {(one["channel_name"], one["state"]) for one in ledger.collections()} == {
        ("mail", "failed"),
        ("inbox", "done"),
    }
    assert "very-secret" not in str(ledger.collections())


def test_a_wrong_file_of_channels_is_recorded_and_leaves_everything_where_it_is(home: Home, ledger: Ledger) -> None:
    write(home, "{name: inbox}")
    path = put(home)
    [failed] = collect_channels(home, NOW)
    assert failed.failure is not None
    assert [one["channel_name"] for one in ledger.collections()] == ["channels.yml"]
    assert path.exists()
