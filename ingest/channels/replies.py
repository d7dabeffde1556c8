"""The *received* receipt: what a sender is told at once, before anything has looked into the file.

Texts stand in ``replies.yml``. A mail is answered with one message about all that it carried; who sends it, and keeps
that it was sent, is not decided here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ingest.channels.mail import UnusableMailError, parse_mail, sender_of, subject_of
from ingest.home import Home
from ingest.ledger import Ledger, Receipt
from ingest.receive import raw_path

_HERE = Path(__file__).parent
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@cache
def _texts() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load((_HERE / "replies.yml").read_text(encoding="utf-8"))
    return loaded


@cache
def refusal_texts() -> dict[str, dict[str, str]]:
    """Message and remedy of every reason for which something is refused, by code."""
    with (_HERE / "refusals.csv").open(encoding="utf-8", newline="") as handle:
        return {row["code"]: row for row in csv.DictReader(handle)}


def refusal_text(reason: str, detail: str, place: str) -> str:
    """Why something was not taken and what to do about it, in Chinese."""
    text = refusal_texts()[reason]
    name = place.rpartition("/")[2]
    return text["message_zh"].format(detail=detail, place=name) + text["remedy_zh"]


def local_time(instant: datetime) -> str:
    """An instant (UTC without a zone) as people in China read it."""
    return f"{instant.replace(tzinfo=UTC).astimezone(_SHANGHAI):%Y-%m-%d %H:%M:%S}"


def receipt_text(receipt: Receipt, unit_names: Mapping[str, str] | None = None) -> str:
    """The receipt for a clerk, some lines of Chinese."""
    code = receipt.channel_unit_code
    name = (unit_names or {}).get(code or "", "")
    unit = f"{name}（{code}）" if name else code or _texts()["unit_by_cover"]
    return _texts()["receipt"].format(
        unit=unit,
        file_name=receipt.file_name,
        submission_id=receipt.submission_id,
        file_sha256=receipt.file_sha256,
        file_size=receipt.file_size,
        submitted_at=local_time(receipt.submitted_at),
        received_at=local_time(receipt.received_at),
    )


@dataclass(frozen=True)
class Reply:
    """A message that answers a mail: plain text, and the headers that make it an answer."""

    to: str
    subject: str
    text: str
    in_reply_to: str
    unit_codes: tuple[str, ...]
    submission_ids: tuple[str, ...]

    @property
    def headers(self) -> dict[str, str]:
        """Headers beside To and Subject; they tell other machines not to answer in turn (RFC 3834)."""
        answered = {"In-Reply-To": self.in_reply_to, "References": self.in_reply_to} if self.in_reply_to else {}
        return {**answered, "Auto-Submitted": "auto-replied"}


def _is_from_a_machine(mail: Message) -> bool:
    """Whether nobody would read an answer."""
    automatic = str(mail.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    return automatic != "no" or str(mail.get("Precedence", "")).strip().lower() in ("bulk", "list", "junk")


def _lines(rows: Sequence[Mapping[str, Any]], refusals: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    fields = Receipt.__dataclass_fields__
    receipts = [receipt_text(Receipt(**{name: row[name] for name in fields}), names) for row in rows]
    refused = [refusal_text(row["reason"], row["detail"], row["place"]) for row in refusals]
    return "\n".join([*receipts, *refused])


def reply_to_mail(home: Home, ledger: Ledger, mail_sha256: str, unit_names: Mapping[str, str]) -> Reply | None:
    """The answer to one mail (`Ledger.mails` lists them): a receipt for each report, a reason for each refusal.

    None when it must not be answered: its sender is unknown or unproven (the true owner of the address has sent
    nothing), a machine sent it, or its bytes were never fetched.
    """
    rows, refusals = ledger.origins(mail_sha256), ledger.refusals(mail_sha256)
    scope = next((row["scope"] for row in (*rows, *refusals) if row["scope"]), "")
    path = raw_path(home.raw, mail_sha256)
    if not scope or not path.exists():
        return None
    try:
        mail = parse_mail(path.read_bytes())
        sender = sender_of(mail)
    except UnusableMailError:
        return None
    if _is_from_a_machine(mail):
        return None
    kind = "received" if rows else "refused"
    subject = subject_of(mail)
    return Reply(
        to=sender,
        subject=_texts()[f"{kind}_subject"].format(subject=subject),
        text=_texts()[f"{kind}_text"].format(lines=_lines(rows, refusals, unit_names)),
        in_reply_to="".join(str(mail.get("Message-ID", "")).split()),
        unit_codes=tuple(sorted({row["channel_unit_code"] for row in rows if row["channel_unit_code"]})),
        submission_ids=tuple(row["submission_id"] for row in rows),
    )
