"""What units were told and senders of mails answered, and what became of each message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ingest.ledger.store import Store
from ingest.ledger.tables import MESSAGE, MESSAGE_LINE, MESSAGE_REACHED, REPLY


class MessageEvents(Store):
    """Messages, the lines they told, and whom they have reached."""

    def add_messages(
        self,
        events: Sequence[dict[str, Any]],
        lines: Sequence[dict[str, Any]] = (),
        reached: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Record what became of messages (columns of `MESSAGE`), what they told (of `MESSAGE_LINE`) and whom they
        reached (of `MESSAGE_REACHED`), all or none."""
        with self.engine.begin() as connection:
            for table, rows in ((MESSAGE, events), (MESSAGE_LINE, lines), (MESSAGE_REACHED, reached)):
                if rows:
                    connection.execute(self.insertion(table), list(rows))

    def messages(self, unit_code: str | None = None) -> list[dict[str, Any]]:
        """Events of all messages (or of those to one unit), oldest first."""
        query = sa.select(MESSAGE).order_by(MESSAGE.c.recorded_at, MESSAGE.c.unit_code, MESSAGE.c.state.desc())
        return self.rows(query if unit_code is None else query.where(MESSAGE.c.unit_code == unit_code))

    def told_lines(self) -> set[tuple[str, str]]:
        """What which unit has been told: pairs of unit code and line key."""
        query = sa.select(MESSAGE_LINE.c.unit_code, MESSAGE_LINE.c.line_key)
        return {(row["unit_code"], row["line_key"]) for row in self.rows(query)}

    def reached(self, since: datetime) -> list[dict[str, Any]]:
        """Whom messages have reached from ``since`` (UTC) on, oldest first."""
        query = sa.select(MESSAGE_REACHED).where(MESSAGE_REACHED.c.recorded_at >= since)
        return self.rows(query.order_by(MESSAGE_REACHED.c.recorded_at, MESSAGE_REACHED.c.message_id))

    def add_reply(self, event: dict[str, Any]) -> None:
        """Record what became of the answer to a mail (columns of `REPLY`)."""
        self.append(REPLY, [event])

    def replies(self) -> list[dict[str, Any]]:
        """Events of all answers to mails, oldest first."""
        return self.rows(sa.select(REPLY).order_by(REPLY.c.recorded_at, REPLY.c.mail_sha256, REPLY.c.state.desc()))
