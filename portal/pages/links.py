"""The marked workbook by a signed address from a mail, without signing in."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from ingest.answers import marked_files
from ingest.links import LinkError, submission_of
from portal.settings import texts
from portal.web import WORKBOOK_TYPE, ThePortal, attachment
from warehouse.compared import compared_findings
from warehouse.instants import utc_now

router = APIRouter()


@router.get("/m/{token}")
def marked(portal: ThePortal, token: str) -> Response:
    """The one file that the address names; 404 when it was changed or its time is over."""
    try:
        submission_id = submission_of(portal.home.link_key(), token, utc_now())
    except LinkError as error:
        raise HTTPException(404, texts()["link_over"]) from error
    later = compared_findings(portal.home, [submission_id])
    paths = marked_files(portal.home, portal.ledger, [submission_id], registers=portal.registers, later=later)
    if submission_id not in paths:
        raise HTTPException(404)
    portal.record("", "download_marked_by_link", submission_id)
    return attachment(paths[submission_id].read_bytes(), WORKBOOK_TYPE, f"标注_{submission_id}.xlsx")
