"""A channel in Airflow: its connection gives the address and the secret, and a failure ends the task."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from ingest.home import Home
from ingest.ledger import Ledger


def test_a_channel_takes_address_and_password_from_its_connection(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowException
    from wiring import empty_channel

    home = Home(tmp_path_factory.mktemp("home")).prepare()
    monkeypatch.setenv("JIEDAO_HOME", str(home.root))
    connection = {"conn_type": "imap", "host": "127.0.0.1", "port": 2, "login": "you", "password": "very-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_JIEDAO_MAIL", json.dumps(connection))
    entry = "{name: mail, url: 'imaps://me@127.0.0.1:1/INBOX', sender_proof: none, connection: jiedao_mail}"
    (home.programme / "channels.yml").write_text(f"channels:\n  - {entry}\n")
    (home.programme / "contacts.csv").write_text(
        "channel,sender,unit_code,has_subtree,role,valid_from,valid_to,alert_email\n"
    )
    now = datetime(2026, 1, 1).isoformat()
    with pytest.raises(AirflowException, match=r"imaps://you@127\.0\.0\.1:2/INBOX: ConnectionRefusedError") as caught:
        empty_channel("mail", {"now": now, "known_at": now})
    ledger = Ledger(home.ledger_url)
    [event] = ledger.collections()
    ledger.close()
    assert event["state"] == "failed"
    assert "very-secret" not in str(event) + str(caught.value)


def test_what_a_channel_brought_is_counted(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wiring import empty_channel

    home = Home(tmp_path_factory.mktemp("home")).prepare()
    monkeypatch.setenv("JIEDAO_HOME", str(home.root))
    (home.inbox / "440103001").mkdir()
    (home.inbox / "440103001" / "a.xlsx").write_bytes(b"content")
    now = datetime(2026, 1, 1).isoformat()
    assert empty_channel("inbox", {"now": now, "known_at": now}) == 1
