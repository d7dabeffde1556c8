"""Persons as pseudonyms: the only form in which someone named in a report leaves the raw store."""

from __future__ import annotations

import hashlib
import hmac

from ingest.text import compact

#: What stands in an issue in place of a private value.
MASK = "（已隐去）"


def person_key(key: bytes, name: str, tail: str) -> str:
    """First 32 hex digits of HMAC-SHA256 over the normalised name, ``|`` and the phone's last four digits.

    Raises ValueError on an empty key, which would make the pseudonyms guessable.
    """
    if not key:
        raise ValueError("the pseudonym key is empty")
    message = f"{compact(name)}|{compact(tail)}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]
