"""The first page: hand a report in, and what was handed in before."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from ingest.channels.arrivals import File
from ingest.channels.replies import refusal_text
from ingest.scope import show_scope
from ingest.settings import limits
from ingest.submissions import submissions
from portal.channel import PAGE, receive_upload
from portal.forms import read_upload
from portal.settings import texts
from portal.users import User
from portal.web import CurrentUser, Portal, ThePortal, check_csrf, flash, go, page
from warehouse.instants import utc_now

router = APIRouter()


async def uploaded(request: Request, portal: ThePortal, _user: CurrentUser) -> File | None:
    """The file of an upload, None when none was chosen; only a signed-in user's body is read at all."""
    settings = portal.settings
    fields, file = await read_upload(
        request,
        form_bytes=settings.form_bytes,
        drained_bytes=settings.drained_bytes,
        name_chars=settings.file_name_chars,
    )
    check_csrf(request, fields)
    return file


def units_of(portal: Portal, scope: str) -> list[tuple[str, str]]:
    """The units of a scope that are named in it, as (code, name); a name says when all below it are meant too."""
    parts = {part.rstrip("+"): part for part in scope.split()}
    return [(code, show_scope(part.replace(code, portal.unit_name(code)))) for code, part in parts.items()]


@router.get("/")
def start(request: Request, portal: ThePortal, user: CurrentUser, page_number: int = 1) -> Response:
    """The form for a file, and the submissions of the user's units, the latest first."""
    return _start(request, portal, user, max(1, min(page_number, 10**6)), None, 200)


def _start(
    request: Request, portal: Portal, user: User, page_number: int, message: str | None, status: int
) -> Response:
    scope, rows = portal.scope_of(user), portal.settings.history_rows
    offset = rows * (page_number - 1)
    found = submissions(portal.ledger, scope, (PAGE, user.name), limit=rows + 1, offset=offset)
    readable = portal.roles_of(user)
    return page(
        request,
        "start",
        status,
        message=message or (None if scope or readable else texts()["no_units"]),
        readable=readable,
        reads_audit=portal.reads_audit(user),
        units=units_of(portal, scope),
        submissions=found[:rows],
        words=portal.words(found[:rows]),
        unit_name=portal.unit_name,
        page_number=page_number,
        has_more=len(found) > rows,
        max_bytes=limits()["guard"]["max_file_bytes"],
    )


@router.post("/upload")
def upload(
    request: Request, portal: ThePortal, user: CurrentUser, file: Annotated[File | None, Depends(uploaded)]
) -> Response:
    """Store the file, give it a receipt, and go on to what is wrong with it."""
    if file is None:
        return _start(request, portal, user, 1, texts()["no_file"], 400)
    scope = portal.scope_of(user)
    if portal.contacts().is_doubtful(PAGE, user.name):
        return _start(request, portal, user, 1, texts()["contacts_doubtful"], 409)
    if not scope:
        return _start(request, portal, user, 1, texts()["no_units"], 403)
    with portal.lock:
        if user.name in portal.uploading:
            return _start(request, portal, user, 1, texts()["upload_running"], 409)
        portal.uploading.add(user.name)
    try:
        receipts, collected = receive_upload(
            portal.home, portal.ledger, file, sender=user.name, scope=scope, now=utc_now()
        )
    finally:
        with portal.lock:
            portal.uploading.discard(user.name)
    for receipt in receipts:
        portal.record(user.name, "upload", receipt.submission_id)
    told = [texts()["received"].format(count=len(receipts))]
    if collected.seen_before:
        told.append(texts()["seen_before"].format(count=collected.seen_before))
    told += [refusal_text(one.refusal.reason, one.refusal.detail, one.refusal.place) for one in collected.refused[:5]]
    flash(request, "".join(told))
    return go(f"/s/{receipts[0].submission_id}" if len(receipts) == 1 else "/")
