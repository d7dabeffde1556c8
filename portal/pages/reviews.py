"""The word of the level above about an accepted report: accepted, or sent back with a reason."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from starlette.requests import Request

from ingest.reviews import APPROVED, RETURNED
from portal.pages.submissions import own, reviewer
from portal.settings import texts
from portal.web import CurrentUser, Fields, ThePortal, flash, go
from warehouse.instants import utc_now
from warehouse.review import ReviewError, review

router = APIRouter()


@router.post("/s/{submission_id}/review")
def give(request: Request, portal: ThePortal, user: CurrentUser, submission_id: str, fields: Fields) -> Response:
    """Record the word; 404 for reports of others, 403 for those that the user may see and not review."""
    one = own(portal, user, submission_id)
    by, kind, reason = reviewer(portal, user, one), fields.get("kind"), fields.get("reason", "").strip()
    if by is None:
        raise HTTPException(403)
    if kind not in (APPROVED, RETURNED):
        raise HTTPException(400)
    if kind == RETURNED and not reason:
        flash(request, texts()["reason_missing"])
        return go(f"/s/{submission_id}")
    try:
        review(portal.home, submission_id, kind, by=by, reason=reason, now=utc_now())
    except ReviewError as error:  # withdrawn meanwhile
        raise HTTPException(403) from error
    portal.record(user.name, f"review_{kind}", submission_id)
    flash(request, texts()["reviewed"])
    return go(f"/s/{submission_id}")
