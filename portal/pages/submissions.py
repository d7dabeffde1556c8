"""One submission: what is wrong, the marked workbook, the receipt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from ingest.answers import marked_files
from ingest.forms import load_forms
from ingest.grouping import Problem, group_findings
from ingest.issues import Issue
from ingest.receipts import receipt_of
from ingest.report import ACCEPTED, REJECTED
from ingest.reviews import WITHDRAWN
from ingest.submissions import Submission, submissions
from portal.channel import PAGE
from portal.remarks import Remark, remarks_on
from portal.users import User
from portal.web import WORKBOOK_TYPE, CurrentUser, Portal, ThePortal, attachment, page
from warehouse.compared import all_findings, compared_findings
from warehouse.instants import utc_now

router = APIRouter()


@dataclass(frozen=True)
class Verdict:
    """What the page tells: of the decision or, before it, of the preview."""

    state: str
    is_final: bool
    form: str | None
    unit_code: str | None
    period: str | None
    issues: tuple[Issue, ...]


def own(portal: Portal, user: User, submission_id: str) -> Submission:
    """A submission that the user may see; raises HTTPException 404, whether or not there is such a one."""
    scope = portal.scope_of(user)
    found = submissions(portal.ledger, scope, (PAGE, user.name), submission_id=submission_id)
    if not found:
        raise HTTPException(404)
    return found[0]


def reviewer(portal: Portal, user: User, one: Submission) -> str | None:
    """The unit in whose name the user may review a report: the nearest above it; None when there is nothing to review.

    An office speaks for a unit with all below it, and so only of such a unit of the user's scope.
    """
    decision = one.decision
    if decision is None or decision.state != ACCEPTED or decision.unit_code is None:
        return None
    if any(word["kind"] == WITHDRAWN for word in portal.ledger.reviews_of([one.receipt.submission_id])):
        return None
    offices = [part.removesuffix("+") for part in portal.scope_of(user).split() if part.endswith("+")]
    above = [code for code in offices if decision.unit_code.startswith(code) and code != decision.unit_code]
    return max(above, key=len, default=None)


def _verdict(portal: Portal, one: Submission) -> Verdict | None:
    decision = one.decision
    if decision is not None:
        issues = tuple(all_findings(portal.home, decision))
        return Verdict(decision.state, True, decision.form, decision.unit_code, decision.period, issues)
    preview = portal.previews.of(one.receipt, utc_now())
    if preview is None:
        return None
    return Verdict(preview.state, False, preview.form, preview.unit_code, preview.period, preview.issues)


def _remarks(
    portal: Portal, one: Submission, verdict: Verdict | None, problems: list[Problem]
) -> dict[int, list[Remark]]:
    """What was said about each problem, by its rank."""
    if verdict is None or verdict.unit_code is None:
        return {}
    now = utc_now()
    return remarks_on(
        problems,
        portal.ledger.explanations(now, verdict.unit_code),
        portal.ledger.waivers(now),
        unit_code=verdict.unit_code,
        period=verdict.period,
        decided_at=one.decision.decided_at if one.decision else None,
    )


@router.get("/s/{submission_id}")
def show(request: Request, portal: ThePortal, user: CurrentUser, submission_id: str) -> Response:
    """The findings as problems, ranked, with place, message and remedy."""
    one = own(portal, user, submission_id)
    verdict = _verdict(portal, one)
    form = load_forms().get(verdict.form or "") if verdict else None
    problems = group_findings(verdict.issues) if verdict else []
    return page(
        request,
        "submission",
        submission=one,
        receipt=one.receipt,
        verdict=verdict,
        form_name=form.name_zh if form else "表种不明",
        unit_name=portal.unit_name(verdict.unit_code if verdict else one.unit_code),
        problems=problems,
        remarks=_remarks(portal, one, verdict, problems),
        is_accepted=verdict is not None and verdict.state == ACCEPTED,
        is_rejected=verdict is not None and verdict.state == REJECTED,
        words=portal.words([one])[submission_id],
        reviewer=reviewer(portal, user, one),
        unit_label=portal.unit_name,
    )


@router.get("/s/{submission_id}/marked.xlsx")
def marked(portal: ThePortal, user: CurrentUser, submission_id: str) -> Response:
    """The marked workbook, to be corrected and handed in again."""
    one = own(portal, user, submission_id)
    if one.decision is not None:
        later = compared_findings(portal.home, [submission_id])
        paths = marked_files(portal.home, portal.ledger, [submission_id], registers=portal.registers, later=later)
        data = paths[submission_id].read_bytes()
    else:
        preview = portal.previews.of(one.receipt, utc_now())
        if preview is None:
            raise HTTPException(503)
        data = portal.previews.marked(one.receipt, preview)
    portal.record(user.name, "download_marked", submission_id)
    return attachment(data, WORKBOOK_TYPE, f"标注_{PurePosixPath(one.receipt.file_name).stem}.xlsx")


@router.get("/s/{submission_id}/receipt.json")
def receipt(portal: ThePortal, user: CurrentUser, submission_id: str) -> Response:
    """The signed receipt: of the decision, before that of the arrival."""
    own(portal, user, submission_id)
    signed = receipt_of(portal.home, portal.ledger, submission_id)
    portal.record(user.name, "download_receipt", submission_id)
    text = json.dumps(signed, ensure_ascii=False, indent=2) + "\n"
    return attachment(text.encode(), "application/json", f"回执_{submission_id}.json")
