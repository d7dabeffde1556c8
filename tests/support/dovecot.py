"""A private IMAP server for a test: Debian's Dovecot under an unprivileged user, TLS only, one mailbox."""

from __future__ import annotations

import grp
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imap_tools import BaseMailBox, MailBox

from tests.support.certificate import write_certificate
from tests.support.servers import account, answers, free_port, give, program, running, server_folder

USER = "reports"
PASSWORD = "only-in-this-test"  # noqa: S105 - of a server that lives as long as the test

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
mail_location = maildir:{folder}/mail
mail_fsync = never
passdb {{
  driver = static
  args = user={name} password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """Where the server listens, and the certificate to trust."""

    port: int
    starttls_port: int
    certificate: Path

    @property
    def url(self) -> str:
        """The mailbox as ``channels.yml`` names it."""
        return f"imaps://{USER}@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def box(self, folder: str = "INBOX") -> Iterator[BaseMailBox]:
        """The mailbox as its owner's mail program sees it."""
        context = ssl.create_default_context(cafile=self.certificate)
        with MailBox("127.0.0.1", self.port, ssl_context=context).login(USER, PASSWORD, folder) as box:
            yield box

    def deliver(self, *mails: bytes, arrived_at: datetime | None = None) -> None:
        """Let mails arrive; ``arrived_at`` with its zone, default now."""
        with self.box() as box:
            for mail in mails:
                box.append(mail, "INBOX", dt=arrived_at)

    def count(self, folder: str = "INBOX") -> int:
        """Number of mails in a folder; 0 when there is no such folder."""
        with self.box() as box:
            return box.folder.status(folder)["MESSAGES"] if box.folder.exists(folder) else 0


@contextmanager
def private_dovecot() -> Iterator[Dovecot]:
    """Start a fresh server and stop it again."""
    dovecot = program("dovecot", "dovecot-imapd")
    owner = account("nobody")
    with server_folder(owner) as folder:
        certificate, key = write_certificate(folder)
        server = Dovecot(free_port(), free_port(), certificate)
        config = folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                user=owner.pw_name,
                group=grp.getgrgid(owner.pw_gid).gr_name,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                certificate=certificate,
                key=key,
                name=USER,
                password=PASSWORD,
                port=server.port,
                starttls_port=server.starttls_port,
            )
        )
        for name in ("run", "state", "mail", "home"):
            (folder / name).mkdir()
        give(folder, owner)
        command = [dovecot, "-F", "-c", str(config)]
        with running(command, folder / "start.log", answers(server.starttls_port, b"* OK"), owner):
            yield server
