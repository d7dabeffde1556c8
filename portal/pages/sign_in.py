"""Sign in, sign out, a new password."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request
from fastapi.responses import Response

from portal.settings import Settings, texts
from portal.users import PauseError
from portal.web import AnyUser, Fields, ThePortal, begin_session, flash, go, page

router = APIRouter()


@router.get("/sign-in")
def ask(request: Request) -> Response:
    """The form for name and password."""
    return page(request, "sign_in", message=None)


@router.post("/sign-in")
def sign_in(request: Request, portal: ThePortal, fields: Fields) -> Response:
    """Let a user in, or say why not without saying which of the two was wrong."""
    name, password = fields.get("user", "").strip().lower(), fields.get("password", "")
    address = request.client.host if request.client else ""
    try:
        user = portal.users.sign_in(name, password, address, time.time())
    except PauseError as pause:
        answer = page(request, "sign_in", 429, message=texts()["sign_in_pause"].format(seconds=pause.seconds))
        answer.headers["Retry-After"] = str(pause.seconds)
        return answer
    if user is None:
        # A name that nobody has may be a password typed into the wrong field.
        portal.record(name if portal.users.find(name) else "", "sign_in_refused")
        return page(request, "sign_in", 401, message=texts()["sign_in_failed"])
    begin_session(request, user)
    portal.record(user.name, "sign_in")
    return go("/password" if user.is_temporary else "/")


@router.post("/sign-out")
def sign_out(request: Request, portal: ThePortal, user: AnyUser, _fields: Fields) -> Response:
    """End this and all other sessions of the user, so that no copy of a cookie is worth anything."""
    portal.users.end_sessions(user.name)
    portal.record(user.name, "sign_out")
    request.session.clear()
    flash(request, texts()["signed_out"])
    return go("/sign-in")


@router.get("/password")
def ask_password(request: Request, user: AnyUser) -> Response:
    """The form for a new password."""
    return page(request, "password", message=None, is_temporary=user.is_temporary)


@router.post("/password")
def change_password(request: Request, portal: ThePortal, user: AnyUser, fields: Fields) -> Response:
    """Set a new password; all other sessions end."""
    message = _wrong_with(fields, portal.settings)
    if message is None:
        try:
            address = request.client.host if request.client else ""
            known = portal.users.sign_in(user.name, fields.get("old", ""), address, time.time())
        except PauseError as pause:
            message = texts()["sign_in_pause"].format(seconds=pause.seconds)
        else:
            message = None if known else texts()["password_wrong"]
    if message is not None:
        return page(request, "password", 400, message=message, is_temporary=user.is_temporary)
    portal.users.set_password(user.name, fields["new"], is_temporary=False)
    changed = portal.users.find(user.name)
    if changed is not None:
        begin_session(request, changed)
    portal.record(user.name, "password_changed")
    flash(request, texts()["password_changed"])
    return go("/")


def _wrong_with(fields: dict[str, str], settings: Settings) -> str | None:
    new = fields.get("new", "")
    if len(new) < settings.password_min_chars:
        return str(texts()["password_short"].format(count=settings.password_min_chars))
    if len(new) > settings.password_max_chars:
        return str(texts()["password_long"].format(count=settings.password_max_chars))
    if new == fields.get("old"):
        return str(texts()["password_same"])
    return None if new == fields.get("again") else str(texts()["password_twice"])
