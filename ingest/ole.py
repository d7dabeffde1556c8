"""Compound files (OLE2), the container of xls, et and encrypted files: read with bounds, written anew for the reader.

Source: [MS-CFB]. A prepared container can send a reader round in circles or make it reserve gigabytes; so the reader
never sees the file's own container but a plain one that holds nothing but the workbook's stream.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_HEADER = struct.Struct("<8s16sHHHHH6sIIIIIIIII")
_ENTRY = struct.Struct("<64sHBBIII36sIQ")
_LAST_REGULAR, _FAT_SECTOR, _END, _FREE = 0xFFFFFFFA, 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF
_STREAM, _ROOT = 2, 5
_MINI_SECTOR, _MINI_CUTOFF = 64, 4096
_SECTOR = 512


class OleError(Exception):
    """The container is broken: a chain that runs in a circle or out of the file, no directory."""


@dataclass(frozen=True)
class _Entry:
    """One line of the directory; ``left``, ``right`` and ``child`` are numbers of other lines."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


def _chain(table: list[int], start: int) -> list[int]:
    """Sector numbers from ``start`` to the end mark."""
    found: list[int] = []
    seen: set[int] = set()
    while start < _LAST_REGULAR:
        if start in seen or start >= len(table):
            raise OleError("a chain of sectors does not end")
        seen.add(start)
        found.append(start)
        start = table[start]
    return found


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


class CompoundFile:
    """A compound file in memory; raises OleError when it is broken."""

    def __init__(self, data: bytes) -> None:
        """Read the tables and the directory of ``data``."""
        if len(data) < _SECTOR or not data.startswith(MAGIC):
            raise OleError("no compound file")
        head = _HEADER.unpack_from(data)
        if head[5] not in (9, 12) or head[6] != 6:
            raise OleError("unknown sector sizes")
        self._data, self._size = data, 1 << head[5]
        self._table = self._read_table(*head[15:17])
        self._entries = self._read_directory(head[10])
        mini = self._read(self._table, head[13])
        self._mini_table = _numbers(mini)
        root = self._entries[0]
        self._mini_data = self._read(self._table, root.start) if self._mini_table else b""

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise OleError("a sector lies outside the file")
        return self._data[start : start + self._size]

    def _read(self, table: list[int], start: int) -> bytes:
        return b"".join(self._sector(number) for number in _chain(table, start))

    def _read_table(self, first_extra: int, extra_count: int) -> list[int]:
        """The sector allocation table, whose own sectors the header and its continuation list."""
        listed = _numbers(self._data[76:_SECTOR])
        most = len(self._data) // self._size + 1
        extra, seen = first_extra, 0
        while extra < _LAST_REGULAR and seen < extra_count:
            seen += 1
            if seen > most:
                raise OleError("the allocation table does not end")
            *more, extra = _numbers(self._sector(extra).ljust(self._size, b"\xff"))
            listed.extend(more)
        sectors = [number for number in listed if number < _LAST_REGULAR]
        if len(sectors) > most or len(set(sectors)) != len(sectors):
            raise OleError("the allocation table repeats itself")
        return _numbers(b"".join(self._sector(number).ljust(self._size, b"\xff") for number in sectors))

    def _read_directory(self, start: int) -> list[_Entry]:
        content = self._read(self._table, start)
        entries = []
        for at in range(0, len(content) - _ENTRY.size + 1, _ENTRY.size):
            name, length, kind, _, left, right, child, _, first, size = _ENTRY.unpack_from(content, at)
            text = name[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            entries.append(_Entry(text, kind, left, right, child, first, size & 0xFFFFFFFF))
        if not entries or entries[0].kind != _ROOT:
            raise OleError("no directory")
        return entries

    def _top(self) -> list[_Entry]:
        """The entries right below the root; what an embedded object holds is further down."""
        found: list[_Entry] = []
        seen: set[int] = set()
        todo = [self._entries[0].child]
        while todo:
            number = todo.pop()
            if number >= len(self._entries) or number in seen:
                continue
            seen.add(number)
            entry = self._entries[number]
            found.append(entry)
            todo += [entry.left, entry.right]
        return found

    @property
    def names(self) -> list[str]:
        """Names of the streams and storages right below the root."""
        return [entry.name for entry in self._top()]

    def stream(self, *names: str) -> bytes:
        """Content of the stream below the root that has the first of ``names``, in any case; raises OleError."""
        top = {entry.name.lower(): entry for entry in self._top() if entry.kind == _STREAM}
        for name in names:
            entry = top.get(name.lower())
            if entry is not None:
                return self._content(entry)
        raise OleError("no such stream")

    def _content(self, entry: _Entry) -> bytes:
        if entry.size >= _MINI_CUTOFF:
            return self._read(self._table, entry.start)[: entry.size]
        parts = []
        for number in _chain(self._mini_table, entry.start):
            part = self._mini_data[number * _MINI_SECTOR : (number + 1) * _MINI_SECTOR]
            if not part:
                raise OleError("a small sector lies outside the file")
            parts.append(part)
        return b"".join(parts)[: entry.size]


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return _ENTRY.pack(encoded, len(encoded) + 2 if name else 0, kind, 1, _FREE, _FREE, child, b"", start, size)


def pack_stream(name: str, content: bytes) -> bytes:
    """A compound file that holds ``content`` as its one stream, padded to a size that needs no small sectors."""
    content = content.ljust(_MINI_CUTOFF, b"\x00")
    body = content.ljust(-(-len(content) // _SECTOR) * _SECTOR, b"\x00")
    count = len(body) // _SECTOR
    per_sector = _SECTOR // 4
    tables = extras = 1
    while tables * per_sector < count + 1 + tables + extras:
        tables += 1
        extras = -(-max(0, tables - 109) // (per_sector - 1))
    extras = -(-max(0, tables - 109) // (per_sector - 1))
    directory, first_table = count, count + 1
    first_extra = first_table + tables
    table = [*range(1, count), _END, _END, *[_FAT_SECTOR] * tables, *[_FAT_SECTOR - 1] * extras]
    table += [_FREE] * (tables * per_sector - len(table))
    listed = list(range(first_table, first_table + tables))
    head = _HEADER.pack(
        MAGIC, b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, tables, directory, 0, _MINI_CUTOFF, _END, 0,
        first_extra if extras else _END, extras,
    )  # fmt: skip
    in_head = [*listed[:109], *[_FREE] * (109 - len(listed))]
    more = b""
    for at in range(extras):
        part = listed[109 + at * (per_sector - 1) : 109 + (at + 1) * (per_sector - 1)]
        part += [_FREE] * (per_sector - 1 - len(part))
        more += struct.pack(f"<{per_sector}I", *part, first_extra + at + 1 if at + 1 < extras else _END)
    entries = _entry("Root Entry", _ROOT, 1, _END, 0) + _entry(name, _STREAM, _FREE, 0, len(content))
    entries += _entry("", 0, _FREE, 0, 0) * 2
    return b"".join((head, struct.pack("<109I", *in_head), body, entries, struct.pack(f"<{len(table)}I", *table), more))
