"""Signed addresses: whoever has one may fetch the marked workbook of one submission, until a stated instant.

They stand in mails to the contacts of a unit. Signed are submission and end; nothing is kept, so an address cannot be
taken back alone: another key (`ingest.home.Home.link_key`) ends all of them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from ingest.settings import limits

#: What an address is good for; a signature for something else is worth nothing here.
_SCOPE = "marked-workbook"


class LinkError(Exception):
    """The address was changed, is of another key, or its time is over."""


def link_ends_at(now: datetime) -> datetime:
    """Until when an address that is made now (UTC) is good."""
    return now + timedelta(days=limits()["links"]["marked_days"])


def marked_token(key: bytes, submission_id: str, ends_at: datetime) -> str:
    """The part of an address that names and signs one submission; ``ends_at`` is UTC."""
    end = int(ends_at.replace(tzinfo=UTC).timestamp())
    return str(URLSafeSerializer(key, salt=_SCOPE).dumps([submission_id, end]))


def submission_of(key: bytes, token: str, now: datetime) -> str:
    """The submission whose marked workbook ``token`` opens at ``now`` (UTC). Raises LinkError."""
    try:
        submission_id, end = URLSafeSerializer(key, salt=_SCOPE).loads(token)
    except BadData as error:
        raise LinkError("changed, or of another key") from error
    if now.replace(tzinfo=UTC).timestamp() > end:
        raise LinkError("over")
    return str(submission_id)
