"""What is the same for all units, which lies with the country's document: rule book and items of the papers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from portal.documents.render import variables
from portal.documents.store import Documents

Row = dict[str, Any]
#: Paper, level and kind of score.
Paper = tuple[str, str, str]


class Shared:
    """Clauses with their rules, and items of papers, of one build."""

    def __init__(self, rulebook: list[Row], items: list[Row]) -> None:
        """``rulebook``: a row for each rule, and for each clause without one; ``items`` in the order of score lines."""
        self.rulebook = rulebook
        self.rules = {row["rule"]: row for row in rulebook if row["rule"] is not None}
        self.items: dict[Paper, list[Row]] = {}
        for row in items:
            self.items.setdefault((row["paper"], row["level"], row["kind"]), []).append(row)


@lru_cache(maxsize=2)
def shared(documents: Documents, _build_id: str) -> Shared:
    """What is shared in the build that ``documents`` are of; read once for each."""
    found = documents.of(variables()["country_code"])
    document = found[0] if found is not None else {}
    return Shared(document.get("rulebook", []), document.get("score_items", []))
