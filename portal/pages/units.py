"""The own page of a unit, to which messages link: what is open, period by period, and all that it handed in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from ingest.home import Home
from ingest.scope import covers
from ingest.submissions import submissions
from portal.web import CurrentUser, ThePortal, page
from warehouse.ask import NothingPublishedError, ask

router = APIRouter()

STATUS_SQL = """
select period, state, state_zh, message_zh, deadline_at, submitted_at, submission_id, error_count, query_count
from marts.mart_submission_status
where unit_code = $1
order by period desc
"""


def _status(home: Home, unit_code: str) -> list[dict[str, Any]] | None:
    """How the unit stands in each period; None while nothing is published."""
    try:
        return ask(home, STATUS_SQL, [unit_code]).records()
    except NothingPublishedError:
        return None


@router.get("/u/{unit_code}")
def show(request: Request, portal: ThePortal, user: CurrentUser, unit_code: str) -> Response:
    """State of each period and all submissions of a unit; 404 for units of others."""
    if not covers(portal.scope_of(user), unit_code) or unit_code not in portal.registers.unit_names:
        raise HTTPException(404)
    return page(
        request,
        "unit",
        unit_code=unit_code,
        name=portal.unit_name(unit_code),
        periods=_status(portal.home, unit_code),
        submissions=submissions(portal.ledger, unit_code, limit=portal.settings.history_rows),
        unit_name=portal.unit_name,
    )
