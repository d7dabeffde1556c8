"""The own page of a unit, to which messages link: what is open, period by period, and all that it handed in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from ingest.home import Home
from ingest.scope import covers
from ingest.submissions import submissions
from portal.card import burden_zh, card_of, card_pdf
from portal.web import CurrentUser, ThePortal, attachment, page
from warehouse.ask import NothingPublishedError, ask

router = APIRouter()

STATUS_SQL = """
select
    status.period, state, state_zh, message_zh, deadline_at, submitted_at, submission_id,
    error_count, open_query_count as query_count, explained_count, waived_count,
    asked_count, prefilled_count, prefilled_pct
from marts.mart_submission_status as status
left join marts.mart_burden as burden on status.unit_code = burden.unit_code and status.period = burden.period
where status.unit_code = $1
order by status.period desc
"""


STAGES_SQL = """
select stage_code, stage_name_zh from marts.mart_stage_score
where unit_code = $1
order by stage_code desc
"""


def _status(home: Home, unit_code: str) -> list[dict[str, Any]] | None:
    """How the unit stands in each period; None while nothing is published."""
    try:
        rows = ask(home, STATUS_SQL, [unit_code]).records()
    except NothingPublishedError:
        return None
    return [{**row, "burden": burden_zh(row)} for row in rows]


def _stages(home: Home, unit_code: str) -> list[dict[str, Any]]:
    """The stages in which the unit has a part, the latest first."""
    try:
        return ask(home, STAGES_SQL, [unit_code]).records()
    except NothingPublishedError:
        return []


def _own(portal: ThePortal, user: CurrentUser, unit_code: str) -> None:
    """Ends with 404 for units that ``user`` does not speak for, whether there is such a unit or not."""
    if not covers(portal.scope_of(user), unit_code) or unit_code not in portal.registers.unit_names:
        raise HTTPException(404)


@router.get("/u/{unit_code}/{stage_code}/card.pdf")
def card(portal: ThePortal, user: CurrentUser, unit_code: str, stage_code: str) -> Response:
    """The report card of a unit in a stage; 404 for units of others and for stages without it."""
    _own(portal, user, unit_code)
    try:
        made = card_of(portal.home, unit_code, stage_code)
    except (LookupError, NothingPublishedError) as error:
        raise HTTPException(404) from error
    portal.record(user.name, "download_card", f"{unit_code}/{stage_code}")
    return attachment(card_pdf(made), "application/pdf", f"成绩单_{made['unit_name']}_{stage_code}.pdf")


@router.get("/u/{unit_code}")
def show(request: Request, portal: ThePortal, user: CurrentUser, unit_code: str) -> Response:
    """State of each period, report cards and all submissions of a unit; 404 for units of others."""
    _own(portal, user, unit_code)
    handed_in = submissions(portal.ledger, unit_code, limit=portal.settings.history_rows)
    return page(
        request,
        "unit",
        unit_code=unit_code,
        name=portal.unit_name(unit_code),
        periods=_status(portal.home, unit_code),
        stages=_stages(portal.home, unit_code),
        submissions=handed_in,
        words=portal.words(handed_in),
        unit_name=portal.unit_name,
    )
