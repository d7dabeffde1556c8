"""A private PostgreSQL for a test: Debian's binaries, a folder of its own, a free loopback port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SUPERUSER = "postgres"
SUPERUSER_PASSWORD = "only-in-this-test"  # noqa: S105 - of a server that lives as long as the test
ALLOW_NONE = "JIEDAO_ALLOW_NO_POSTGRES"


@dataclass(frozen=True)
class Postgres:
    """Where the server listens, and the folder with its programs."""

    port: int
    bin_dir: Path

    @property
    def client_env(self) -> dict[str, str]:
        """Environment for ``psql`` as the superuser."""
        path = os.pathsep.join([str(self.bin_dir), os.environ["PATH"]])
        return {"PATH": path, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGPASSWORD": SUPERUSER_PASSWORD}


def binaries() -> Path:
    """Folder of the newest installed PostgreSQL server; fails the test when there is none.

    Only with JIEDAO_ALLOW_NO_POSTGRES set is the test skipped instead: what a server relies on must not go untested
    in silence.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if os.environ.get(ALLOW_NONE):
        pytest.skip(f"no PostgreSQL server here, and {ALLOW_NONE} is set")
    pytest.fail(f"no PostgreSQL server here: apt-get install postgresql (or set {ALLOW_NONE}=1 to skip its tests)")


@contextmanager
def private_postgres() -> Iterator[Postgres]:
    """Start a fresh server and stop it again; PostgreSQL refuses to run as root, so root runs it as user postgres."""
    bin_dir = binaries()
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="jiedao-postgres-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    data, password_file = folder / "data", folder / "password"
    password_file.write_text(SUPERUSER_PASSWORD)
    if user:
        account = pwd.getpwnam(user)
        for path in (folder, password_file):
            os.chown(path, account.pw_uid, account.pw_gid)

    def run(program: str, *arguments: str) -> None:
        log = folder / "server.log"
        done = subprocess.run(
            [str(bin_dir / program), *arguments],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode != 0:
            pytest.fail(f"{program}: {done.stderr}\n{log.read_text() if log.exists() else ''}")

    try:
        how = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync", "--no-instructions"]
        run("initdb", "-D", str(data), "-U", SUPERUSER, f"--pwfile={password_file}", *how)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(folder / "server.log"), "-o", options)
        try:
            yield Postgres(port, bin_dir)
        finally:
            run("pg_ctl", "stop", "-w", "-D", str(data), "-m", "immediate")
    finally:
        shutil.rmtree(folder)
