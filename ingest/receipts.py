"""What a street gets for a file: a receipt that it arrived, and one that says what was decided and why.

Both are signed (`ingest.signing`). No clock is read: the instants are those of the ledger, so that a batch that is
repeated after a crash gives the same receipt. Nothing personal stands in them: findings are named by code and cell,
never by what the cell held, and the name of the file is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ingest.forms import load_forms
from ingest.home import Home, write_once
from ingest.issues import Issue
from ingest.ledger import Decision, Ledger, Receipt
from ingest.report import Report
from ingest.signing import PublicKey, SignatureError, Signer, read_signed, verify_signature

#: Version of the receipt itself: which keys it has.
SCHEMA = "jiedao-receipt-1"
RECEIVED = "received"
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){0,3}")
_CHECKING_SUFFIXES = (".py", ".csv", ".yml")


@cache
def checks_hash() -> str:
    """Identity of what checks a report: the code and the data files of ``ingest``; 16 hex digits."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted(path for path in here.rglob("*") if path.suffix in _CHECKING_SUFFIXES):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _instant(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"


def _file(receipt: Receipt) -> dict[str, Any]:
    return {"sha256": receipt.file_sha256, "size": receipt.file_size}


def received_receipt(receipt: Receipt) -> dict[str, Any]:
    """Proof that a file arrived; nothing has looked into it yet."""
    return {
        "schema": SCHEMA,
        "state": RECEIVED,
        "submission_id": receipt.submission_id,
        "channel": receipt.channel,
        "channel_unit_code": receipt.channel_unit_code,
        "file": _file(receipt),
        "submitted_at": _instant(receipt.submitted_at),
        "received_at": _instant(receipt.received_at),
    }


def _findings(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Findings by code in the order of the report: how many, and in which cells (null: in none)."""
    by_code: dict[tuple[str, str], list[str]] = {}
    for issue in issues:
        place = "!".join(part for part in (issue.sheet, issue.cell) if part)
        by_code.setdefault((issue.severity, issue.code), []).append(place)
    return [
        {"severity": severity, "code": code, "count": len(places), "cells": [place for place in places if place]}
        for (severity, code), places in by_code.items()
    ]


def _row_counts(report: Report) -> list[dict[str, Any]]:
    """Rows read by sheet, in the order of the form."""
    if report.form is None:
        return []
    sheets = load_forms()[report.form].sheets
    return [
        {"entity": sheet.entity, "sheet": sheet.name_zh, "rows": report.row_counts[sheet.entity]}
        for sheet in sheets
        if sheet.entity in report.row_counts
    ]


def _stated_template(report: Report) -> str | None:
    """Version of the template that the cover says it was made from."""
    if report.form is None:
        return None
    form = load_forms()[report.form]
    cover = report.rows.get(form.table(form.cover)) or [{}]
    stated = str(cover[0].get("template_version") or "")
    return stated if _VERSION.fullmatch(stated) else None


def decided_receipt(receipt: Receipt, decision: Decision, report: Report) -> dict[str, Any]:
    """What was decided about a file and on what it rests."""
    form = load_forms()[report.form] if report.form else None
    return {
        **received_receipt(receipt),
        "state": decision.state,
        "reason": decision.reason,
        "form": decision.form,
        "unit_code": decision.unit_code,
        "period": decision.period,
        "decided_at": _instant(decision.decided_at),
        "rows": _row_counts(report),
        "findings": _findings(report.issues),
        "versions": {
            "code": version("jiedao"),
            "checks": checks_hash(),
            "form": form.template_version if form else None,
            "template": _stated_template(report),
        },
    }


def signer(home: Home) -> Signer:
    """The key that signs receipts of ``home``; its public half is put among the keys to be published."""
    found = Signer(home.receipt_key())
    write_once(home.receipt_keys / f"{found.public.key_id}.pem", found.public.pem.encode())
    return found


def known_keys(home: Home) -> dict[str, PublicKey]:
    """Public keys of ``home`` by key id, those of earlier receipts among them; none where nothing was ever signed."""
    keys = (PublicKey.from_pem(path.read_bytes()) for path in sorted(home.receipt_keys.glob("*.pem")))
    return {key.key_id: key for key in keys}


def ledger_row(key: Signer, receipt: Receipt, decision: Decision, report: Report) -> dict[str, Any]:
    """The signed receipt of a decision as the ledger keeps it."""
    document = key.sign(decided_receipt(receipt, decision, report))
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return {"submission_id": receipt.submission_id, "key_id": key.public.key_id, "document": text}


def receipt_of(home: Home, ledger: Ledger, submission_id: str) -> dict[str, Any] | None:
    """The signed receipt of a submission: of its decision, before that of its arrival; None when nothing is known."""
    decided = ledger.signed_receipt(submission_id)
    if decided is not None:
        return dict(json.loads(decided))
    arrived = ledger.receipts([submission_id])
    return signer(home).sign(received_receipt(arrived[0])) if arrived else None


def verify_receipt(
    text: bytes, trusted: Mapping[str, PublicKey], workbook: bytes | None = None
) -> tuple[dict[str, Any], PublicKey]:
    """The receipt in ``text`` (JSON) and the key that signed it, see `ingest.signing.verify_signature`.

    With ``workbook`` the receipt must be about that file. Raises SignatureError, whose code is then other_workbook.
    """
    document = read_signed(text)
    key = verify_signature(document, trusted)
    receipt = document["receipt"]
    if receipt.get("schema") != SCHEMA:
        raise SignatureError("no_receipt")
    if workbook is not None and hashlib.sha256(workbook).hexdigest() != receipt["file"]["sha256"]:
        raise SignatureError("other_workbook")
    return receipt, key
