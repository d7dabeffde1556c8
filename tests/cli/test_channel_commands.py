"""``jiedao collect`` and ``jiedao contact``: what they print, and the exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from ingest.home import Home

UNIT = "440103001"
Run = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path / "home"))
    home = Home(tmp_path / "home").prepare()
    (home.inbox / UNIT).mkdir()
    (home.inbox / UNIT / "报表.xlsx").write_bytes(b"content")
    return home


@pytest.fixture
def run(home: Home) -> Run:  # noqa: ARG001 - the home must be set first
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def with_broken_mailbox(home: Home) -> None:
    lines = ["channels:", "  - {name: inbox, url: 'folder:'}"]
    lines.append("  - {name: mail, url: 'imaps://x@127.0.0.1:1/INBOX', sender_proof: none}")
    (home.programme / "channels.yml").write_text("\n".join(lines))


def test_collect_prints_a_receipt_in_chinese_for_each_file(home: Home, run: Run) -> None:
    result = run("collect")
    assert result.exit_code == 0
    assert "已收到报表：报表.xlsx" in result.stdout and UNIT in result.stdout
    assert not any((home.inbox / UNIT).iterdir())


def test_collect_gives_the_receipt_as_json(run: Run) -> None:
    [inbox] = json.loads(run("collect", "--json").stdout)
    [receipt] = inbox["received"]
    assert (receipt["state"], receipt["channel_unit_code"], receipt["file"]["size"]) == ("received", UNIT, 7)


def test_a_channel_that_fails_is_told_with_exit_code_3_and_the_others_are_emptied(home: Home, run: Run) -> None:
    with_broken_mailbox(home)
    result = run("collect")
    assert result.exit_code == 3
    assert "已收到报表：报表.xlsx" in result.stdout
    assert "Channel mail could not be emptied" in result.stdout and "JIEDAO_CHANNEL_MAIL_PASSWORD" in result.stdout


def test_collect_empties_only_the_channel_that_is_named(home: Home, run: Run) -> None:
    with_broken_mailbox(home)
    assert run("collect", "--channel", "inbox").exit_code == 0
    unknown = run("collect", "--channel", "fax")
    assert unknown.exit_code == 2 and "known: inbox, mail" in unknown.stderr


def test_a_contact_is_added_listed_and_checked(home: Home, run: Run) -> None:
    arguments = ("--channel", "mailbox", "--sender", "office@example.org", "--unit", "440103", "--below")
    assert run("contact", "add", *arguments, "--role", "office", "--valid-from", "2026-01-01").exit_code == 0
    again = run("contact", "add", *arguments, "--valid-from", "2026-02-01")
    assert again.exit_code == 2 and "says so already" in again.stderr
    [line] = json.loads(run("contact", "list", "--unit", UNIT, "--json").stdout)
    assert (line["sender"], line["has_subtree"], line["valid_from"]) == ("office@example.org", True, "2026-01-01")
    assert run("contact", "list", "--unit", "440104", "--json").stdout.strip() == "[]"
    assert run("contact", "check").exit_code == 0
    with (home.programme / "contacts.csv").open("a") as stream:
        stream.write("mailbox,x@example.org,999999,false,clerk,2026-01-01,,\n")
    check = run("contact", "check")
    assert check.exit_code == 2 and "line 3: there is no unit 999999" in check.stdout
