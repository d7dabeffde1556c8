"""Who may see what: the portal's table of grants, and the rows that follow from each by the reporting tree."""

from __future__ import annotations

import re
from functools import cache

from ingest.home import Home
from portal.scopes import Grant, Scopes
from portal.settings import load_settings, load_yaml
from portal.users import Users

#: Roles that read the dashboards of a unit and those below it. An analyst of a part of the country is one, too.
UNIT_ROLES = frozenset({"province", "city", "district", "street", "analyst"})
_UNIT_CODE = re.compile(r"\d{2,12}")
_BELOW = """select unit_code from core.bridge_unit_ancestor where tree = 'reporting' and ancestor_code = '{unit}'"""
_BEFORE = """select predecessor_code from core.bridge_unit_predecessor
where kind <> 'split' and is_street_predecessor and unit_code in ({below})"""
_ABOVE = """select ancestor_code from core.bridge_unit_ancestor where tree = 'reporting' and unit_code = '{unit}'"""


@cache
def country() -> str:
    """What stands for the whole country in place of a unit."""
    return str(load_yaml("documents/documents.yml")["country_code"])


def grants(home: Home) -> list[Grant]:
    """What the portal grants to users that may sign in."""
    users = {user.name for user in Users(home.users, load_settings()).all() if user.is_active}
    return [grant for grant in Scopes(home.users).all() if grant.user_name in users]


def own_rows(unit_code: str, column: str) -> str:
    """SQL: rows of the unit, of what reports to it, and of the streets that these carry on."""
    if not _UNIT_CODE.fullmatch(unit_code):
        raise ValueError(f"{unit_code!r} is no unit code")
    below = _BELOW.format(unit=unit_code)
    return f"{column} in ({below}) or {column} in ({_BEFORE.format(below=below)})"


def sums(unit_code: str, column: str) -> str:
    """SQL: sums over the unit, over what is below it, and over the units above it."""
    return f"{own_rows(unit_code, column)} or {column} in ({_ABOVE.format(unit=unit_code)})"
