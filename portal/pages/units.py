"""The pages of a unit, read from its document: overview, reports and quality; its card, and the document itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from ingest.scope import covers
from ingest.submissions import submissions
from portal.card import card_of, card_pdf
from portal.figures import View, finding_titles, league_table, view_of
from portal.users import User
from portal.web import CurrentUser, Portal, ThePortal, attachment, page
from warehouse.ask import NothingPublishedError
from warehouse.wording import UNRANKED_ZH

router = APIRouter()


def look(portal: Portal, user: User, unit_code: str, period: str | None, stage: str | None) -> View:
    """What a page of a unit shows; raises HTTPException 404 for units that the user may not look at, if there are any.

    Before anything is published, who speaks for a unit sees it without figures.
    """
    found = portal.readable(user, unit_code)
    if found is not None:
        readable = {one["code"] for one in found[0]["unit"]["path"] if portal.readable(user, one["code"])}
        return view_of(*found, readable=readable, period=period, stage=stage)
    speaks = covers(portal.scope_of(user), unit_code) and unit_code in portal.registers.unit_names
    if not speaks or portal.documents.of(unit_code) is not None:
        raise HTTPException(404)
    return View.without_figures(unit_code, portal.unit_name(unit_code))


@router.get("/api/units/{unit_code}")
def document(portal: ThePortal, user: CurrentUser, unit_code: str) -> Response:
    """The document of a unit as JSON; 404 as for its pages."""
    found = portal.readable(user, unit_code)
    if found is None:
        raise HTTPException(404)
    build = found[1]
    portal.record(user.name, "download_document", unit_code)
    head = {"build_id": build.build_id, "known_at": f"{build.known_at.isoformat()}Z"}
    return JSONResponse({"build": head, **found[0]})


@router.get("/map.geojson")
def shapes(portal: ThePortal, _user: CurrentUser) -> Response:
    """Shapes of units that an authority has plugged in; 404 while there are none. No map comes with the project."""
    path = portal.home.root / portal.settings.map_file
    if not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, media_type="application/geo+json")


@router.get("/u/{unit_code}/{stage_code}/card.pdf")
def card(portal: ThePortal, user: CurrentUser, unit_code: str, stage_code: str) -> Response:
    """The report card of a unit in a stage; 404 for units of others and for stages without it."""
    look(portal, user, unit_code, None, None)
    try:
        made = card_of(portal.home, unit_code, stage_code)
    except (LookupError, NothingPublishedError) as error:
        raise HTTPException(404) from error
    portal.record(user.name, "download_card", f"{unit_code}/{stage_code}")
    return attachment(card_pdf(made), "application/pdf", f"成绩单_{made['unit_name']}_{stage_code}.pdf")


@router.get("/u/{unit_code}")
def overview(
    request: Request,
    portal: ThePortal,
    user: CurrentUser,
    unit_code: str,
    period: str | None = None,
    stage: str | None = None,
    sort: str = "-score",
) -> Response:
    """Score, rank, reports and quotas of a unit, its trend beside that of others, those below it as a league table."""
    view = look(portal, user, unit_code, period, stage)
    has_map = (portal.home.root / portal.settings.map_file).is_file()
    league = league_table(view, sort)
    return page(request, "overview", view=view, tab="", league=league, sort=sort, has_map=has_map, unranked=UNRANKED_ZH)


@router.get("/u/{unit_code}/reports")
def reports(
    request: Request,
    portal: ThePortal,
    user: CurrentUser,
    unit_code: str,
    period: str | None = None,
    stage: str | None = None,
) -> Response:
    """Who has reported and how, findings by kind and what became of them, and all that the unit handed in."""
    view = look(portal, user, unit_code, period, stage)
    handed_in: list[Any] = []
    if speaks := covers(portal.scope_of(user), unit_code):
        handed_in = submissions(portal.ledger, unit_code, limit=portal.settings.history_rows)
    return page(
        request,
        "reports",
        view=view,
        tab="reports",
        titles=finding_titles(),
        speaks=speaks,
        submissions=handed_in,
        words=portal.words(handed_in),
        unit_name=portal.unit_name,
    )
