"""The account that sets Superset up: its password is made once and lies in the home, which has the last word."""

from __future__ import annotations

from typing import Any

from dashboards.roles import ACCOUNT, ADMIN
from ingest.home import Home, write_once
from portal.users import generated_password


def password_of(home: Home) -> str:
    """The password, made on first use (mode 0600)."""
    path = home.root / "secret" / "superset_operator.password"
    write_once(path, generated_password().encode())
    return path.read_text(encoding="utf-8").strip()


def keep_account(manager: Any, password: str) -> Any:
    """Make the account in Superset's security manager, or set it right again; returns the user."""
    role = manager.find_role(ADMIN)
    user = manager.find_user(username=ACCOUNT)
    if user is None:
        return manager.add_user(ACCOUNT, "jiedao", ACCOUNT, f"{ACCOUNT}@localhost", role, password=password)
    user.active = True
    user.roles = [role]
    manager.update_user(user)
    manager.reset_password(user.id, password)
    return user
