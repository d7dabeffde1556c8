"""Folders on a server: SFTP and object storage (S3), one folder or prefix per unit, spoken to through fsspec.

Whoever may write into a unit's folder speaks for the unit; that is what accounts and policies of the server are for. A
file that was taken moves to ``done/`` beside it, with its receipt; one that is far too large moves to ``rejected/``. An
SFTP server must show a host key that is known: an unknown one is never accepted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import fsspec
from fsspec.implementations.sftp import SFTPFileSystem

from ingest.channels.arrivals import ChannelError, Delivery, File, Handled, Refusal, is_unfinished
from ingest.channels.folder import scope_of_folder
from ingest.channels.replies import receipt_text
from ingest.contacts import Contacts
from ingest.settings import limits

DONE, REJECTED = "done", "rejected"
TIMEOUT_SECONDS = 30
#: Names under which file systems state when a file was last changed.
_CHANGED_AT = ("mtime", "LastModified", "created")


class _StrictSFTP(SFTPFileSystem):  # type: ignore[misc]
    """SFTP with a server whose host key is known, and with nobody else's keys."""

    cachable = False

    def _connect(self) -> None:
        import paramiko

        known_hosts = self.ssh_kwargs.pop("known_hosts", None)
        self.client = paramiko.SSHClient()
        if known_hosts:
            self.client.load_host_keys(known_hosts)
        else:
            self.client.load_system_host_keys()
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.client.connect(
            self.host, timeout=TIMEOUT_SECONDS, banner_timeout=TIMEOUT_SECONDS, auth_timeout=TIMEOUT_SECONDS,
            allow_agent=False, look_for_keys=False, **self.ssh_kwargs,
        )  # fmt: skip
        self.ftp = self.client.open_sftp()
        self.ftp.get_channel().settimeout(TIMEOUT_SECONDS)

    def ls(self, path: str, detail: bool = False) -> list[Any]:
        try:
            found: list[Any] = super().ls(path, detail)
        except UnicodeDecodeError as error:
            raise PermissionError("a name in it is not in UTF-8") from error
        return found


def _troubles() -> tuple[type[Exception], ...]:
    """What goes wrong with a server, as its libraries raise it."""
    import paramiko
    from botocore.exceptions import BotoCoreError, ClientError

    return OSError, paramiko.SSHException, BotoCoreError, ClientError


@contextmanager
def _speaking(url: str) -> Iterator[None]:
    try:
        yield
    except _troubles() as error:
        hint = "" if "not found in known_hosts" not in str(error) else " (its key belongs into known_hosts)"
        raise ChannelError(f"{url}: {type(error).__name__}: {error}{hint}") from error


@dataclass(frozen=True)
class RemoteSettings:
    """Where the folders are: ``url`` as ``sftp://user@host:port/folder`` or ``s3://bucket/prefix``.

    ``options`` go to the file system: password, key_filename, passphrase, known_hosts (sftp); key, secret,
    endpoint_url (s3). A file is taken when it has not changed for ``quiet_seconds``; objects of S3 never grow.
    """

    name: str
    url: str
    options: Mapping[str, Any]
    quiet_seconds: float = 5.0


def _changed_at(info: Mapping[str, Any]) -> datetime:
    """When a file was last changed, UTC without a zone."""
    stated = next(info[name] for name in _CHANGED_AT if name in info)
    moment = datetime.fromtimestamp(stated, UTC) if isinstance(stated, int | float) else stated
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


@dataclass
class RemoteSession:
    """The folders while they are being emptied."""

    files: Any
    root: str
    settings: RemoteSettings
    kind: str
    contacts: Contacts
    now: datetime
    left: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)

    def deliveries(self) -> Iterator[Delivery]:
        """Finished files in units' folders, in the order of their paths."""
        found = self._listing()
        if found and self.settings.quiet_seconds and self.kind != "s3":
            time.sleep(self.settings.quiet_seconds)
            earlier, found = found, self._listing()
        else:
            earlier = found
        self.left += [f"{folder} (cannot be read: {reason})" for folder, reason in self.unreadable.items()]
        for path, state in sorted(found.items()):
            unit_code, *below = PurePosixPath(path).relative_to(self.root).parts
            shown = "/".join((unit_code, *below))
            if not below:
                self.left.append(f"{shown} (in no unit’s folder)")
            elif self.contacts.is_doubtful(self.kind, unit_code):
                self.left.append(f"{shown} (its folder stands in a line of contacts.csv that is wrong)")
            elif earlier.get(path) != state:
                self.left.append(f"{shown} (still being written)")
            else:
                delivery = self._delivery(path, unit_code, *state)
                if delivery:
                    yield delivery
                else:
                    self.left.append(f"{shown} (still being written)")

    def _listing(self) -> dict[str, tuple[int, datetime]]:
        """Size and time of change of every file that is not done with."""
        with _speaking(self.settings.url):
            self.files.invalidate_cache()
            # An empty prefix of an object store does not exist; its bucket must.
            must_exist = self.root.partition("/")[0] if self.kind == "s3" else self.root
            if not self.files.exists(must_exist):
                raise ChannelError(f"{self.settings.url}: there is no such folder or bucket")
            found = self.files.find(self.root, detail=True).items() if self.kind == "s3" else self._walk(self.root)
            return {
                path: (int(info["size"]), _changed_at(info))
                for path, info in found
                if info["type"] == "file" and not path.endswith("/") and self._is_waiting(path)
            }

    def _is_waiting(self, path: str) -> bool:
        *folders, name = PurePosixPath(path).relative_to(self.root).parts
        return not {DONE, REJECTED} & set(folders) and not is_unfinished(name)

    def _walk(self, folder: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Everything below a folder; fsspec's own walk passes over folders that it cannot read in silence."""
        try:
            entries = self.files.ls(folder, detail=True)
        except PermissionError as error:
            if folder == self.root:
                raise
            self.unreadable[folder] = str(error)
            return
        for info in entries:
            if info["type"] == "link":
                self.unreadable[info["name"]] = "a link, which is not followed"
            elif info["type"] != "directory":
                yield info["name"], info
            elif PurePosixPath(info["name"]).name not in (DONE, REJECTED):
                yield from self._walk(info["name"])

    def _delivery(self, path: str, unit_code: str, size: int, changed_at: datetime) -> Delivery | None:
        submitted_at = min(changed_at, self.now)
        scope = scope_of_folder(self.contacts, self.kind, unit_code, submitted_at)
        if size > limits()["channels"]["max_fetched_bytes"]:
            refusal = Refusal("file_too_large", f"{size / 1048576:.0f} MB")
            key = f"{self.settings.name} {path} {size} {changed_at.isoformat()}"
            return Delivery(path, unit_code, scope, submitted_at, refusals=(refusal,), fallback_source=key)
        with _speaking(self.settings.url):
            try:
                data: bytes = self.files.cat_file(path)
                after = self.files.info(path)
            except FileNotFoundError:
                return None
        if (int(after["size"]), _changed_at(after)) != (len(data), changed_at):
            return None
        return Delivery(path, unit_code, scope, submitted_at, (File(PurePosixPath(path).name, data),))

    def acknowledge(self, handled: Sequence[Handled]) -> None:
        """Move the files, each under a name with its hash, and put the receipt beside them."""
        with _speaking(self.settings.url):
            for one in handled:
                path = PurePosixPath(one.key)
                target = path.parent / (DONE if one.receipts else REJECTED) / f"{one.source[:12]}-{path.name}"
                if self.kind != "s3":
                    self.files.makedirs(str(target.parent), exist_ok=True)
                if one.receipts:
                    text = "\n".join(receipt_text(receipt) for receipt in one.receipts)
                    self.files.pipe_file(f"{target}.回执.txt", text.encode())
                self._move(one.key, str(target))

    def _move(self, path: str, target: str) -> None:
        # fsspec's general mv takes brackets in a name for a pattern.
        with suppress(FileNotFoundError):
            if self.kind == "sftp":
                self.files.mv(path, target)
            else:
                self.files.cp_file(path, target)
                self.files.rm_file(path)


@dataclass(frozen=True)
class RemoteChannel:
    """Folders of units on a server."""

    settings: RemoteSettings
    contacts: Contacts

    @property
    def name(self) -> str:
        """Name of the channel."""
        return self.settings.name

    @property
    def kind(self) -> str:
        """The protocol: sftp, s3."""
        return urlsplit(self.settings.url).scheme

    @contextmanager
    def open(self, now: datetime) -> Iterator[RemoteSession]:
        """Connect; the connection ends with the session."""
        with _speaking(self.settings.url):
            files = self._connect()
        parts = urlsplit(self.settings.url)
        root = f"{parts.netloc}{parts.path}" if self.kind == "s3" else unquote(parts.path)
        try:
            yield RemoteSession(files, root.rstrip("/") or "/", self.settings, self.kind, self.contacts, now)
        finally:
            if self.kind == "sftp":
                files.client.close()

    def _connect(self) -> Any:
        parts = urlsplit(self.settings.url)
        if self.kind == "sftp":
            where = {"port": parts.port or 22, "username": unquote(parts.username or "") or None}
            return _StrictSFTP(parts.hostname, **where, **self.settings.options)
        return fsspec.filesystem(self.kind, skip_instance_cache=True, **self.settings.options)
