"""Batches of received files: check each in the sandbox, land the rows, then record the decisions.

A batch is the unit of work that Airflow spreads: it reads raw files, writes one Parquet file per table and period under
its own name, and ends with one transaction in the ledger. Run again after a crash it does the same once more.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from ingest.check import Report, check_workbook
from ingest.explanations import explained_in
from ingest.forms import load_forms
from ingest.history import History, accepted_report, compare_with_history
from ingest.home import Home
from ingest.issues import Issue, make_issue
from ingest.land import NO_PERIOD, land_rows, prepare_lake
from ingest.ledger import Decision, Ledger, Receipt
from ingest.receipts import ledger_row, signer
from ingest.receive import raw_path
from ingest.registers import Registers
from ingest.report import ACCEPTED
from ingest.reviews import is_locked
from ingest.sandbox import Job, OwnFailure, check_in_sandbox
from ingest.scope import covers
from ingest.waivers import in_force

_SAFE_PERIOD = re.compile(r"[0-9A-Za-z-]{1,40}")

LakeKey = tuple[str, str]


@dataclass(frozen=True)
class BatchResult:
    """What one batch came to: files by state, and rows landed. Undecided are files on which our own code failed."""

    batch_id: str
    accepted: int
    rejected: int
    undecided: int
    row_count: int


def _lake_period(report: Report) -> str:
    return report.period if report.period and _SAFE_PERIOD.fullmatch(report.period) else NO_PERIOD


def _owner(receipt: Receipt, scope: str | None, report: Report) -> str | None:
    """The unit that answers for a file: whoever sent it, and of several units the one that the cover names."""
    if receipt.channel_unit_code or report.unit_code is None or scope is None:
        return receipt.channel_unit_code or report.unit_code
    return report.unit_code if covers(scope, report.unit_code) else None


def _issue_row(issue: Issue) -> dict[str, Any]:
    return {
        "sheet": issue.sheet,
        "cell": issue.cell,
        "header": issue.header,
        "raw_value": issue.raw,
        "issue_code": issue.code,
        "severity": issue.severity,
        "message": issue.message,
        "remedy": issue.remedy,
        "finding_key": issue.finding_key,
    }


def _rows_to_land(submission_id: str, unit_code: str | None, report: Report) -> dict[LakeKey, list[dict[str, Any]]]:
    """Lake rows of one report by table and period: findings always, typed rows only when it was accepted."""
    period = _lake_period(report)
    owner = {"submission_id": submission_id, "unit_code": unit_code}
    rows: dict[LakeKey, list[dict[str, Any]]] = {}
    for table, issues in (("issue", report.issues), ("shadow_issue", report.shadow)):
        if issues:
            rows[table, period] = [{**owner, "form": report.form, **_issue_row(issue)} for issue in issues]
    if report.state == "accepted":
        rows["field_map", period] = [{**entry, **owner} for entry in report.field_map]
        rows["burden", period] = [{**asdict(sheet), **owner, "form": report.form} for sheet in report.burden]
        for table, typed in report.rows.items():
            rows[table, period] = [{**row, **owner} for row in typed]
    return rows


def _list_tables() -> frozenset[str]:
    forms = load_forms().values()
    return frozenset(form.table(sheet) for form in forms for sheet in form.sheets if sheet.is_list)


def _decision(submission_id: str, unit_code: str | None, report: Report, batch_id: str, now: datetime) -> Decision:
    severities = Counter(issue.severity for issue in report.issues)
    list_tables = _list_tables()
    return Decision(
        submission_id=submission_id,
        batch_id=batch_id,
        decided_at=now,
        state=report.state,
        reason=report.reason,
        form=report.form,
        unit_code=unit_code,
        period=report.period if _lake_period(report) != NO_PERIOD else None,
        error_count=severities["error"],
        query_count=severities["query"],
        note_count=severities["note"],
        list_row_count=sum(len(rows) for table, rows in report.rows.items() if table in list_tables),
    )


def note_lock(receipt: Receipt, owner: str | None, report: Report, locks: Sequence[Mapping[str, Any]]) -> bool:
    """Say in the report of the unit ``owner`` that its period is locked, so that it will not count; whether it is."""
    is_out = report.state == ACCEPTED and is_locked(locks, owner, report.period, receipt.received_at)
    if is_out:
        report.issues.insert(0, make_issue("period_locked", expected=report.period or ""))
    return is_out


def _by_period(checked: Iterable[tuple[str, Report | OwnFailure]]) -> list[tuple[str, Report]]:
    """Reports of earlier periods first, for the later ones are compared with them; else in the order given.

    A file on which our own code failed is left out: it stays planned, and is checked again in the next night.
    """
    reports = [(submission_id, report) for submission_id, report in checked if not isinstance(report, OwnFailure)]
    return sorted(reports, key=lambda one: one[1].period or "")


def senders_units(home: Home, ledger: Ledger, *, registers: Registers) -> dict[str, str]:
    """The unit of each waiting file whose sender may speak for several, by submission: its cover says it.

    `Ledger.plan_batches` needs it to keep the files of a unit together. What cannot be read has none.
    """
    waiting = [receipt for receipt in ledger.pending() if receipt.channel_unit_code is None]
    scopes = ledger.scopes([receipt.submission_id for receipt in waiting])
    paths = {receipt.submission_id: raw_path(home.raw, receipt.file_sha256) for receipt in waiting}
    jobs = [Job(one, path, scopes.get(one)) for one, path in paths.items() if path.exists()]
    checked = check_in_sandbox(jobs, registers=registers, pseudonym_key=b"-")
    return {one: report.unit_code for one, report in checked if isinstance(report, Report) and report.unit_code}


def process_batch(home: Home, ledger: Ledger, batch_id: str, *, registers: Registers, now: datetime) -> BatchResult:
    """Check, land and decide the files of one planned batch. ``now`` (UTC) is the instant of the run."""
    members = sorted(ledger.batch_members(batch_id), key=lambda receipt: (receipt.submitted_at, receipt.submission_id))
    receipts = {receipt.submission_id: receipt for receipt in members}
    scopes = ledger.scopes(list(receipts))
    history = History(home.lake, ledger)
    jobs = [
        Job(
            one,
            raw_path(home.raw, receipt.file_sha256),
            receipt.channel_unit_code or scopes.get(one),
            receipt.file_name,
        )
        for one, receipt in receipts.items()
    ]
    landed: defaultdict[LakeKey, list[dict[str, Any]]] = defaultdict(list)
    decisions: list[Decision] = []
    explained: list[dict[str, Any]] = []
    signed: dict[str, dict[str, Any]] = {}
    signing, locks = signer(home), ledger.locks(now)
    key, waivers = home.pseudonym_key(), in_force(ledger.waivers(now))
    check = partial(check_workbook, waivers=waivers)
    checked = check_in_sandbox(jobs, registers=registers, pseudonym_key=key, check=check)
    for submission_id, report in _by_period(checked):
        receipt = receipts[submission_id]
        owner = _owner(receipt, scopes.get(submission_id), report)
        report = compare_with_history(report, history)
        standing = accepted_report(report, submission_id, owner)
        if not note_lock(receipt, owner, report, locks) and standing:
            history.add(standing)
        for place, rows in _rows_to_land(submission_id, owner, report).items():
            landed[place].extend(rows)
        decision = _decision(submission_id, owner, report, batch_id, now)
        decisions.append(decision)
        explained.extend(explained_in(decision, report.explanations, now))
        signed[submission_id] = ledger_row(signing, receipt, decision, report)
    prepare_lake(home.lake)
    row_count = sum(
        land_rows(home.lake, table, period, batch_id, rows) for (table, period), rows in sorted(landed.items())
    )
    ledger.add_explanations(explained)
    ledger.add_decisions(decisions, signed)
    states = Counter(decision.state for decision in decisions)
    undecided = len(receipts) - len(decisions)
    return BatchResult(batch_id, states["accepted"], states["rejected"], undecided, row_count)
