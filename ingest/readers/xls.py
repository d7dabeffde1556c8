"""Excel 97-2003 workbooks (xls) and WPS tables (et): the stream of records, looked through before the reader gets it.

Source: [MS-XLS]. What is found here: passwords, cells far away, more cells than a report can have, and cells that
the reader gives as empty (errors). The reader then gets a container of our own making, in which the stated extent of
each sheet is cleared: it would reserve memory for whatever is stated.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.cells import Place, Scanned, Trouble
from ingest.extent import Extent, check_extents, check_strings
from ingest.guard import GuardedFile
from ingest.ole import CompoundFile, OleError, pack_stream
from ingest.readers.xlsx import CHINESE_DATES, PLAIN_DATE
from ingest.refusal import GuardError, damaged

_DATE_1904 = 0x0022
_HEAD = struct.Struct("<HH")
_PLACE = struct.Struct("<HH")
_WORD = struct.Struct("<H")
_RANGE = struct.Struct("<HHHH")
_BOF, _EOF, _FILE_PASS, _BOUND_SHEET, _DIMENSIONS, _SHARED, _FORMAT = (
    0x0809, 0x000A, 0x002F, 0x0085, 0x0200, 0x00FC, 0x00E0,
)  # fmt: skip
_FORMULA, _BOOL_ERROR, _MERGED = 0x0006, 0x0205, 0x00E5
#: Records of one cell: number, label, rich string, boolean or error, RK number, shared string, formula.
_SINGLE = frozenset((0x0203, 0x0204, 0x00D6, _BOOL_ERROR, 0x027E, 0x00FD, _FORMULA))
_MULTIPLE_RK = 0x00BD
#: Stands over a record that the reader shall skip.
_NO_RECORD = b"\xff\xff"
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


@dataclass
class _Sheet:
    """What the records of one sheet come to."""

    extent: Extent = field(default_factory=Extent)
    trouble: dict[Place, Trouble] = field(default_factory=dict)
    dimensions: list[int] = field(default_factory=list)


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """(kind, begin, end) of the records from ``start`` to the end mark of their part, nested parts left out."""
    at, depth = start, 0
    while at + 4 <= len(stream):
        kind, length = _HEAD.unpack_from(stream, at)
        begin, at = at + 4, at + 4 + length
        if at > len(stream):
            raise damaged("数据不完整")
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth <= 1:
            yield kind, begin, at
    raise damaged("数据不完整")


def _error_code(kind: int, record: bytes) -> int | None:
    """The error that a cell holds, None when it holds none."""
    if kind == _BOOL_ERROR and len(record) >= 8 and record[7]:
        return record[6]
    if kind == _FORMULA and len(record) >= 14 and record[12:14] == b"\xff\xff" and record[6] == 2:
        return record[8]
    return None


def _scan_sheet(stream: bytes, start: int) -> _Sheet:
    sheet = _Sheet()
    for kind, begin, end in _records(stream, start):
        if kind in _SINGLE:
            if end - begin < 6:
                raise damaged("单元格记录不完整")
            row, column = _PLACE.unpack_from(stream, begin)
            sheet.extent.add(row, column)
            if kind in (_BOOL_ERROR, _FORMULA):
                code = _error_code(kind, stream[begin : begin + 14])
                if code is not None:
                    sheet.trouble[row, column] = Trouble("formula_error", ERRORS.get(code, "#N/A"))
        elif kind == _MULTIPLE_RK:
            if end - begin < 6:
                raise damaged("单元格记录不完整")
            row, column = _PLACE.unpack_from(stream, begin)
            sheet.extent.add(row, column + max(0, (end - begin - 6) // 6 - 1), max(1, (end - begin - 6) // 6))
        elif kind == _MERGED:
            for first, last, left, right in _RANGE.iter_unpack(stream[begin + 2 : end - (end - begin - 2) % 8]):
                sheet.extent.merge((first, left), (last, right))
        elif kind == _DIMENSIONS:
            sheet.dimensions.append(begin - _HEAD.size)
    return sheet


def _bound_sheets(stream: bytes) -> list[tuple[int, str]]:
    """(start, name) of every sheet that the workbook lists. Raises GuardError, also for a password."""
    found: list[tuple[int, str]] = []
    for kind, begin, end in _records(stream, 0):
        record = stream[begin:end]
        if kind == _FILE_PASS:
            raise GuardError("workbook_encrypted")
        if kind == _SHARED and len(record) >= 8:
            check_strings(struct.unpack_from("<I", record, 4)[0])
        if kind == _BOUND_SHEET:
            if len(record) < 8:
                raise damaged("工作表目录不完整")
            is_wide = record[7] & 1
            # BIFF 5 has no such flag: its byte names are longer than what is left after one.
            is_named = len(record) == 8 + record[6] * (2 if is_wide else 1)
            name = record[8:].decode("utf-16-le" if is_wide else "latin-1", "replace") if is_named else ""
            found.append((struct.unpack_from("<I", record)[0], name.replace("\x00", "")))
    return found


def _open(data: bytes) -> bytes:
    try:
        return CompoundFile(data).stream("Workbook", "Book")
    except OleError as error:
        raise damaged("OLE 结构") from error


def prepare(file: GuardedFile) -> tuple[bytes, dict[str, Scanned]]:
    """The bytes that the reader may have, and what was found by sheet title. Raises GuardError."""
    stream = _open(file.data)
    if len(stream) < 4 or _HEAD.unpack_from(stream)[0] != _BOF:
        raise damaged("工作簿的开头")
    listed = _bound_sheets(stream)
    scanned: dict[int, _Sheet] = {}
    for start, _ in listed:
        if start >= len(stream):
            raise damaged("工作表目录指向文件之外")
        if start not in scanned:
            scanned[start] = _scan_sheet(stream, start)
    check_extents([(name, scanned[start].extent) for start, name in listed])
    changed = bytearray(stream)
    for kind, begin, end in _records(stream, 0):
        if kind == _FORMAT and end - begin >= 4 and _WORD.unpack_from(stream, begin + 2)[0] in CHINESE_DATES:
            _WORD.pack_into(changed, begin + 2, PLAIN_DATE)
    for sheet in scanned.values():
        for at in sheet.dimensions:
            changed[at : at + 2] = _NO_RECORD
    found = {name: Scanned(scanned[start].trouble) for start, name in listed if scanned[start].trouble}
    return pack_stream("Workbook", bytes(changed)), found


def counts_from_1904(file: GuardedFile) -> bool:
    """Whether the workbook says that its day 0 is 1904-01-01. Raises GuardError."""
    stream = _open(file.data)
    return any(kind == _DATE_1904 and stream[begin:end][:1] == b"\x01" for kind, begin, end in _records(stream, 0))
