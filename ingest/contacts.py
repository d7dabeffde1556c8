"""The registry of contacts: which sender may speak for which unit, by which channel, and when.

``programme/contacts.csv`` of the home, one line for each right to speak. A line that is wrong is not in force and is
named; its sender is doubtful until the line is mended, so that nothing of his is turned away for a slip of ours.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from ingest.scope import make_scope

CONTACTS_FILE = "contacts.csv"
#: Ways to send that a line may name; the last is the upload page.
CHANNEL_KINDS = ("folder", "mailbox", "sftp", "s3", "page")
ROLES = ("clerk", "office")
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")
_FLAGS = {"true": True, "false": False}
#: Days of validity are days in Shanghai.
_SHANGHAI = timedelta(hours=8)


class ContactsError(Exception):
    """``contacts.csv`` as a whole cannot be understood, or a new line is wrong; the message says why."""


@dataclass(frozen=True)
class Contact:
    """A right to speak.

    ``sender`` is an e-mail address (mailbox), the name of a folder (folder, sftp, s3) or of a user (page).
    ``valid_to`` is the last day, None while it goes on. ``alert_email`` is where messages about the unit go, may be "".
    """

    channel: str
    sender: str
    unit_code: str
    has_subtree: bool
    role: str
    valid_from: date
    valid_to: date | None
    alert_email: str

    def is_valid_at(self, instant: datetime) -> bool:
        """Whether the right holds on the Shanghai day of ``instant`` (UTC without a zone)."""
        day = (instant + _SHANGHAI).date()
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


COLUMNS = tuple(field.name for field in fields(Contact))


@dataclass(frozen=True)
class Contacts:
    """All lines in force, what is wrong with the others, and the (channel, sender) pairs of those."""

    contacts: tuple[Contact, ...] = ()
    problems: tuple[str, ...] = ()
    doubtful: frozenset[tuple[str, str]] = frozenset()

    def scope_of(self, channel: str, sender: str, instant: datetime) -> str:
        """For which units ``sender`` may speak by ``channel`` at ``instant``; "" for none. See `ingest.scope`."""
        lines = self._by_sender.get((channel, _folded(channel, sender)), ())
        return make_scope((one.unit_code, one.has_subtree) for one in lines if one.is_valid_at(instant))

    @cached_property
    def _by_sender(self) -> dict[tuple[str, str], list[Contact]]:
        found: dict[tuple[str, str], list[Contact]] = {}
        for one in self.contacts:
            found.setdefault((one.channel, one.sender), []).append(one)
        return found

    def is_doubtful(self, channel: str, sender: str) -> bool:
        """Whether a wrong line speaks of this sender."""
        return (channel, _folded(channel, sender)) in self.doubtful

    def of_unit(self, unit_code: str, instant: datetime) -> list[Contact]:
        """Who speaks for exactly this unit at ``instant``, for messages about it."""
        return [one for one in self.contacts if one.unit_code == unit_code and one.is_valid_at(instant)]


def _folded(channel: str, sender: str) -> str:
    """Senders as they are compared: addresses know no capital letters."""
    return sender.strip().lower() if channel == "mailbox" else sender.strip()


def _day(text: str, column: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ContactsError(f"{column} is {text!r} and no day such as 2026-01-31") from None


def parse_contact(row: dict[str, str | None], unit_codes: Collection[str]) -> Contact:
    """One line of the registry; raises ContactsError with what is wrong."""
    text = {name: (row.get(name) or "").strip() for name in COLUMNS}
    for name in ("channel", "sender", "unit_code", "valid_from"):
        if not text[name]:
            raise ContactsError(f"{name} is missing")
    if text["channel"] not in CHANNEL_KINDS:
        raise ContactsError(f"there is no channel {text['channel']}; known: {', '.join(CHANNEL_KINDS)}")
    for name in ("sender", "alert_email"):
        is_address = name == "alert_email" or text["channel"] == "mailbox"
        if is_address and text[name] and not _ADDRESS.fullmatch(text[name]):
            raise ContactsError(f"{name} is no e-mail address")
    if text["unit_code"] not in unit_codes:
        raise ContactsError(f"there is no unit {text['unit_code']}")
    if text["role"] not in ROLES:
        raise ContactsError(f"role is {text['role']!r}; known: {', '.join(ROLES)}")
    flag = text["has_subtree"].lower() or "false"
    if flag not in _FLAGS:
        raise ContactsError(f"has_subtree is {text['has_subtree']!r} and not true or false")
    first, last = _day(text["valid_from"], "valid_from"), _day(text["valid_to"], "valid_to")
    if first is None or (last is not None and last < first):
        raise ContactsError("valid_to lies before valid_from")
    sender = _folded(text["channel"], text["sender"])
    return Contact(
        text["channel"], sender, text["unit_code"], _FLAGS[flag], text["role"], first, last, text["alert_email"]
    )


def _overlaps(one: Contact, other: Contact) -> bool:
    same = (one.channel, one.sender, one.unit_code) == (other.channel, other.sender, other.unit_code)
    open_end = date.max
    return same and one.valid_from <= (other.valid_to or open_end) and other.valid_from <= (one.valid_to or open_end)


def _text_of(path: Path) -> str:
    """The file's text; spreadsheet programs save it as UTF-8 with a mark or as GB18030."""
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ContactsError(f"{path.name} is neither UTF-8 nor GB18030")


def load_contacts(path: Path, unit_codes: Collection[str]) -> Contacts:
    """The registry; none when the file is absent. Raises ContactsError when the file as a whole cannot be read."""
    if not path.exists():
        return Contacts()
    reader = csv.DictReader(io.StringIO(_text_of(path)))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        raise ContactsError(f"{path.name} lacks the columns {', '.join(missing)}")
    known: dict[tuple[str, str, str], list[tuple[int, Contact]]] = {}
    contacts: list[Contact] = []
    problems: list[str] = []
    doubtful: set[tuple[str, str]] = set()
    for row in reader:
        line = reader.line_num
        if not any((value or "").strip() for name, value in row.items() if name in COLUMNS):
            continue
        try:
            contact = parse_contact(row, unit_codes)
            earlier = known.setdefault((contact.channel, contact.sender, contact.unit_code), [])
            for number, other in earlier:
                if _overlaps(contact, other):
                    raise ContactsError(f"says the same as line {number}, for days that overlap")
        except ContactsError as error:
            problems.append(f"{path.name}, line {line}: {error}")
            channel = (row["channel"] or "").strip()
            doubtful.add((channel, _folded(channel, row["sender"] or "")))
            continue
        earlier.append((line, contact))
        contacts.append(contact)
    return Contacts(tuple(contacts), tuple(problems), frozenset(doubtful))


def contact_row(contact: Contact) -> list[str]:
    """A contact as a line of the file."""
    values = (getattr(contact, name) for name in COLUMNS)
    return ["" if value is None else str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def add_contact(path: Path, row: dict[str, str | None], unit_codes: Collection[str]) -> Contact:
    """Append one right to speak to the registry; raises ContactsError when it is wrong or there already."""
    contact = parse_contact(row, unit_codes)
    there = load_contacts(path, unit_codes)
    if any(_overlaps(contact, other) for other in there.contacts):
        raise ContactsError("the registry says so already, for days that overlap")
    lines = list(csv.reader(io.StringIO(_text_of(path)))) if path.exists() else [list(COLUMNS)]
    order = lines[0]
    by_name = dict(zip(COLUMNS, contact_row(contact), strict=True))
    lines.append([by_name.get(name, "") for name in order])
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(lines)
    part = path.with_name(f".{path.name}.part")
    part.write_text(target.getvalue(), encoding="utf-8")
    part.chmod(0o600)
    part.replace(path)
    return contact
