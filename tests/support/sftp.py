"""A private SFTP server for a test: OpenSSH with keys of its own on a free port of loopback."""

from __future__ import annotations

import getpass
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import account, answers, free_port, program, running, server_folder

_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/client_key.pub
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class SftpServer:
    """Where the server listens, what it serves, and the keys of both sides."""

    port: int
    folder: Path
    client_key: Path
    known_hosts: Path

    @property
    def url(self) -> str:
        """The folder as ``channels.yml`` names it."""
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{self.folder}"


def _make_key(path: Path) -> str:
    """Make a key pair; returns the public key."""
    keygen = program("ssh-keygen", "openssh-client")
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return path.with_suffix(".pub").read_text().strip()


@contextmanager
def private_sftp() -> Iterator[SftpServer]:
    """Start a fresh server and stop it again; who runs the tests is its only user."""
    sshd = program("sshd", "openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it locks up the part that faces the network
    with server_folder(account(getpass.getuser())) as folder:
        port = free_port()
        host_key, _ = _make_key(folder / "host_key"), _make_key(folder / "client_key")
        config = folder / "sshd_config"
        config.write_text(_CONFIG.format(port=port, folder=folder))
        known_hosts = folder / "known_hosts"
        known_hosts.write_text(f"[127.0.0.1]:{port} {host_key}\n")
        served = folder / "upload"
        served.mkdir()
        command = [sshd, "-D", "-e", "-f", str(config)]
        with running(command, folder / "sshd.log", answers(port, b"SSH-2.0")):
            yield SftpServer(port, served, folder / "client_key", known_hosts)
