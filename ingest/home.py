"""The one place where state lives: every path under ``JIEDAO_HOME``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.signing import new_private_pem

HOME_VARIABLE = "JIEDAO_HOME"
LEDGER_VARIABLE = "JIEDAO_LEDGER_URL"
PSEUDONYM_KEY_VARIABLE = "JIEDAO_PSEUDONYM_KEY"
RECEIPT_KEY_VARIABLE = "JIEDAO_RECEIPT_KEY"
SESSION_KEY_VARIABLE = "JIEDAO_SESSION_KEY"
LINK_KEY_VARIABLE = "JIEDAO_LINK_KEY"


class EmptyKeyError(Exception):
    """The file of a key is there and holds nothing."""


def write_once(path: Path, content: bytes) -> None:
    """Write a file for its owner only (mode 0600), unless it is there: of two that begin at once, one is kept whole."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    Path(draft).unlink()


@dataclass(frozen=True)
class Home:
    """Paths of one installation's state. Nothing is created until :meth:`prepare`."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """The home named by ``JIEDAO_HOME``, else ``./data``."""
        return cls(Path(os.environ.get(HOME_VARIABLE) or "data").resolve())

    @property
    def inbox(self) -> Path:
        """Folder channel: one folder per unit code."""
        return self.root / "inbox"

    @property
    def raw(self) -> Path:
        """Content-addressed store of every file ever received."""
        return self.root / "raw"

    @property
    def lake(self) -> Path:
        """Typed rows as Parquet, by table, period and batch."""
        return self.root / "lake"

    @property
    def builds(self) -> Path:
        """One folder per nightly build."""
        return self.root / "builds"

    @property
    def published(self) -> Path:
        """The warehouse that analysts read."""
        return self.root / "published" / "warehouse.duckdb"

    @property
    def published_manifest(self) -> Path:
        """What the published warehouse was made of."""
        return self.root / "published" / "manifest.json"

    @property
    def programme(self) -> Path:
        """Who takes part: ``enrolment.csv``."""
        return self.root / "programme"

    @property
    def marked(self) -> Path:
        """Marked workbooks of decided submissions, by submission: can be made again."""
        return self.root / "marked"

    @property
    def gx(self) -> Path:
        """Great Expectations' results and Data Docs."""
        return self.root / "gx"

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy URL of the ledger: ``JIEDAO_LEDGER_URL``, else SQLite in the home."""
        return os.environ.get(LEDGER_VARIABLE) or f"sqlite:///{self.root / 'ledger.db'}"

    def prepare(self) -> Home:
        """Create the folders that every command relies on; only the owner may enter them."""
        for folder in (self.inbox, self.raw, self.lake, self.builds, self.published.parent, self.programme):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    def has_sample_key(self) -> bool:
        """Whether the pseudonyms of this home come from the key of a sample, which is no secret."""
        path = self.root / "secret" / "pseudonym.key"
        return path.exists() and path.read_bytes().startswith(b"sample:")

    def pseudonym_key(self) -> bytes:
        """Key of the person pseudonyms: from the environment, else a file made on first use (mode 0600)."""
        return self._secret(
            PSEUDONYM_KEY_VARIABLE,
            "pseudonym.key",
            lambda: os.urandom(32).hex().encode(),
            "put the key back from the backup, or every person gets a new pseudonym",
        )

    def receipt_key(self) -> bytes:
        """Private key of the receipts, PEM: from the environment, else a file made on first use (mode 0600)."""
        return self._secret(
            RECEIPT_KEY_VARIABLE,
            "receipt_ed25519.pem",
            new_private_pem,
            "put the key back from the backup, or delete the file for a new key",
        )

    def session_key(self) -> bytes:
        """Key that signs the portal's cookies: from the environment, else a file made on first use (mode 0600)."""
        return self._secret(
            SESSION_KEY_VARIABLE,
            "session.key",
            lambda: os.urandom(32).hex().encode(),
            "delete the file for a new key; everybody must sign in again then",
        )

    def link_key(self) -> bytes:
        """Key that signs addresses in mails: from the environment, else a file made on first use (mode 0600)."""
        return self._secret(
            LINK_KEY_VARIABLE,
            "link.key",
            lambda: os.urandom(32).hex().encode(),
            "delete the file for a new key; addresses in earlier mails end then",
        )

    @property
    def users(self) -> Path:
        """Who may sign in to the portal."""
        return self.root / "secret" / "users.db"

    @property
    def receipt_keys(self) -> Path:
        """Public keys of all receipts ever signed here, by key id: to be published."""
        return self.root / "receipt_keys"

    def _secret(self, variable: str, name: str, make: Callable[[], bytes], remedy: str) -> bytes:
        """The secret of an environment variable, else of a file that ``make`` fills on first use.

        Raises EmptyKeyError on a file that holds nothing.
        """
        given = os.environ.get(variable)
        if given:
            return given.encode()
        path = self.root / "secret" / name
        if not path.exists():  # making a key costs more than a look
            write_once(path, make())
        key = path.read_bytes().strip()
        if not key:
            raise EmptyKeyError(f"{path} is empty: {remedy}")
        return key
