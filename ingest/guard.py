"""Looks at a file's bytes and its zip directory before any reader touches it.

Costs about 5 ms. A file that passes cannot make the reader take much memory or time by the known tricks: bombs,
lying sizes, far-away cells, entity expansion, traversing or doubled members, encrypted parts, exotic encodings.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field

from ingest.filekind import ENCRYPTED, WORKBOOK_KINDS, ZIP_MAGIC, FileKind, sniff, zip_kind
from ingest.settings import limits
from ingest.text import column_index
from ingest.zipparts import LyingMemberError, inflate, open_directory

_ENCRYPTED_FLAG = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml$", re.IGNORECASE)
_XML_PART = re.compile(r"\.(?:xml|rels|vml)$", re.IGNORECASE)
_CELL_REF = re.compile(rb"<(?:\w+:)?c\b[^>]*?\sr\s*=\s*[\"']([^\"']*)[\"'][^>]*?(/?)>", re.DOTALL)
#: A row of eight or more digits, a cell of three or more letters or five or more digits: rare, so looked at one by one.
#: Both patterns begin with a literal, which makes them ten times faster than one that allows for every spelling.
_SUSPECT = re.compile(rb' r="(?:[A-Za-z]{3,}\d|[A-Za-z]{1,2}\d{5,}|\d{8})')
_SUSPECT_ODD = re.compile(rb"\sr\s*=\s*[\"']\s*(?:[A-Za-z]{3,}\d|[A-Za-z]{1,2}\d{5,}|\d{8})")
#: Spellings of the attribute that Excel and WPS never write.
_ODD_SPELLINGS = (b"r='", b"r =", b"r= ", b"\tr=", b"\nr=", b"\rr=", b"r=\n", b"r=\t", b'r=" ')
_FAR_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\sr\s*=\s*[\"']\s*\d{8}")
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
_PLAIN_ENCODINGS = (b"utf-8", b"utf8", b"us-ascii", b"ascii")


class GuardError(Exception):
    """The file cannot be taken. ``code`` is an issue code, ``details`` fill its message."""

    def __init__(self, code: str, **details: str) -> None:
        """``code`` is an issue code; ``details`` are the placeholders of its texts."""
        super().__init__(code, details)
        self.code = code
        self.details = details


@dataclass(frozen=True)
class GuardedFile:
    """A file that may be read: its kind and, for xlsx, its XML parts unzipped (member name -> bytes)."""

    kind: FileKind
    data: bytes
    parts: dict[str, bytes] = field(default_factory=dict)

    @property
    def sheet_parts(self) -> dict[str, bytes]:
        """The parts that hold cells."""
        return {name: part for name, part in self.parts.items() if _SHEET_PART.search(name)}


def _megabytes(size: int) -> str:
    return f"{size / 1048576:.1f} MB"


def _hostile(reason_zh: str) -> GuardError:
    return GuardError("workbook_hostile", expected=reason_zh)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    limit = limits()["guard"]
    if len(members) > limit["max_members"]:
        raise _hostile(f"内部文件多达 {len(members)} 个")
    seen: set[str] = set()
    for member in members:
        name = member.filename
        lowered = name.lower()
        if lowered in seen:
            raise _hostile("内部有同名文件")
        seen.add(lowered)
        if len(name) > limit["max_member_name_chars"] or "\x00" in member.orig_filename:
            raise _hostile("内部文件名异常")
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/"):
            raise _hostile("内部文件名指向文件之外")
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise GuardError("workbook_encrypted", kind="加密的压缩包")
        if member.compress_type not in _METHODS:
            raise _hostile("内部使用了不支持的压缩方式")
        if member.file_size > limit["ratio_free_bytes"] and member.file_size > limit["max_ratio"] * max(
            member.compress_size, 1
        ):
            raise _hostile("压缩比异常")
    if sum(member.file_size for member in members) > limit["max_declared_bytes"]:
        raise _hostile("解压后过大")
    _check_overlap(members)


def _check_overlap(members: list[zipfile.ZipInfo]) -> None:
    """Members that share their bytes unzip to far more than the file holds."""
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < end:
            raise _hostile("内部文件相互重叠")
        end = member.header_offset + 30 + len(member.filename) + member.compress_size


def _check_xml(content: bytes) -> None:
    head = content[:1024]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head[:64]:
        raise _hostile("内部 XML 不是 UTF-8 编码")
    declared = _ENCODING.search(head)
    if declared and declared.group(1).lower() not in _PLAIN_ENCODINGS:
        raise _hostile("内部 XML 不是 UTF-8 编码")
    # Legacy drawings may carry a DTD-free VML only; no part of a workbook needs a document type.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<!doctype" in head:
        raise _hostile("内部 XML 带有 DTD 定义")


def _has_value(content: bytes, end: int, closed: bytes) -> bool:
    """Whether the cell whose tag ends at ``end`` holds something; a formatted empty cell far away is harmless."""
    if closed:
        return False
    rest = content[end : end + 40].lstrip()
    return not re.match(rb"</(?:\w+:)?c\s*>", rest)


def _check_addresses(content: bytes) -> None:
    limit = limits()["guard"]
    is_odd = any(spelling in content for spelling in _ODD_SPELLINGS)
    if not (_SUSPECT_ODD if is_odd else _SUSPECT).search(content):
        return
    if _FAR_ROW.search(content):
        raise _hostile("行号异常")
    max_row = max_column = 0
    for match in _CELL_REF.finditer(content):
        parts = re.fullmatch(rb"([A-Za-z]{1,12})(\d{1,30})", match.group(1))
        if parts is None:
            raise _hostile("单元格地址异常")
        letters, digits = parts.group(1).decode(), int(parts.group(2))
        column = column_index(letters) + 1
        if column > 16384 or digits > 1048576 or digits == 0:
            raise _hostile("单元格地址异常")
        if _has_value(content, match.end(), match.group(2)):
            max_row, max_column = max(max_row, digits), max(max_column, column)
    if (
        max_row > limit["max_rows"]
        or max_column > limit["max_columns"]
        or max_row * max_column > limit["max_area_cells"]
    ):
        raise GuardError("workbook_hostile", expected=f"有内容的单元格远在第 {max_row} 行、第 {max_column} 列")


def _read_parts(data: bytes, members: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    limit = limits()["guard"]
    parts: dict[str, bytes] = {}
    total = 0
    for member in members:
        if not _XML_PART.search(member.filename):
            continue
        total += member.file_size
        if member.file_size > limit["max_part_bytes"] or total > limit["max_total_bytes"]:
            raise _hostile("解压后过大")
        try:
            content = inflate(data, member)
        except LyingMemberError as error:
            raise GuardError("workbook_damaged", expected=member.filename) from error
        _check_xml(content)
        parts[member.filename] = content
    return parts


def _check_sheets(parts: dict[str, bytes]) -> None:
    limit = limits()["guard"]
    sheets = [content for name, content in parts.items() if _SHEET_PART.search(name)]
    # A workbook may also list one part under thousands of names.
    listed = next(content for name, content in parts.items() if name.lower() == "xl/workbook.xml").count(b"sheet ")
    if max(len(sheets), listed) > limit["max_sheets"]:
        raise _hostile(f"工作表多达 {max(len(sheets), listed)} 张")
    for content in sheets:
        if content.count(b"mergeCell ") > limit["max_merged_ranges"]:
            raise _hostile("合并单元格过多")
        _check_addresses(content)


def _guard_zip(data: bytes) -> GuardedFile:
    try:
        directory = open_directory(data)
        members = directory.infolist()
        _check_members(members)
        kind = zip_kind(directory)
    except zipfile.BadZipFile as error:
        raise GuardError("workbook_damaged", expected="压缩结构") from error
    if kind.code not in WORKBOOK_KINDS:
        raise GuardError("not_a_workbook", kind=kind.name_zh)
    parts = _read_parts(data, members)
    if kind is WORKBOOK_KINDS["xlsx"]:
        if not any(name.lower() == "xl/workbook.xml" for name in parts):
            raise GuardError("workbook_damaged", expected="xl/workbook.xml")
        _check_sheets(parts)
    return GuardedFile(kind, data, parts)


def check_size(size: int) -> None:
    """Refuse a file by its size in bytes alone, before it is read. Raises GuardError."""
    limit = limits()["guard"]["max_file_bytes"]
    if size > limit:
        raise GuardError("file_too_large", raw=_megabytes(size), expected=_megabytes(limit))


def guard(data: bytes) -> GuardedFile:
    """Check ``data`` before it is parsed; the content decides what it is, never a name. Raises GuardError."""
    check_size(len(data))
    if not data.strip(b"\x00 \r\n\t"):
        raise GuardError("file_empty")
    if data.startswith(ZIP_MAGIC):
        return _guard_zip(data)
    kind = sniff(data)
    if kind is ENCRYPTED:
        raise GuardError("workbook_encrypted", kind=kind.name_zh)
    if kind.code not in WORKBOOK_KINDS:
        raise GuardError("not_a_workbook", kind=kind.name_zh)
    return GuardedFile(kind, data)
