"""Sessions of Superset end as those of the portal do."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from flask import session
from flask_login import current_user, logout_user

from dashboards.roles import ACCOUNT
from dashboards.sign_in import SERIAL, users
from portal.settings import load_settings

_BEGUN = "jiedao_begun"


def end_old_sessions(app: Any) -> None:
    """Before each page: a session that is too old, or whose user signed out, changed or is disabled, is none."""
    longest = timedelta(minutes=load_settings().session_longest_minutes).total_seconds()

    @app.before_request  # type: ignore[untyped-decorator] # Flask is in an environment of its own
    def end_old_session() -> None:
        session.permanent = True
        if "_user_id" not in session:
            return
        begun = session.setdefault(_BEGUN, time.time())
        if not current_user.is_authenticated or time.time() - begun > longest or not _is_known(current_user.username):
            logout_user()
            session.clear()


def _is_known(name: str) -> bool:
    if name == ACCOUNT:
        return True
    known = users().find(name)
    return known is not None and known.is_active and session.get(SERIAL) == known.serial
