"""The period that the fixture ``district`` reports, and the instant of its night."""

from __future__ import annotations

from datetime import datetime

from warehouse.instants import to_utc

PERIOD = "2026-Q3"
#: Twelve days after the deadline of the period, in Shanghai.
AFTERWARDS = to_utc(datetime(2026, 11, 1, 2, 0))
