"""Names that the settings and the access script share, and the permissions of ``roles.yml``."""

from __future__ import annotations

from pathlib import Path

import yaml

#: The account that sets Superset up, and the first sign-in.
ACCOUNT = "operator"
#: Superset's own role that may do everything.
ADMIN = "Admin"
VIEWER, ANALYST = "仪表板读者", "分析员"
#: Who may write SQL; the rules of rows leave them alone.
EXPLORERS = frozenset({ADMIN, ANALYST})


def permissions() -> dict[str, list[tuple[str, str]]]:
    """Permissions (what, on what) by role, as ``roles.yml`` lists them."""
    listed = yaml.safe_load((Path(__file__).with_name("roles.yml")).read_text(encoding="utf-8"))
    return {
        role: [(what, thing) for thing, whats in things.items() for what in whats] for role, things in listed.items()
    }
