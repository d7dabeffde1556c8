"""The marked workbooks of decided submissions: made when somebody wants one, from raw store and lake, and then kept.

What is marked are the findings of the decision, as its receipt counts them, not what the checks of today would find,
together with what a night has found since beside other reports.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingest.forms import load_forms
from ingest.home import Home, write_once
from ingest.issues import Issue
from ingest.land import ISSUE_SCHEMA, NO_PERIOD
from ingest.ledger import Decision, Ledger
from ingest.marking import findings_only, marker
from ingest.receive import raw_path
from ingest.registers import Registers
from ingest.report import Report
from ingest.sandbox import Job, check_in_sandbox


def marked_path(home: Home, submission_id: str, later: Sequence[Issue] = ()) -> Path:
    """Where the marked workbook of a submission is kept; one with other ``later`` findings is another file."""
    keys = ",".join(issue.finding_key or "" for issue in later)
    mark = f"-{hashlib.sha256(keys.encode()).hexdigest()[:8]}" if later else ""
    return home.marked / submission_id[:2] / f"{submission_id}{mark}.xlsx"


def _issue(row: dict[str, Any], fields: dict[str, str]) -> Issue:
    names = ("sheet", "cell", "header", "severity", "message", "remedy", "finding_key")
    field = fields.get(row["header"] or "")
    return Issue(raw=row["raw_value"], code=row["issue_code"], field=field, **{name: row[name] for name in names})


def findings_of(home: Home, decision: Decision) -> list[Issue]:
    """The findings that the decision rests on, as they landed; those of checks in shadow lie elsewhere."""
    period = decision.period or NO_PERIOD
    path = home.lake / "issue" / f"period={period}" / f"batch-{decision.batch_id}.parquet"
    if not path.exists():
        return []
    rows = pq.read_table(
        path, schema=ISSUE_SCHEMA, filters=[("submission_id", "=", decision.submission_id)]
    ).to_pylist()
    form = load_forms().get(decision.form or "")
    fields = {field.header_zh: field.name for sheet in (form.sheets if form else ()) for field in sheet.fields}
    return [_issue(row, fields) for row in rows]


def marked_files(
    home: Home,
    ledger: Ledger,
    submission_ids: Iterable[str],
    *,
    registers: Registers,
    later: Mapping[str, Sequence[Issue]],
) -> dict[str, Path]:
    """Marked workbooks of decided submissions by id; what is not decided, or not known, has none.

    ``later`` are findings that came after the decision, by submission. Files are marked in the sandbox; where one
    cannot be, its workbook lists the findings only.
    """
    wanted = list(dict.fromkeys(submission_ids))
    decisions = {decision.submission_id: decision for decision in ledger.decisions(wanted)}
    paths = {one: marked_path(home, one, later.get(one, ())) for one in decisions}
    missing = [receipt for receipt in ledger.receipts(list(decisions)) if not paths[receipt.submission_id].exists()]
    findings = {
        receipt.submission_id: [
            *findings_of(home, decisions[receipt.submission_id]),
            *later.get(receipt.submission_id, ()),
        ]
        for receipt in missing
    }
    jobs = [Job(one.submission_id, raw_path(home.raw, one.file_sha256), one.channel_unit_code) for one in missing]
    check = marker({(one.channel_unit_code, one.file_sha256): findings[one.submission_id] for one in missing})
    for submission_id, report in check_in_sandbox(jobs, registers=registers, pseudonym_key=b"-", check=check):
        marked = report.marked if isinstance(report, Report) else None
        write_once(paths[submission_id], (marked or findings_only(findings[submission_id])).data)
    return paths
