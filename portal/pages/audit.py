"""The audit log, for those whose role opens it."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from portal.web import CurrentUser, ThePortal, page

router = APIRouter()


@router.get("/audit")
def audit(request: Request, portal: ThePortal, user: CurrentUser) -> Response:
    """Who signed in, handed in, fetched and decided what, the latest first; 404 for all who may not see it."""
    if not portal.reads_audit(user):
        raise HTTPException(404)
    return page(request, "audit", events=portal.ledger.audit_events(limit=portal.settings.audit_rows))
