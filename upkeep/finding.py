"""A finding of the doctor: what it saw, how bad that is, and what to do. The words stand in ``upkeep.yml``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from upkeep.settings import settings

#: From worst to mildest.
LEVELS = ("bad", "warn", "note")


@dataclass(frozen=True)
class Finding:
    """``code`` is the key in ``upkeep.yml``, ``level`` one of ``LEVELS``."""

    code: str
    level: str
    text: str
    remedy: str


def finding(code: str, **values: Any) -> Finding:
    """The finding ``code`` with its values filled in."""
    words = settings()["doctor"]["findings"][code]
    return Finding(code, words["level"], words["text"].format(**values), words["remedy"])


def several(code: str, names: Collection[str], **values: Any) -> list[Finding]:
    """One finding about all of ``names``, of which it shows a few; none where there are none."""
    if not names:
        return []
    shown = sorted(names)[: settings()["doctor"]["examples"]]
    more = ", …" if len(names) > len(shown) else ""
    return [finding(code, count=len(names), names=", ".join(shown) + more, **values)]
