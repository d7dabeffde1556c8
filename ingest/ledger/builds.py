"""Builds of the warehouse: started, published or failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import BUILD


class BuildEvents(Store):
    """Events of builds."""

    def add_build(self, build_id: str, state: str, *, recorded_at: datetime, known_at: datetime, detail: str) -> None:
        """Record that a build ``started``, was ``published`` or ``failed``."""
        row = {"build_id": build_id, "state": state, "recorded_at": recorded_at, "known_at": known_at, "detail": detail}
        self.append(BUILD, [row])

    def builds(self) -> list[dict[str, Any]]:
        """All build events, oldest first."""
        return self.rows(sa.select(BUILD).order_by(BUILD.c.recorded_at, BUILD.c.state.desc()))
