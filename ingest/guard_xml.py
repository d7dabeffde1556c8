"""The XML parts of an xlsx, looked through before they are parsed: encodings, DTDs, addresses, merged ranges, texts."""

from __future__ import annotations

import re
from collections import Counter
from xml.parsers import expat

from ingest.cells import Place
from ingest.extent import Extent, check_extents, check_strings
from ingest.refusal import damaged, hostile
from ingest.settings import limits
from ingest.text import column_index

#: What every sheet holds, whatever the name of its part or its prefix.
SHEET_DATA = b"sheetData"
_LAST_ROW, _LAST_COLUMN = 1048576, 16384
#: A cell or a row that does not begin with its address, which it may leave out; Excel and WPS always write it first.
_UNADDRESSED = re.compile(rb'<(?:c|row)(?:[>/\t\r\n]| (?!r="))')
#: A row of eight or more digits, a cell of three or more letters or five or more digits, or of two letters and four
#: digits: rare, so such sheets are looked at cell by cell. The patterns begin with a literal, which makes them ten
#: times faster than ones that allow for every spelling.
_SUSPECT = re.compile(rb'r="(?:[A-Za-z]{3,}\d|[A-Za-z]{2}\d{4,}|[A-Za-z]\d{5,}|\d{8})')
#: Spellings of the attribute, and a prefix, that Excel and WPS never write.
_ODD_SPELLINGS = (b"r='", b"r =", b"r= ", b"r=\n", b"r=\t", b"r=\r", b'r=" ', b":sheetData")
_ADDRESS = re.compile(r"([A-Za-z]{1,12})(\d{1,30})")
_RANGE = re.compile(rb'mergeCell [^>]*?ref\s*=\s*["\']([A-Za-z]{1,12}\d{1,30})(?::([A-Za-z]{1,12}\d{1,30}))?["\']')
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
_PLAIN_ENCODINGS = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_UNIQUE_COUNT = re.compile(rb"uniqueCount\s*=\s*[\"']\s*\+?(\d{1,30})")
_ITEM_END = re.compile(rb"</(?:\w+:)?si>")
_SHARED_CELL = re.compile(rb'\st\s*=\s*["\']s["\'][^>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})\s*<')


def check_xml(content: bytes) -> None:
    """Refuse a part that is not plain UTF-8 or defines a document type. Raises GuardError."""
    head = content[:1024]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:64]:
        raise hostile("内部 XML 不是 UTF-8 编码")
    declared = _ENCODING.search(head)
    if declared and declared.group(1).lower() not in _PLAIN_ENCODINGS:
        raise hostile("内部 XML 不是 UTF-8 编码")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] not in (b"<", b""):
        raise damaged("内部 XML 不完整")
    # Legacy drawings may carry a DTD-free VML only; no part of a workbook needs a document type.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<!doctype" in head:
        raise hostile("内部 XML 带有 DTD 定义")


def _place(reference: str) -> Place:
    found = _ADDRESS.fullmatch(reference.strip())
    if found is None:
        raise hostile("单元格地址异常")
    row, column = int(found[2]) - 1, column_index(found[1])
    if not 0 <= row < _LAST_ROW or column >= _LAST_COLUMN:
        raise hostile("单元格地址异常")
    return row, column


class _Walker:
    """Walks the cells of one sheet and counts those that hold something; a formatted empty cell is harmless."""

    def __init__(self) -> None:
        self.extent = Extent()
        self._row = self._column = -1
        self._is_cell = self._has_value = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            stated = attributes.get("r", "").strip()
            if stated and not (stated.isascii() and stated.isdigit() and len(stated) < 8):
                raise hostile("行号异常")
            self._row = int(stated) - 1 if stated else self._row + 1
            self._column = -1
        elif name == "c":
            self._is_cell, self._has_value = True, False
            if "r" in attributes:
                self._row, self._column = _place(attributes["r"])
            else:
                self._column += 1
        elif self._is_cell:
            self._has_value = True

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "c":
            self._is_cell = False
            if self._has_value:
                self.extent.add(max(self._row, 0), self._column)


def _walk(content: bytes) -> Extent:
    walker = _Walker()
    parser = expat.ParserCreate()
    parser.StartElementHandler = walker.start
    parser.EndElementHandler = walker.end
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise damaged("内部 XML 不完整") from error
    return walker.extent


def _check_addresses(content: bytes) -> None:
    """Look at every cell of a sheet that has an unusual address, an unusual spelling, or cells without an address."""
    is_odd = any(spelling in content for spelling in _ODD_SPELLINGS) or _UNADDRESSED.search(content)
    if is_odd or _SUSPECT.search(content):
        check_extents([("", _walk(content))])


def _check_merged(content: bytes) -> None:
    if content.count(b"mergeCell ") > limits()["guard"]["max_merged_ranges"]:
        raise hostile("合并单元格过多")
    extent = Extent()
    for first, last in _RANGE.findall(content):
        extent.merge(_place(first.decode()), _place((last or first).decode()))


def check_sheets(parts: dict[str, bytes]) -> None:
    """Refuse sheets that are too many or reach too far. Raises GuardError."""
    limit = limits()["guard"]
    sheets = [content for content in parts.values() if SHEET_DATA in content]
    # A workbook may also list one part under thousands of names.
    listed = max(content.count(b"sheet ") for name, content in parts.items() if name.lower().endswith("workbook.xml"))
    if max(len(sheets), listed) > limit["max_sheets"]:
        raise hostile(f"工作表多达 {max(len(sheets), listed)} 张")
    cells = 0
    for content in sheets:
        cells += content.count(b"<c ")
        if cells > limit["max_cells"]:
            raise hostile(f"单元格超过 {limit['max_cells']} 个")
        _check_merged(content)
        _check_addresses(content)


def check_shared_texts(parts: dict[str, bytes]) -> None:
    """Refuse texts whose stated number, or whose length times their use, would fill the memory. Raises GuardError."""
    tables = [content for content in parts.values() if b"sst" in content and b"si>" in content]
    for content in tables:
        for stated in _UNIQUE_COUNT.findall(content):
            check_strings(int(stated))
    lengths = [len(text) for content in tables for text in _ITEM_END.split(content)]
    sheets = [content for content in parts.values() if SHEET_DATA in content]
    users = sum(content.count(b'"s"') + content.count(b"'s'") for content in sheets)
    most = limits()["guard"]["max_text_chars"]
    if max(lengths, default=0) * users <= most:
        return
    numbers = Counter(number for content in sheets for number in _SHARED_CELL.findall(content))
    used = sum(lengths[int(number)] * count for number, count in numbers.items() if int(number) < len(lengths))
    if used > most:
        raise hostile("同一段文字重复过多，总量过大")
