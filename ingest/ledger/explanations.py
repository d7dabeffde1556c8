"""Explanations that clerks gave for findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import EXPLANATION


class ExplanationEvents(Store):
    """What was said about findings; it holds for as long as there is such a finding."""

    def add_explanations(self, events: Sequence[dict[str, Any]]) -> int:
        """Record explanations (columns of `EXPLANATION`); returns how many had not been given before."""
        return self.append(EXPLANATION, events)

    def explanations(self, known_at: datetime, unit_code: str | None = None) -> list[dict[str, Any]]:
        """Explanations (of one unit) given by ``known_at``, in their order."""
        query = sa.select(EXPLANATION).where(EXPLANATION.c.explained_at <= known_at)
        if unit_code is not None:
            query = query.where(EXPLANATION.c.unit_code == unit_code)
        return self.rows(query.order_by(EXPLANATION.c.explained_at, EXPLANATION.c.explanation_id))
