"""``jiedao shell`` as somebody uses it: at a terminal, key by key."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.shell import is_complete
from ingest.home import Home
from tests.support.published import publish_small

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x07")


class Terminal:
    """The shell behind a pseudo-terminal."""

    def __init__(self, home: Home) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "JIEDAO_HOME": str(home.root), "TERM": "xterm", "COLUMNS": "200"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "shell"],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment, start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(theirs)
        self._seen = ""

    def expect(self, text: str) -> str:
        """What is shown up to ``text``, which must come."""
        ends_at = time.monotonic() + PATIENCE
        while text not in self._seen:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, ends_at - time.monotonic()))
            assert ready, f"{text!r} did not come: {self._seen!r}"
            self._seen += CONTROL.sub("", os.read(self._ours, 65536).decode("utf-8", "replace"))
        before, _, self._seen = self._seen.partition(text)
        return before + text

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home").prepare()
    publish_small(home)
    return home


@pytest.fixture
def terminal(home: Home) -> Iterator[Terminal]:
    terminal = Terminal(home)
    terminal.expect("jiedao> ")
    yield terminal
    terminal.close()


def test_a_session_at_a_terminal(terminal: Terminal, home: Home) -> None:
    # several lines until the semicolon, and columns under their headers
    terminal.type("select '街道' as name, ';' as sign,\n")
    terminal.expect("   ...> ")
    terminal.type("42 as number;\n")
    shown = terminal.expect("(1 rows)").splitlines()
    assert [line.split() for line in shown[-3:-1]] == [["name", "sign", "number"], ["街道", ";", "42"]]
    # the Chinese name is four cells wide: what follows stands under its header all the same
    assert shown[-3].index("sign") == shown[-2].index(";") + 2
    terminal.expect("jiedao> ")

    # tables and columns are completed
    terminal.type("select count(*) from marts.mart_stage_s\t where stage_c\t = 'S1';\n")
    assert "marts.mart_stage_score" in terminal.expect("(1 rows)")
    terminal.expect("jiedao> ")

    # commands
    terminal.type(".tables claim\n")
    assert "marts.mart_claim" in terminal.expect("jiedao> ")
    terminal.type(".schema marts.mart_claim\n")
    assert "街道代码" in terminal.expect("jiedao> ")
    terminal.type(".what\n")
    assert "is no command here" in terminal.expect("jiedao> ")

    # a mistake, a statement that is stopped, a file outside: the shell goes on
    terminal.type("select * from claim;\n")
    assert "did you mean marts.mart_claim?" in terminal.expect("jiedao> ")
    terminal.type("select count(*) from range(1000000000000) t(a) where hash(a) % 7 = 1;\n")
    terminal.expect("asking")
    terminal.type("\x03")
    assert "stopped" in terminal.expect("jiedao> ")
    terminal.type("copy (select 1) to 'stolen.csv';\n")
    assert "disabled by configuration" in terminal.expect("jiedao> ")
    # the key is sent once the line is read: readline misses a signal that comes while it begins
    terminal.type("select 'half")
    terminal.expect("select 'half")
    terminal.type("\x03")
    terminal.expect("jiedao> ")

    # another build is seen from the next statement on
    terminal.type("select build_id from meta.build;\n")
    assert "20260101T000000000000" in terminal.expect("(1 rows)")
    publish_small(home, "20260202T000000000000")
    terminal.type("select build_id from meta.build;\n")
    shown = terminal.expect("(1 rows)")
    assert "build 20260202T000000000000 is published now" in shown
    assert "20260101T000000000000" not in shown

    terminal.type(".exit\n")
    assert terminal.process.wait(timeout=PATIENCE) == 0
    history = home.root / "shell_history"
    assert "select build_id from meta.build;" in history.read_text(encoding="utf-8")
    assert history.stat().st_mode & 0o777 == 0o600


def piped(home: Home, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "shell"],
        input=text, capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "JIEDAO_HOME": str(home.root)},
    )  # fmt: skip


def test_statements_may_come_through_a_pipe_and_the_exit_code_tells_of_a_mistake(home: Home) -> None:
    done = piped(home, "select 1 as a; select 2 as b;\n.build\nselect 3 as c")
    assert done.returncode == 0
    assert [word for word in done.stdout.split() if word in "123"] == ["1", "2", "3"]
    assert "20260101T000000000000" in done.stdout
    assert "jiedao>" not in done.stdout
    failed = piped(home, "selec;\nselect 4 as d;\n")
    assert failed.returncode == 2
    assert "4" in failed.stdout.split()
    assert not (home.root / "shell_history").exists()


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("select 1;", True),
        ("select 1; -- done", True),
        ("select ';'", False),
        ("select 'it''s;", False),
        ('select ";" from t', False),
        ("select 1 /* ; */", False),
        ("select 1 /* ; ", False),
        ("select $$ ; $$", False),
        ("select $$ ; $$;", True),
        ("-- only a comment;", False),
    ],
)
def test_a_statement_ends_with_a_semicolon_outside_of_texts_and_comments(text: str, complete: bool) -> None:
    assert is_complete(text) is complete
