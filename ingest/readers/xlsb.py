"""Binary workbooks (xlsb): the records of each sheet, looked through before the reader gets them. Source: [MS-XLSB]."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ingest.cells import Place, Scanned, Trouble
from ingest.extent import Extent, check_extents, check_strings
from ingest.guard import GuardedFile
from ingest.readers.xls import ERRORS
from ingest.readers.xlsx import CHINESE_DATES, PLAIN_DATE
from ingest.refusal import damaged
from ingest.relations import relation_targets
from ingest.zipparts import pack

_ROW, _CELL_ERROR, _FORMULA_ERROR, _SHARED_CELL, _MERGED, _BUNDLE = 0x0000, 0x0003, 0x000B, 0x0007, 0x00B0, 0x009C
_SHARED_TABLE, _SHARED_ITEM, _FORMAT = 0x009F, 0x0013, 0x002F
#: RK number, error, boolean, real, text, shared text; then the same as results of formulas.
_CELLS = frozenset(range(0x0002, 0x000C))
_BOOK_PROPERTIES = 0x0099
_NUMBER = struct.Struct("<I")
_WORD = struct.Struct("<H")
_RANGE = struct.Struct("<IIII")
_NO_SHEET_PART = 0xFFFFFFFF


def _records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """(kind, begin, end) of all records of a part. Raises GuardError."""
    at, size = 0, len(part)
    while at < size:
        kind = part[at]
        at += 1
        if kind & 0x80 and at < size:
            kind = (kind & 0x7F) | (part[at] & 0x7F) << 7
            at += 1
        length = shift = 0
        while at < size and shift < 28:
            byte = part[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        begin, at = at, at + length
        if at > size:
            raise damaged("数据不完整")
        yield kind, begin, at


def _scan_sheet(part: bytes, lengths: list[int]) -> tuple[Extent, dict[Place, Trouble]]:
    """What one sheet holds; ``lengths`` are those of the shared texts."""
    extent = Extent()
    trouble: dict[Place, Trouble] = {}
    row = 0
    for kind, begin, end in _records(part):
        if kind == _ROW:
            if end - begin < 4:
                raise damaged("行记录不完整")
            row = _NUMBER.unpack_from(part, begin)[0]
        elif kind in _CELLS:
            _scan_cell(kind, part[begin:end], row, extent, trouble, lengths)
        elif kind == _MERGED and end - begin >= _RANGE.size:
            first, last, left, right = _RANGE.unpack_from(part, begin)
            extent.merge((first, left), (last, right))
    return extent, trouble


def _scan_cell(
    kind: int, cell: bytes, row: int, extent: Extent, trouble: dict[Place, Trouble], lengths: list[int]
) -> None:
    if len(cell) < 9:
        raise damaged("单元格记录不完整")
    column = _NUMBER.unpack_from(cell)[0]
    characters = 0
    if kind == _SHARED_CELL and len(cell) >= 12:
        number = _NUMBER.unpack_from(cell, 8)[0]
        if number >= len(lengths):
            raise damaged("缺少共用文本")
        characters = lengths[number]
    extent.add(row, column, 1, characters)
    if kind in (_CELL_ERROR, _FORMULA_ERROR):
        trouble[row, column] = Trouble("formula_error", ERRORS.get(cell[8], "#N/A"))


def _shared_lengths(parts: dict[str, bytes]) -> list[int]:
    """Length of every shared text, in characters or a little more."""
    name = {one.lower(): one for one in parts}.get("xl/sharedstrings.bin")
    if name is None:
        return []
    lengths = []
    for kind, begin, end in _records(parts[name]):
        if kind == _SHARED_TABLE and end - begin >= 8:
            check_strings(_NUMBER.unpack_from(parts[name], begin + 4)[0])
        elif kind == _SHARED_ITEM:
            lengths.append((end - begin) // 2)
            check_strings(len(lengths))
    return lengths


def _listed_sheets(parts: dict[str, bytes]) -> list[tuple[str, str]]:
    """(title, part name) of every sheet that the workbook lists. Raises GuardError."""
    lower = {name.lower(): name for name in parts}
    try:
        book = parts[lower["xl/workbook.bin"]]
    except KeyError as error:
        raise damaged("xl/workbook.bin") from error
    targets = relation_targets(parts, "xl/_rels/workbook.bin.rels")
    found = []
    for kind, begin, end in _records(book):
        if kind != _BUNDLE:
            continue
        record = book[begin:end]
        texts: list[str] = []
        at = 8
        for _ in range(2):
            if len(record) < at + 4:
                raise damaged("工作表目录不完整")
            count = _NUMBER.unpack_from(record, at)[0]
            if count == _NO_SHEET_PART:
                count = 0
            texts.append(record[at + 4 : at + 4 + count * 2].decode("utf-16-le", "replace"))
            at += 4 + count * 2
        if not texts[0]:
            continue
        if texts[0] not in targets:
            raise damaged("工作表目录")
        found.append((texts[1], lower.get(targets[texts[0]].lower(), "")))
    return found


def _with_plain_dates(name: str, part: bytes) -> bytes:
    """The part; formats with Chinese date formats replaced by one that the reader knows."""
    if name.lower() != "xl/styles.bin":
        return part
    changed = bytearray(part)
    for kind, begin, end in _records(part):
        if kind == _FORMAT and end - begin >= 4 and _WORD.unpack_from(part, begin + 2)[0] in CHINESE_DATES:
            _WORD.pack_into(changed, begin + 2, PLAIN_DATE)
    return bytes(changed)


def prepare(file: GuardedFile) -> tuple[bytes, dict[str, Scanned]]:
    """The bytes that the reader may have, and what was found by sheet title. Raises GuardError."""
    lengths = _shared_lengths(file.parts)
    extents: list[tuple[str, Extent]] = []
    found: dict[str, Scanned] = {}
    for title, name in _listed_sheets(file.parts):
        if name not in file.parts:
            raise damaged(f"缺少“{title}”表的内容")
        extent, trouble = _scan_sheet(file.parts[name], lengths)
        extents.append((title, extent))
        found[title] = Scanned(trouble, tuple(extent.merged))
    check_extents(extents)
    parts = {name: part for name, part in file.parts.items() if name.lower().endswith((".bin", ".rels", "types].xml"))}
    return pack({name: _with_plain_dates(name, part) for name, part in parts.items()}), found


def counts_from_1904(file: GuardedFile) -> bool:
    """Whether the workbook says that its day 0 is 1904-01-01. Raises GuardError."""
    book = next((content for name, content in file.parts.items() if name.lower() == "xl/workbook.bin"), b"")
    flags = (book[begin] for kind, begin, end in _records(book) if kind == _BOOK_PROPERTIES and end > begin)
    return any(first & 1 for first in flags)
