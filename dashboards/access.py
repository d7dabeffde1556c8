"""Roles, users and rules of rows in Superset, by the portal's grants, over its REST interface; may run at any time.

One role per unit with a grant. Rules hang on these roles, never on users: a rule per role lets its rows through, and
one for everybody lets nothing through, so that a user whose roles say nothing sees nothing. Whoever has no grant any
more is shut out.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import httpx

from dashboards.account import password_of
from dashboards.assets import DATABASE, column_names, load, shown_datasets
from dashboards.grants import UNIT_ROLES, country, grants, own_rows, sums
from dashboards.rest import RefusedError, Superset
from dashboards.roles import ACCOUNT, ADMIN, ANALYST, VIEWER, permissions
from ingest.home import Home
from portal.scopes import Grant

_SCOPE = "范围:"
_NOTHING = "无授权不可见"
#: Rules of one group are joined by OR.
_GROUP = "scope"
_ROLES, _USERS, _RULES = "/api/v1/security/roles/", "/api/v1/security/users/", "/api/v1/rowlevelsecurity/"
_DATASOURCE = re.compile(r"\[.+\]\.\[(.+)\]\(id:(\d+)\)")


@dataclass(frozen=True)
class Told:
    """What one run has set."""

    users: int
    scopes: int
    shut_out: int


class MissingAssetError(Exception):
    """Superset does not have what the dashboards need; the message names it."""


def set_access(superset: Superset, wanted: list[Grant]) -> Told:
    """Make Superset's roles, rules and users those of ``wanted``; raises RefusedError, MissingAssetError."""
    datasets = {one["table_name"]: int(one["id"]) for one in superset.all("/api/v1/dataset/")}
    missing = [one["table_name"] for one in load("datasets") if one["table_name"] not in datasets]
    if missing:
        raise MissingAssetError(f"Superset has no {', '.join(missing)}: see the log of the import")
    roles = {one["name"]: int(one["id"]) for one in superset.all(_ROLES)}
    units = sorted({grant.unit_code for grant in wanted if grant.role in UNIT_ROLES and grant.unit_code != country()})
    for name in [VIEWER, ANALYST, *(f"{_SCOPE}{unit}" for unit in units)]:
        if name not in roles:
            roles[name] = int(superset.ask("POST", _ROLES, json={"name": name})["id"])
    _set_rules(superset, datasets, roles, units)
    _set_permissions(superset, roles)
    shut_out = _set_users(superset, roles, wanted)
    for name in [name for name in roles if name.startswith(_SCOPE) and name.removeprefix(_SCOPE) not in units]:
        superset.ask("DELETE", f"{_ROLES}{roles[name]}")
    return Told(len({grant.user_name for grant in wanted}), len(units), shut_out)


def _set_rules(superset: Superset, datasets: dict[str, int], roles: dict[str, int], units: list[str]) -> None:
    wanted: dict[str, dict[str, Any]] = {
        _NOTHING: {
            "filter_type": "Base",
            "tables": sorted(datasets.values()),
            "roles": [roles[ADMIN], roles[ANALYST]],
            "clause": "1 = 0",
        }
    }
    shown = shown_datasets()
    columns = {one["table_name"]: column_names(one) for one in load("datasets") if one["table_name"] in shown}
    kinds = {"行": ("unit_code", own_rows), "汇总": ("scope_code", sums)}
    for unit in units:
        for kind, (column, clause) in kinds.items():
            wanted[f"{_SCOPE}{unit} {kind}"] = {
                "filter_type": "Regular",
                "tables": sorted(datasets[name] for name in columns if column in columns[name]),
                "roles": [roles[f"{_SCOPE}{unit}"]],
                "clause": clause(unit, column),
            }
    there = {one["name"]: int(one["id"]) for one in superset.all(_RULES)}
    for name, rule in wanted.items():
        body = {**rule, "name": name, "group_key": _GROUP}
        if name in there:
            superset.ask("PUT", f"{_RULES}{there[name]}", json=body)
        else:
            superset.ask("POST", _RULES, json=body)
    for name in there.keys() - wanted.keys():
        superset.ask("DELETE", f"{_RULES}{there[name]}")


def _set_permissions(superset: Superset, roles: dict[str, int]) -> None:
    known = {
        (one["permission"]["name"], one["view_menu"]["name"]): int(one["id"])
        for one in superset.all("/api/v1/security/permissions-resources/")
    }
    shown = shown_datasets()
    wanted = {role: {known[one] for one in listed if one in known} for role, listed in permissions().items()}
    unknown = [one for listed in permissions().values() for one in listed if one not in known]
    if unknown:
        raise MissingAssetError(f"Superset knows no permission {unknown}: compare roles.yml")
    for (what, thing), number in known.items():
        if what == "datasource_access" and (found := _DATASOURCE.fullmatch(thing)) and found[1] in shown:
            wanted[VIEWER].add(number)
        if what == "database_access" and thing.startswith(f"[{DATABASE}]."):
            wanted[ANALYST].add(number)
    for role, numbers in wanted.items():
        body = {"permission_view_menu_ids": sorted(numbers)}
        superset.ask("POST", f"{_ROLES}{roles[role]}/permissions", json=body)


def _roles_of(listed: list[Grant]) -> set[str]:
    """Names of the roles of one user. An analyst of a part of the country reads the dashboards of that part."""
    kinds = {grant.role for grant in listed}
    if "operator" in kinds:
        return {ADMIN}
    if any(grant.role == "analyst" and grant.unit_code == country() for grant in listed):
        return {ANALYST, "Gamma", "sql_lab"}
    units = {grant.unit_code for grant in listed if grant.role in UNIT_ROLES and grant.unit_code != country()}
    return {VIEWER, *(f"{_SCOPE}{unit}" for unit in units)} if units else set()


def _set_users(superset: Superset, roles: dict[str, int], wanted: list[Grant]) -> int:
    """Make, change and shut out users; returns how many were shut out now."""
    by_user: dict[str, list[Grant]] = defaultdict(list)
    for grant in wanted:
        by_user[grant.user_name].append(grant)
    by_user.pop(ACCOUNT, None)
    there = {one["username"]: one for one in superset.all(_USERS)}
    for name, listed in by_user.items():
        numbers = sorted(roles[role] for role in _roles_of(listed))
        if name in there:
            body = {"active": bool(numbers), "roles": numbers or [roles["Public"]]}
            superset.ask("PUT", f"{_USERS}{there[name]['id']}", json=body)
        elif numbers:
            person = {"username": name, "first_name": name, "last_name": "-", "email": f"{name}@localhost"}
            # Nobody signs in with this password: the portal's counts.
            body = {**person, "active": True, "roles": numbers, "password": secrets.token_urlsafe(32)}
            superset.ask("POST", _USERS, json=body)
    gone = [one for name, one in there.items() if name not in by_user and name != ACCOUNT and one["active"]]
    for one in gone:
        superset.ask("PUT", f"{_USERS}{one['id']}", json={"active": False, "roles": [roles["Public"]]})
    return len(gone)


def _wait(address: str, server: int, seconds: float = 120) -> None:
    """Until Superset answers; raises TimeoutError, and ProcessLookupError when its process is gone."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        os.kill(server, 0)
        try:
            if httpx.get(f"{address}/health", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise TimeoutError(f"no answer at {address} within {seconds:g} seconds")


def main() -> int:
    """Set the access in the Superset of this home; 1 when that fails, with the reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wait", type=int, metavar="PID", help="wait until the server of that process answers")
    wait = parser.parse_args().wait
    home = Home.from_environment()
    address = f"http://127.0.0.1:{os.environ['JIEDAO_SUPERSET_PORT']}"
    try:
        if wait:
            _wait(address, wait)
        with Superset(address, password_of(home)) as superset:
            told = set_access(superset, grants(home))
    except (RefusedError, MissingAssetError, httpx.TransportError, OSError, ValueError) as error:
        print(f"the access was not set: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"==> access: {told.users} users, {told.scopes} units, {told.shut_out} shut out")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
