"""Who may sign in: a small database of the home, apart from the ledger. Passwords are kept as argon2id hashes only.

For which units a user may speak stands in the registry of contacts (`ingest.contacts`, channel ``page``). A session
names the ``serial`` of its user; a new one (sign-out, new password, disabled) ends all sessions.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from portal.settings import Settings

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_TABLES = """
create table if not exists user (
    name text primary key, password_hash text not null, is_active integer not null,
    is_temporary integer not null, serial integer not null, created_at text not null
) strict;
create table if not exists attempt (key text not null, at real not null) strict;
create index if not exists attempt_key on attempt (key, at);
"""
_HASHER = PasswordHasher()
#: Each verification takes 64 MB for some tens of milliseconds.
_VERIFYING = BoundedSemaphore(2)


class UserError(Exception):
    """A user cannot be made or changed as asked; the message says why."""


class PauseError(Exception):
    """Too many failed attempts: none is looked at for ``seconds``."""

    def __init__(self, seconds: int) -> None:
        """Name the pause that is left."""
        super().__init__(f"{seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class User:
    """Somebody who may sign in. ``is_temporary``: the password must be changed before anything else."""

    name: str
    is_active: bool
    is_temporary: bool
    serial: int
    created_at: str


def generated_password() -> str:
    """A password that can be read out: four groups of letters and digits without look-alikes, 99 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _key(kind: str, value: str) -> str:
    """What is counted, without keeping addresses, or passwords typed into the wrong field."""
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


class Users:
    """The users of one home; safe to use from several threads and processes."""

    def __init__(self, path: Path, settings: Settings) -> None:
        """Open, or make, the database at ``path`` (mode 0600)."""
        self._path = path
        self._settings = settings
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with self._connect() as connection:
            connection.executescript(_TABLES)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            connection.execute("pragma busy_timeout=30000")
            yield connection

    def add(self, name: str, password: str, *, is_temporary: bool, now: datetime) -> User:
        """Make a user; raises UserError on a name or password that is not allowed, or a name that is taken."""
        if not _NAME.fullmatch(name):
            raise UserError(f"{name!r} is no user name: 2 to 32 small letters, digits and . _ -")
        values = (name, self._hash(password), 1, int(is_temporary), 1, now.isoformat(timespec="seconds"))
        try:
            with self._connect() as connection:
                connection.execute("insert into user values (?, ?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            raise UserError(f"there is a user {name} already; `jiedao user password` gives a new password") from None
        return User(name, True, is_temporary, 1, values[5])

    def set_password(self, name: str, password: str, *, is_temporary: bool) -> None:
        """Give a user a new password, and let the user in again; ends all sessions. Raises UserError."""
        hashed = self._hash(password)
        self._change(
            name,
            "update user set password_hash = ?, is_temporary = ?, is_active = 1, serial = serial + 1 where name = ?",
            (hashed, int(is_temporary), name),
        )

    def disable(self, name: str) -> None:
        """Let a user in no more, at once. Raises UserError."""
        self._change(name, "update user set is_active = 0, serial = serial + 1 where name = ?", (name,))

    def end_sessions(self, name: str) -> None:
        """End all sessions of a user. Raises UserError."""
        self._change(name, "update user set serial = serial + 1 where name = ?", (name,))

    def _change(self, name: str, sql: str, values: tuple[object, ...]) -> None:
        with self._connect() as connection:
            if connection.execute(sql, values).rowcount == 0:
                raise UserError(f"there is no user {name}")

    def _hash(self, password: str) -> str:
        if len(password) < self._settings.password_min_chars:
            raise UserError(f"a password needs at least {self._settings.password_min_chars} characters")
        if len(password) > self._settings.password_max_chars:
            raise UserError(f"a password has at most {self._settings.password_max_chars} characters")
        return _HASHER.hash(password)

    def find(self, name: str) -> User | None:
        """The user of that name, disabled or not."""
        found = self._select("where name = ?", (name,))
        return found[0] if found else None

    def all(self) -> list[User]:
        """All users by name."""
        return self._select("order by name", ())

    def _select(self, rest: str, values: tuple[object, ...]) -> list[User]:
        sql = f"select name, is_active, is_temporary, serial, created_at from user {rest}"  # noqa: S608 - our own texts
        with self._connect() as connection:
            rows = connection.execute(sql, values).fetchall()
        return [User(row[0], bool(row[1]), bool(row[2]), row[3], row[4]) for row in rows]

    def verify(self, name: str, password: str) -> User | None:
        """The active user whose password this is, else None; takes as long for a name that does not exist."""
        with self._connect() as connection:
            row = connection.execute("select password_hash from user where name = ? and is_active", (name,)).fetchone()
        with _VERIFYING:
            try:
                _HASHER.verify(row[0] if row else _nobody(), password[: self._settings.password_max_chars])
            except (Argon2Error, InvalidHashError):
                return None
        return self.find(name) if row else None

    def sign_in(self, name: str, password: str, address: str, now: float) -> User | None:
        """`verify`, behind pauses that grow with the failures of the name and of the address (seconds ``now``).

        The attempt is written down before it is looked at, so that many at once count too. Raises PauseError.
        """
        limits = {
            _key("user", name): self._settings.attempts_per_user,
            _key("address", address): self._settings.attempts_per_address,
        }
        with self._connect() as connection:
            connection.execute("begin immediate")
            connection.execute("delete from attempt where at < ?", (now - 60 * self._settings.attempts_window_minutes,))
            pause = max(self._pause(connection, key, free, now) for key, free in limits.items())
            if pause <= 0:
                connection.executemany("insert into attempt values (?, ?)", [(key, now) for key in limits])
        if pause > 0:
            raise PauseError(int(pause) + 1)
        user = self.verify(name, password)
        if user is not None:
            with self._connect() as connection:
                # What the address owes for other names stays; only this very attempt is taken back.
                connection.execute("delete from attempt where key = ?", (_key("user", name),))
                connection.execute("delete from attempt where key = ? and at = ?", (_key("address", address), now))
        return user

    def _pause(self, connection: sqlite3.Connection, key: str, free: int, now: float) -> float:
        count, last = connection.execute("select count(*), max(at) from attempt where key = ?", (key,)).fetchone()
        if count < free:
            return 0.0
        longest = self._settings.longest_pause_seconds
        pause = min(longest, self._settings.first_pause_seconds * 2 ** min(count - free, 32))
        left: float = last + pause - now
        return left


@cache
def _nobody() -> str:
    """A hash that no password has."""
    return _HASHER.hash(secrets.token_hex(16))
