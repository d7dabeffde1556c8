"""Who may see what: the portal's table of grants, and the rows that follow from each by the reporting tree."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass

from ingest.home import Home

#: Roles of a unit and those below it, which read dashboards; analyst and operator stand beside them.
UNIT_ROLES = frozenset({"province", "city", "district", "street"})
_UNIT_CODE = re.compile(r"\d{2,12}")
_BELOW = """select unit_code from core.bridge_unit_ancestor where tree = 'reporting' and ancestor_code = '{unit}'"""
_BEFORE = """select predecessor_code from core.bridge_unit_predecessor
where kind <> 'split' and is_street_predecessor and unit_code in ({below})"""
_ABOVE = """select ancestor_code from core.bridge_unit_ancestor where tree = 'reporting' and unit_code = '{unit}'"""


@dataclass(frozen=True)
class Grant:
    """A user has a role in a unit; of the whole country the unit is empty."""

    user: str
    role: str
    unit_code: str


def grants(home: Home) -> list[Grant]:
    """The portal's grants of users that are let in; none while it has no such table."""
    if not home.users.exists():
        return []
    with closing(sqlite3.connect(f"file:{home.users}?mode=ro", uri=True)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'user_scope'").fetchone():
            return []
        rows = connection.execute(
            "select user_scope.user, role, coalesce(unit_code, '') from user_scope"
            " inner join user on user.name = user_scope.user where user.is_active order by 1, 2, 3"
        ).fetchall()
    return [Grant(*row) for row in rows]


def own_rows(unit_code: str, column: str) -> str:
    """SQL: rows of the unit, of what reports to it, and of the streets that these carry on."""
    if not _UNIT_CODE.fullmatch(unit_code):
        raise ValueError(f"{unit_code!r} is no unit code")
    below = _BELOW.format(unit=unit_code)
    return f"{column} in ({below}) or {column} in ({_BEFORE.format(below=below)})"


def sums(unit_code: str, column: str) -> str:
    """SQL: sums over the unit, over what is below it, and over the units above it."""
    return f"{own_rows(unit_code, column)} or {column} in ({_ABOVE.format(unit=unit_code)})"
