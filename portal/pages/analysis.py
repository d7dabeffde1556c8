"""More pages of a unit: rules, stages down to the cell, money and claims."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from ingest.scope import covers
from portal import analysis
from portal.documents.shared import Shared, shared
from portal.figures import View
from portal.pages.units import look
from portal.web import CurrentUser, Portal, ThePortal, page
from warehouse.ask import NothingPublishedError, open_published
from warehouse.explain_stage import explain_stage, fixes_of
from warehouse.wording import UNRANKED_ZH

router = APIRouter()


def known(portal: Portal, view: View) -> Shared:
    """What all units share in the build of a look."""
    return Shared([], []) if view.build is None else shared(portal.documents, view.build.build_id)


@router.get("/u/{unit_code}/rules")
def rules(
    request: Request,
    portal: ThePortal,
    user: CurrentUser,
    unit_code: str,
    period: str | None = None,
    stage: str | None = None,
    scope: str = "",
    status: str = "",
) -> Response:
    """Clauses and rules of a unit, or of all below it, with their quotes, pass rates and who owes them."""
    view = look(portal, user, unit_code, period, stage)
    scopes = analysis.scopes_of(view)
    scope = scope if scope in scopes else next(iter(scopes), "own")
    status = status if status in analysis.OUTCOMES else ""
    found = analysis.rules_of(view, known(portal, view), scope, status) if view.build else None
    return page(request, "rules", view=view, tab="rules", scopes=scopes, scope=scope, picked=status, found=found)


@router.get("/u/{unit_code}/stage")
def stage_scores(
    request: Request,
    portal: ThePortal,
    user: CurrentUser,
    unit_code: str,
    period: str | None = None,
    stage: str | None = None,
    beside: str = "",
) -> Response:
    """The score of a unit in a stage by group and line, its place, its best fixes; another stage beside it if asked."""
    view = look(portal, user, unit_code, period, stage)
    shares = known(portal, view)
    other = view.row("stages", stage=beside) if beside != view.stage else None
    scores = analysis.scores_of(view, shares, view.stage)
    scores = analysis.beside(scores, analysis.scores_of(view, shares, beside) if other else [])
    fixes = _fixes(portal, view) if view.score else []
    values: dict[str, Any] = {"scores": scores, "other": other, "fixes": fixes, "unranked": UNRANKED_ZH}
    return page(request, "stage", view=view, tab="stage", **values)


def _fixes(portal: Portal, view: View) -> list[dict[str, Any]]:
    """The fixes of the report card; none while nothing is published."""
    try:
        with open_published(portal.home) as connection:
            return fixes_of(connection, view.code, str(view.stage))
    except NothingPublishedError:
        return []


@router.get("/u/{unit_code}/stage/{stage}/{item}")
def line(
    request: Request,
    portal: ThePortal,
    user: CurrentUser,
    unit_code: str,
    stage: str,
    item: str,
    period: str | None = None,
) -> Response:
    """One line of a score down to the cells and receipts that it rests on; 404 for what the unit does not have."""
    view = look(portal, user, unit_code, period, stage)
    try:
        explained = explain_stage(portal.home, unit_code, stage, item)
        group, told = analysis.line_of(explained, item)
    except (LookupError, NothingPublishedError) as error:
        raise HTTPException(404) from error
    findings = told["findings"]
    values: dict[str, Any] = {
        "group": group,
        "line": told,
        "findings": [analysis.finding_of(one) for one in findings[: analysis.SHOWN]],
        "finding_count": len(findings),
        "speaks": covers(portal.scope_of(user), unit_code),
    }
    return page(request, "line", view=view, tab="stage", score=explained, **values)


@router.get("/u/{unit_code}/funding")
def funding(
    request: Request,
    portal: ThePortal,
    user: CurrentUser,
    unit_code: str,
    period: str | None = None,
    stage: str | None = None,
) -> Response:
    """Money owed to streets, paid and received, and what differs, by payer and by those below."""
    view = look(portal, user, unit_code, period, stage)
    return page(request, "funding", view=view, tab="funding", years=analysis.money_of(view, known(portal, view)))


@router.get("/u/{unit_code}/claims")
def claims(
    request: Request,
    portal: ThePortal,
    user: CurrentUser,
    unit_code: str,
    period: str | None = None,
    stage: str | None = None,
    state: str = "",
) -> Response:
    """What several streets list at once: a street's own, of a committee those of all streets below it."""
    view = look(portal, user, unit_code, period, stage)
    state = state if state in ("open", "decided") else ""
    found = analysis.claims_of(view, state)
    values: dict[str, Any] = {"found": found[: analysis.SHOWN], "claim_count": len(found), "state": state}
    return page(request, "claims", view=view, tab="claims", counts=view.rows("distinct_counts"), **values)
