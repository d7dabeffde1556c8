"""What the private servers of the tests share: a folder and a port of their own, an unprivileged user, a clean end."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

START_SECONDS = 30
STOP_SECONDS = 10


def program(name: str, package: str) -> str:
    """Path of a server's program; fails the test when it is not installed, for it must not go untested in silence."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"]))
    if found is None:
        pytest.fail(f"no {name} here: apt-get install {package}")
    return found


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def account(name: str) -> pwd.struct_passwd:
    """The account that a server runs as: ``name`` when the tests run as root, else their own."""
    return pwd.getpwnam(name) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


@contextmanager
def server_folder(owner: pwd.struct_passwd) -> Iterator[Path]:
    """A folder that the server's user may enter; pytest's own are closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix="jiedao-server-"))
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give(path: Path, owner: pwd.struct_passwd) -> Path:
    """Let the server's user have a file or folder with all that is in it."""
    for one in (path, *path.rglob("*")):
        os.chown(one, owner.pw_uid, owner.pw_gid)
    return path


@contextmanager
def running(
    command: list[str],
    log: Path,
    is_up: Callable[[], bool],
    owner: pwd.struct_passwd | None = None,
    seconds: float = START_SECONDS,
) -> Iterator[None]:
    """A server in a session of its own, from the moment it answers to the end of the test."""
    identity: dict[str, Any] = {}
    if owner is not None and os.geteuid() == 0:
        identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, start_new_session=True, **identity)
    try:
        deadline = time.monotonic() + seconds
        while not is_up():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command[0]} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(port: int, greeting: bytes) -> Callable[[], bool]:
    """Whether a server on loopback greets with these bytes."""

    def ask() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                return connection.recv(len(greeting)) == greeting
        except OSError:
            return False

    return ask
