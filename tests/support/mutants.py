"""Small files of every kind that break off somewhere or have one byte wrong, in the hundreds."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.cells import Cell
from tests.support import formats
from tests.support.attacks import members_of, xlsx

#: Places in a file or part at which it is damaged.
PLACES = 80


def bases() -> dict[str, bytes]:
    """A small valid file of each kind."""
    rows: dict[str, list[list[Cell]]] = {"表": [["甲", "乙"], ["丙", 1.0]]}
    return {
        "xlsx": xlsx(),
        "xls": formats.xls(rows),
        "xlsb": formats.xlsb(rows),
        "ods": formats.ods(rows),
        "csv": formats.one_csv(rows),
        "zip": formats.csv_zip(rows),
        "json": b'{"form": "street", "cover": {"period": "2025-Q1"}, "meeting": [{"held_on": "2025-03-01"}]}',
    }


def broken_off(data: bytes) -> list[bytes]:
    """The file, ending too early."""
    return [data[:end] for end in range(0, len(data), max(1, len(data) // (PLACES * 3 // 4)))]


def _one_byte_wrong(data: bytes) -> list[bytes]:
    places = range(0, len(data), max(1, len(data) // PLACES))
    return [data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :] for at in places for bit in (1, 128)]


def with_a_wrong_byte(kind: str, data: bytes) -> list[bytes]:
    """The file of this kind with one byte wrong, here or there.

    A wrong byte in a zipped part is caught by its check sum; one that was there before it was zipped is not.
    """
    if kind not in ("xlsx", "xlsb", "ods"):
        return _one_byte_wrong(data)
    members = members_of(data)
    name = max(members, key=lambda one: len(members[one]) if "sheet" in one or one == "content.xml" else 0)
    return [formats.zipped({**members, name: part}) for part in _one_byte_wrong(members[name])]


def mutants() -> Iterator[tuple[str, bytes]]:
    """All of them by a name."""
    for kind, data in bases().items():
        for way, found in (("broken off", broken_off(data)), ("wrong byte", with_a_wrong_byte(kind, data))):
            yield from ((f"{kind} {way} {at}", content) for at, content in enumerate(found))
