"""``jiedao user``: users are made, changed and shown without a password on the command line or in a list."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from ingest.home import Home
from portal.settings import Settings
from portal.users import Users


def jiedao(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["user", *arguments], input=typed)


def test_users_are_made_changed_and_disabled(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path))
    temporary = jiedao("add", "clerk", "--generate").output.strip()
    users = Users(Home(tmp_path).users, settings)
    made = users.verify("clerk", temporary)
    assert made is not None
    assert made.is_temporary
    assert jiedao("password", "clerk", typed="typed from elsewhere\n").exit_code == 0
    changed = users.verify("clerk", "typed from elsewhere")
    assert changed is not None
    assert not changed.is_temporary
    assert changed.serial > made.serial
    assert jiedao("disable", "clerk").exit_code == 0
    assert users.verify("clerk", "typed from elsewhere") is None
    listed = jiedao("list", "--json").output
    assert '"name": "clerk"' in listed
    assert "argon2" not in listed
    for refused in (
        jiedao("add", "clerk", "--generate"),
        jiedao("disable", "x1"),
        jiedao("add", "c2", typed="short\n"),
    ):
        assert refused.exit_code == 2
