"""Contacts of the sample: one invented clerk for each unit, and offices above that speak for those below them."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.contacts import Contact, contact_row
from samples.calendar import Period
from samples.hierarchy import Unit

#: A domain that belongs to nobody (RFC 2606).
DOMAIN = "example.org"


def contact_lines(units: Iterable[Unit], first: Period) -> list[tuple[object, ...]]:
    """Lines of ``contacts.csv``: by mailbox and page a clerk of each unit; an office for all below each district."""
    lines: list[tuple[object, ...]] = []
    for unit in units:
        address = f"clerk-{unit.code.lower()}@{DOMAIN}"
        for channel, sender in (("mailbox", address), ("page", f"clerk-{unit.code.lower()}")):
            clerk = Contact(channel, sender, unit.code, False, "clerk", first.starts_on, None, address)
            lines.append(tuple(contact_row(clerk)))
        if unit.level == "district":
            office = f"office-{unit.code.lower()}@{DOMAIN}"
            above = Contact("mailbox", office, unit.code, True, "office", first.starts_on, None, office)
            lines.append(tuple(contact_row(above)))
    return lines
