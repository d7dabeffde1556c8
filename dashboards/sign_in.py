"""Who may sign in to Superset, and what a reader of dashboards may ask it.

People sign in with the name and password of the portal, behind the same pauses (`portal.users`). Superset keeps no
password but that of the account which sets it up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import request, session
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import SupersetSecurityException
from superset.security import SupersetSecurityManager

from dashboards.roles import ACCOUNT, EXPLORERS
from ingest.home import Home
from portal.settings import load_settings
from portal.users import PauseError, Users

#: In the session: the portal's serial of the user at sign-in.
SERIAL = "jiedao_serial"


def users() -> Users:
    """The portal's users."""
    return Users(Home.from_environment().users, load_settings())


class HomeSecurityManager(SupersetSecurityManager):  # type: ignore[misc] # Superset is in an environment of its own
    """Superset's own rules, with the portal's passwords and without SQL from readers of dashboards."""

    def auth_user_db(self, username: str, password: str) -> Any:
        """The user of Superset whose name and password these are in the portal, else None."""
        if username == ACCOUNT:
            return super().auth_user_db(username, password)
        if not username or not password:
            return None
        try:
            known = users().sign_in(username, password, request.remote_addr or "", time.time())
        except PauseError:
            return None
        user = self.find_user(username=username)
        if known is None or known.is_temporary or user is None or not user.is_active:
            return None
        session[SERIAL] = known.serial
        self.update_user_auth_stat(user, True)
        return user

    def raise_for_access(self, **options: Any) -> None:
        """As Superset does; who does not explore asks for columns and metrics by their names, never in SQL."""
        if not {role.name for role in self.get_user_roles()} & EXPLORERS:
            context = options.get("query_context")
            if options.get("viz") is not None or (context is not None and any(map(_has_sql, _queries(context)))):
                raise SupersetSecurityException(
                    SupersetError(
                        error_type=SupersetErrorType.MISSING_OWNERSHIP_ERROR,
                        message="仪表板只能按列名和指标名查询。",
                        level=ErrorLevel.WARNING,
                    )
                )
        super().raise_for_access(**options)


def _queries(context: Any) -> Iterator[tuple[set[str], Any]]:
    names = {*context.datasource.column_names, *(metric.metric_name for metric in context.datasource.metrics)}
    return ((names, query) for query in context.queries)


def _has_sql(asked: tuple[set[str], Any]) -> bool:
    """Whether a query holds anything but names of its dataset."""
    names, query = asked
    extras = query.extras or {}
    if extras.get("where") or extras.get("having"):
        return True
    wanted = [
        *query.columns,
        *(query.metrics or []),
        *(query.series_columns or []),
        *(query.groupby if hasattr(query, "groupby") else []),
        *(one[0] for one in query.orderby or []),
        *(one["col"] for one in query.filter or []),
    ]
    if query.series_limit_metric:
        wanted.append(query.series_limit_metric)
    # An axis comes as an expression that is the name of a column.
    return any((one.get("sqlExpression") if isinstance(one, dict) else one) not in names for one in wanted)
