"""The portal: streets hand their reports in, see at once what is wrong, and look at what became of earlier ones.

Pages are plain functions, which FastAPI runs in threads; only bodies are read on the event loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware

from ingest.home import Home
from ingest.ledger import Ledger
from ingest.registers import Registers
from ingest.settings import limits
from portal.documents.store import Documents
from portal.envelope import Envelope
from portal.forms import TooLargeError
from portal.pages import analysis, audit, links, reviews, sign_in, submissions, units, uploads
from portal.previews import Previews
from portal.scopes import Scopes
from portal.settings import Settings, texts
from portal.users import Users
from portal.web import STATIC, NotSignedInError, PasswordMustChangeError, Portal, flash, go, page
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR

SESSION_COOKIE = "jiedao_session"


class Bundled(StaticFiles):
    """The files that come with the pages: kept by the browser, which asks each time whether they are still the same."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """One file, or word that it has not changed."""
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def create_app(home: Home, settings: Settings) -> Envelope:
    """The application on the state of one home."""
    home.prepare()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        ledger = Ledger(home.ledger_url)
        registers = Registers(REFERENCE_DIR, RULEBOOK_DIR).load_all()
        previews = Previews(home, ledger, registers, at_once=settings.checks_at_once, kept=settings.previews_kept)
        users = Users(home.users, settings)
        parts = (ledger, users, registers, previews, Documents(home), Scopes(home.users))
        app.state.portal = Portal(home, settings, *parts)
        yield
        ledger.close()

    app = FastAPI(title="jiedao", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", Bundled(directory=STATIC), name="static")
    for pages in (audit, sign_in, uploads, submissions, reviews, units, analysis, links):
        app.include_router(pages.router)
    _answer_errors(app)
    app.add_middleware(
        SessionMiddleware,
        secret_key=home.session_key().decode(),
        session_cookie=SESSION_COOKIE,
        max_age=60 * settings.session_longest_minutes,
        same_site="lax",
        https_only=settings.is_secure,
    )
    return Envelope(app, is_secure=settings.is_secure)


def _error_page(request: Request, status: int, message: str | None = None) -> Response:
    errors = texts()["errors"]
    return page(request, "error", status, message=message or errors.get(status, errors[500]))


def _answer_errors(app: FastAPI) -> None:
    """Every failure is a page that says in Chinese what to do."""

    @app.exception_handler(NotSignedInError)
    def not_signed_in(request: Request, error: NotSignedInError) -> Response:
        if error.has_ended:
            flash(request, texts()["session_ended"])
        return go("/sign-in")

    @app.exception_handler(PasswordMustChangeError)
    def must_change(_request: Request, _error: PasswordMustChangeError) -> Response:
        return go("/password")

    @app.exception_handler(TooLargeError)
    def too_large(request: Request, _error: TooLargeError) -> Response:
        megabytes = limits()["guard"]["max_file_bytes"] // 2**20
        is_upload = request.url.path == "/upload"
        return _error_page(request, 413, texts()["file_too_large"].format(megabytes=megabytes) if is_upload else None)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, _error: RequestValidationError) -> Response:
        return _error_page(request, 400)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        told = error.detail if error.detail in texts().values() else None
        answer = _error_page(request, error.status_code, told)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def own_failure(request: Request, _error: Exception) -> Response:
        return _error_page(request, 500)
