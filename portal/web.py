"""What every page needs: the portal's parts, the signed-in user, the page as HTML."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.contacts import CONTACTS_FILE, Contacts, ContactsError, load_contacts
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.registers import Registers
from ingest.scope import covers
from ingest.submissions import Submission
from portal.analysis import yuan_zh
from portal.card import burden_zh, points_zh
from portal.channel import PAGE
from portal.documents.render import variables
from portal.documents.store import Build, Document, Documents
from portal.figures import local_instant, query_of, share_zh, signed_zh
from portal.forms import read_fields
from portal.previews import Previews
from portal.scopes import Scopes, roles
from portal.settings import HERE, Settings, texts
from portal.users import User, Users
from warehouse.instants import to_local, utc_now
from warehouse.wording import figure_zh

STATIC = HERE / "static"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(
    local=lambda instant: f"{to_local(instant):%Y-%m-%d %H:%M}",
    instant=local_instant,
    points=points_zh,
    points_signed=signed_zh,
    share=share_zh,
    burden=burden_zh,
    zip=zip,
    yuan=yuan_zh,
    figure=figure_zh,
)
_TEMPLATES.globals.update(query=query_of, fewest=variables()["fewest_in_a_mean"])


class NotSignedInError(Exception):
    """Nobody is signed in, or no longer; ``has_ended`` tells the second."""

    def __init__(self, *, has_ended: bool = False) -> None:
        """Tell whether there was a session."""
        super().__init__()
        self.has_ended = has_ended


class PasswordMustChangeError(Exception):
    """The user has a temporary password, which is good for nothing but a new one."""


@dataclass
class Portal:
    """The parts of one running portal."""

    home: Home
    settings: Settings
    ledger: Ledger
    users: Users
    registers: Registers
    previews: Previews
    documents: Documents
    scopes: Scopes
    #: Users whose upload is being received.
    uploading: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)
    _contacts: tuple[tuple[int, int], Contacts] | None = None

    def contacts(self) -> Contacts:
        """The registry of contacts as it is now; raises HTTPException 503 when it cannot be read."""
        path = self.home.programme / CONTACTS_FILE
        try:
            version = (path.stat().st_mtime_ns, path.stat().st_size)
        except FileNotFoundError:
            return Contacts()
        if self._contacts is None or self._contacts[0] != version:
            try:
                self._contacts = (version, load_contacts(path, self.registers.unit_names))
            except ContactsError as error:
                raise HTTPException(503, texts()["contacts_broken"]) from error
        return self._contacts[1]

    def scope_of(self, user: User) -> str:
        """For which units a user may speak now; "" for none."""
        return self.contacts().scope_of(PAGE, user.name, utc_now())

    def readable(self, user: User, unit_code: str) -> tuple[Document, Build] | None:
        """The document of a unit, where ``user`` may look at it: by a role for it or for one above, or speaking for it.

        None for all others, whether there are such units or not.
        """
        found = self.documents.of(unit_code)
        if found is None:
            return None
        above = {one["code"] for one in found[0]["unit"]["path"]}
        by_role = any(grant.unit_code in above for grant in self.scopes.all(user.name))
        return found if by_role or covers(self.scope_of(user), unit_code) else None

    def roles_of(self, user: User) -> list[tuple[str, str, str]]:
        """Code and name of each unit for which ``user`` has a role, and the role in Chinese."""
        country = variables()
        names = {**self.registers.unit_names, country["country_code"]: country["country_name"]}
        grants = self.scopes.all(user.name)
        return [
            (one.unit_code, names.get(one.unit_code, one.unit_code), roles()[one.role]["name_zh"]) for one in grants
        ]

    def reads_audit(self, user: User) -> bool:
        """Whether a role of ``user`` opens the audit log."""
        return any(roles()[grant.role].get("reads_audit", False) for grant in self.scopes.all(user.name))

    def record(self, user_name: str, event: str, subject: str = "") -> None:
        """Write one line of the audit log."""
        self.ledger.add_audit_event(at=utc_now(), user_name=user_name, event=event, subject=subject)

    def words(self, found: Iterable[Submission]) -> dict[str, list[dict[str, Any]]]:
        """What was said about each of these submissions afterwards, in its order."""
        said: dict[str, list[dict[str, Any]]] = {one.receipt.submission_id: [] for one in found}
        for word in self.ledger.reviews_of(list(said)):
            said[word["submission_id"]].append(word)
        return said

    def unit_name(self, unit_code: str | None) -> str:
        """A unit for people."""
        if unit_code is None:
            return "单位以封面为准"
        return self.registers.unit_names.get(unit_code, unit_code)


def portal_of(request: Request) -> Portal:
    """The portal that answers a request."""
    portal: Portal = request.app.state.portal
    return portal


ThePortal = Annotated[Portal, Depends(portal_of)]


def begin_session(request: Request, user: User) -> None:
    """Sign a user in, in a session that has nothing of the one before."""
    now = int(time.time())
    request.session.clear()
    request.session.update(user=user.name, serial=user.serial, began=now, seen=now)


def any_user(request: Request, portal: ThePortal) -> User:
    """The signed-in user, with whatever password; raises NotSignedInError."""
    session, now = request.session, int(time.time())
    if "user" not in session:
        raise NotSignedInError
    user = portal.users.find(session["user"])
    is_idle = now - session["seen"] >= 60 * portal.settings.session_idle_minutes
    is_old = now - session["began"] >= 60 * portal.settings.session_longest_minutes
    if user is None or not user.is_active or user.serial != session["serial"] or is_idle or is_old:
        session.clear()
        raise NotSignedInError(has_ended=True)
    session["seen"] = now
    return user


def current_user(user: Annotated[User, Depends(any_user)]) -> User:
    """The signed-in user; raises NotSignedInError, PasswordMustChangeError."""
    if user.is_temporary:
        raise PasswordMustChangeError
    return user


AnyUser = Annotated[User, Depends(any_user)]
CurrentUser = Annotated[User, Depends(current_user)]


def csrf_token(request: Request) -> str:
    """The token that each form of this session carries."""
    return str(request.session.setdefault("csrf", secrets.token_urlsafe(24)))


def check_csrf(request: Request, fields: dict[str, str]) -> None:
    """Refuse a form that is not of this session; raises HTTPException 403."""
    expected = request.session.get("csrf", "")
    if not expected or not secrets.compare_digest(expected.encode(), fields.get("csrf", "").encode()):
        raise HTTPException(403)


async def form_fields(request: Request, portal: ThePortal) -> dict[str, str]:
    """The fields of a form of this session; raises HTTPException 400 or 403, TooLargeError."""
    fields = await read_fields(request, portal.settings.form_bytes)
    check_csrf(request, fields)
    return fields


Fields = Annotated[dict[str, str], Depends(form_fields)]


def flash(request: Request, message: str) -> None:
    """Say something on the next page."""
    request.session["flash"] = message


def page(request: Request, name: str, /, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of ``templates``; all that is put into it is escaped."""
    html = _TEMPLATES.get_template(f"{name}.html.j2").render(
        texts=texts(),
        csrf=csrf_token(request),
        user_name=request.session.get("user"),
        flash=request.session.pop("flash", None),
        **values,
    )
    return HTMLResponse(html, status)


def go(path: str) -> RedirectResponse:
    """On to another page of ours, by GET."""
    return RedirectResponse(path, 303)


def attachment(data: bytes, media_type: str, name: str) -> Response:
    """A file to be saved, never shown by the browser itself."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(data, media_type=media_type, headers=headers)
