"""Who may look at which units: the table ``user_scope`` beside the users.

Events only: a role is granted for a unit and revoked again; what holds is the last word. A role reads its unit and all
that reports to it, by the reporting tree of the documents it reads, so that Shunde is the province's and not Foshan's.
Whom a user may speak for is another matter (`ingest.contacts`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from portal.settings import load_yaml

_TABLES = """
create table if not exists user_scope (
    event_id integer primary key, user_name text not null, role text not null, unit_code text not null,
    is_granted integer not null, recorded_at text not null, recorded_by text not null
) strict;
create trigger if not exists user_scope_no_update before update on user_scope
begin select raise(abort, 'user_scope is append-only'); end;
create trigger if not exists user_scope_no_delete before delete on user_scope
begin select raise(abort, 'user_scope is append-only'); end;
"""
_LATEST = """
select user_name, role, unit_code, recorded_at, recorded_by, is_granted from user_scope
where event_id in (select max(event_id) from user_scope group by user_name, role, unit_code)
order by user_name, unit_code, role
"""


class ScopeError(Exception):
    """A role cannot be granted or revoked as asked; the message says why."""


@dataclass(frozen=True)
class Grant:
    """A role that a user has for a unit."""

    user_name: str
    role: str
    unit_code: str
    granted_at: str
    granted_by: str


@cache
def roles() -> dict[str, dict[str, Any]]:
    """``roles.yml``."""
    return load_yaml("roles.yml")


class Scopes:
    """The grants of one home; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open, or make, the table in the database of users at ``path``."""
        self._path = path
        with self._connect() as connection:
            connection.executescript(_TABLES)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            yield connection

    def all(self, user_name: str | None = None) -> list[Grant]:
        """What holds now, of one user or of all."""
        with self._connect() as connection:
            rows = connection.execute(_LATEST).fetchall()
        return [Grant(*row[:5]) for row in rows if row[5] and user_name in (None, row[0])]

    def grant(self, user_name: str, role: str, unit_code: str, *, level: str, now: datetime, by: str) -> bool:
        """Give ``user_name`` a role for a unit of ``level``; whether it is new. Raises ScopeError."""
        levels = roles()[role]["levels"]
        if level not in levels:
            raise ScopeError(f"{unit_code} is of level {level}; the role {role} is for: {', '.join(levels)}")
        return self._note(user_name, role, unit_code, now, by, is_granted=True)

    def revoke(self, user_name: str, role: str, unit_code: str, *, now: datetime, by: str) -> None:
        """Take a role away, at once. Raises ScopeError when ``user_name`` does not have it."""
        if not self._note(user_name, role, unit_code, now, by, is_granted=False):
            raise ScopeError(f"{user_name} has no role {role} for {unit_code}")

    def _note(self, user_name: str, role: str, unit_code: str, now: datetime, by: str, *, is_granted: bool) -> bool:
        """Append an event unless it says what holds already; whether it was new."""
        with self._connect() as connection:
            connection.execute("begin immediate")
            before = connection.execute(
                "select is_granted from user_scope where user_name = ? and role = ? and unit_code = ? "
                "order by event_id desc limit 1",
                (user_name, role, unit_code),
            ).fetchone()
            if bool(before and before[0]) == is_granted:
                return False
            connection.execute(
                "insert into user_scope (user_name, role, unit_code, is_granted, recorded_at, recorded_by) "
                "values (?, ?, ?, ?, ?, ?)",
                (user_name, role, unit_code, int(is_granted), now.isoformat(timespec="seconds"), by),
            )
            return True
