"""The ``.xlsx`` package as parts: what is the same in every workbook is compressed once, values go into the XML.

xlsxwriter needs some 50 ms for a form of 17 sheets with its notes and validations, and all but the values is the same
each time. So the blank workbook is written once, and a filled one is the blank with cells put in: 4 ms.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name

YES_NO = ("是", "否")

#: Day 0 of Excel's calendar for all dates after February 1900.
EXCEL_EPOCH = date(1899, 12, 30)
SHEET_DATA_END = "</sheetData>"
DIMENSION = re.compile(r'<dimension ref="[^"]*"/>')
#: Characters that XML cannot hold; the file format writes them as ``_x000B_``.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]")
#: 1980-01-01, the earliest date of a zip entry: the same input must give the same bytes.
ZIP_DATE = 0x21
#: Flag of a name that is UTF-8.
ZIP_UTF8 = 0x800
ZIP_LOCAL = struct.Struct("<4s5H3L2H")
ZIP_CENTRAL = struct.Struct("<4s6H3L5H2L")
ZIP_END = struct.Struct("<4s4H2LH")
#: Compression level of parts that are packed per workbook: nearly as small as 6 in half the time.
QUICK = 3


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula; ``shown`` is its cached result, e.g. ``#REF!``, None where there is none."""

    text: str
    shown: str | float | None


@dataclass(frozen=True)
class Part:
    """One compressed file of the package."""

    name: bytes
    checksum: int
    size: int
    packed: bytes


def pack(name: str, content: bytes, level: int = 9) -> Part:
    """Compress one file of the package."""
    squeezer = zlib.compressobj(level, zlib.DEFLATED, -15)
    packed = squeezer.compress(content) + squeezer.flush()
    return Part(name.encode(), zlib.crc32(content), len(content), packed)


def write_zip(parts: Iterable[Part]) -> bytes:
    """A zip archive of ``parts`` in their order; the standard library cannot write what is compressed already."""
    body, directory, listed = bytearray(), bytearray(), list(parts)
    for part in listed:
        sizes = (part.checksum, len(part.packed), part.size, len(part.name), 0)
        flag = 0 if part.name.isascii() else ZIP_UTF8
        directory += ZIP_CENTRAL.pack(b"PK\1\2", 20, 20, flag, 8, 0, ZIP_DATE, *sizes, 0, 0, 0, 0, len(body))
        directory += part.name
        body += ZIP_LOCAL.pack(b"PK\3\4", 20, flag, 8, 0, ZIP_DATE, *sizes) + part.name + part.packed
    end = ZIP_END.pack(b"PK\5\6", 0, 0, len(listed), len(listed), len(directory), len(body), 0)
    return bytes(body + directory + end)


def read_zip(data: bytes) -> dict[str, bytes]:
    """Content of every file of a package by name, in its order."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


@cache
def _letter(column: int) -> str:
    return str(xl_col_to_name(column))


def _text_cell(address: str, style: int, text: str) -> str:
    if FORBIDDEN.search(text):
        text = FORBIDDEN.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    keep = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t{keep}>{escape(text)}</t></is></c>'


def _formula_cell(address: str, style: int, value: Formula) -> str:
    kind = ""
    if isinstance(value.shown, str):
        kind = ' t="e"' if value.shown.startswith("#") else ' t="str"'
    shown = "" if value.shown is None else f"<v>{escape(str(value.shown))}</v>"
    return f'<c r="{address}" s="{style}"{kind}><f>{escape(value.text.lstrip("="))}</f>{shown}</c>'


def cell_xml(address: str, style: int, value: object) -> str:
    """One cell as the kind that a clerk would have made of ``value``; raises TypeError for what no cell can hold."""
    match value:
        case None:
            return f'<c r="{address}" s="{style}"/>'
        case bool():
            return _text_cell(address, style, YES_NO[not value])
        case str():
            return _text_cell(address, style, value)
        case int() | float() | Decimal():
            return f'<c r="{address}" s="{style}"><v>{value}</v></c>'
        case date():
            return f'<c r="{address}" s="{style}"><v>{value.toordinal() - EXCEL_EPOCH.toordinal()}</v></c>'
        case Formula():
            return _formula_cell(address, style, value)
        case list() | tuple():
            return _text_cell(address, style, "、".join(value))
        case _:
            raise TypeError(f"a cell cannot hold {type(value).__name__}")


@dataclass(frozen=True)
class ListPart:
    """The XML of a register or event sheet, ready for records.

    ``columns`` holds field name, column letter and style of each column; ``first_row`` is the row of the first record.
    """

    name: str
    xml: str
    columns: tuple[tuple[str, str, int], ...]
    first_row: int

    def fill(self, records: Sequence[Mapping[str, object]]) -> Part:
        """The part with ``records`` below the header."""
        lines = []
        for row, record in enumerate(records, start=self.first_row):
            cells = [
                cell_xml(f"{letter}{row}", style, record[name])
                for name, letter, style in self.columns
                if record.get(name) is not None
            ]
            lines.append(f'<row r="{row}">{"".join(cells)}</row>')
        last = self.first_row + len(records) - 1
        head, tail = self.xml.split(SHEET_DATA_END, 1)
        head = DIMENSION.sub(f'<dimension ref="A1:{self.columns[-1][1]}{last}"/>', head, count=1)
        return pack(self.name, f"{head}{''.join(lines)}{SHEET_DATA_END}{tail}".encode(), QUICK)


@dataclass(frozen=True)
class KeyValuePart:
    """The XML of a key-value sheet, cut at its values: ``slots`` holds key, cell address and style of each value."""

    name: str
    pieces: tuple[str, ...]
    slots: tuple[tuple[str, str, int], ...]

    def fill(self, record: Mapping[str, object]) -> Part:
        """The part with the values of ``record`` in column B."""
        cells = (cell_xml(address, style, record.get(key)) for key, address, style in self.slots)
        text = "".join(piece + cell for piece, cell in zip(self.pieces, (*cells, ""), strict=True))
        return pack(self.name, text.encode(), QUICK)


def key_value_part(name: str, xml: str, slots: Sequence[tuple[str, str, int]]) -> KeyValuePart:
    """Cut the XML of a blank key-value sheet at its value cells; raises ValueError when one of them is not there."""
    pieces = []
    rest = xml
    for _, address, style in slots:
        blank = cell_xml(address, style, None)
        before, found, rest = rest.partition(blank)
        if not found:
            raise ValueError(f"{name} has no blank cell {address}")
        pieces.append(before)
    return KeyValuePart(name, (*pieces, rest), tuple(slots))


@cache
def column_letters(count: int) -> tuple[str, ...]:
    """The letters of the first ``count`` columns."""
    return tuple(_letter(column) for column in range(count))
