"""Looks at a file's bytes and its zip directory before any reader touches it.

Costs about 5 ms. A file that passes cannot make the reader take much memory or time by the known tricks: bombs,
lying sizes, far-away cells, entity expansion, traversing or doubled members, encrypted parts, exotic encodings.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field

from ingest.archive import is_member_of_report, unpack_report
from ingest.filekind import ENCRYPTED, READABLE_KINDS, ZIP_MAGICS, FileKind, has_macro_project, sniff, zip_kind
from ingest.guard_xml import SHEET_DATA, check_shared_texts, check_sheets, check_xml
from ingest.refusal import GuardError, damaged, hostile
from ingest.relations import relation_targets
from ingest.settings import limits
from ingest.zipparts import LyingMemberError, inflate, member_name, open_directory

__all__ = ["GuardError", "GuardedFile", "check_size", "guard"]

_ENCRYPTED_FLAG = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_XML_PART = re.compile(r"\.(?:xml|rels|vml)$", re.IGNORECASE)
#: Parts of a binary workbook that hold cells, texts and formats; what is embedded in it is never read.
_BINARY_PART = re.compile(r"xl/(?:workbook|sharedstrings|styles|worksheets/[^/]+)\.bin$", re.IGNORECASE)
_MACRO_SHEET = re.compile(r"xl/macrosheets/", re.IGNORECASE)
#: What other programs keep in a workbook for themselves, in whatever encoding.
_NEVER_READ = ("customXml/",)
_MACROS = re.compile(r"(?:^|/)vbaproject\.bin$", re.IGNORECASE)


@dataclass(frozen=True)
class GuardedFile:
    """A file that may be read.

    ``parts`` holds the unzipped parts of a workbook (member name -> bytes), or the files of a zipped report.
    """

    kind: FileKind
    data: bytes
    parts: dict[str, bytes] = field(default_factory=dict)
    has_macros: bool = False

    @property
    def sheet_parts(self) -> dict[str, bytes]:
        """The parts that hold cells, whatever their names."""
        return {name: part for name, part in self.parts.items() if SHEET_DATA in part}


def _megabytes(size: int) -> str:
    return f"{size / 1048576:.1f} MB"


def check_members(members: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip by its directory alone: number, names, encryption, ratio, overlap. Raises GuardError."""
    limit = limits()["guard"]
    if len(members) > limit["max_members"]:
        raise hostile(f"内部文件多达 {len(members)} 个")
    seen: set[str] = set()
    for member in members:
        name = member_name(member)
        if name.lower() in seen:
            raise hostile("内部有同名文件")
        seen.add(name.lower())
        if len(name) > limit["max_member_name_chars"] or "\x00" in member.orig_filename:
            raise hostile("内部文件名异常")
        if name.startswith("/") or ":" in name or ".." in name.split("/"):
            raise hostile("内部文件名指向文件之外")
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise GuardError("workbook_encrypted", kind="加密的压缩包")
        if member.compress_type not in _METHODS:
            raise hostile("内部使用了不支持的压缩方式")
        if member.file_size > limit["ratio_free_bytes"] and member.file_size > limit["max_ratio"] * max(
            member.compress_size, 1
        ):
            raise hostile("压缩比异常")
    if sum(member.file_size for member in members) > limit["max_declared_bytes"]:
        raise hostile("解压后过大")
    _check_overlap(members)


def _check_overlap(members: list[zipfile.ZipInfo]) -> None:
    """Members that share their bytes unzip to far more than the file holds."""
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < end:
            raise hostile("内部文件相互重叠")
        end = member.header_offset + 30 + len(member.orig_filename) + member.compress_size


class _Parts:
    """Unzips members of one file, never more than the limits allow in all."""

    def __init__(self, data: bytes, members: list[zipfile.ZipInfo]) -> None:
        self.found: dict[str, bytes] = {}
        self._data = data
        self._members = {member_name(member): member for member in members if not member.is_dir()}
        self._names = {name.lower(): name for name in self._members}
        self._total = 0

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def add(self, name: str) -> None:
        """Unzip one member, whatever the case of its name; one that is not there is left to the reader."""
        actual = self._names.get(name.lower())
        if actual is None or actual in self.found:
            return
        member = self._members[actual]
        limit = limits()["guard"]
        self._total += member.file_size
        if member.file_size > limit["max_part_bytes"] or self._total > limit["max_total_bytes"]:
            raise hostile("解压后过大")
        try:
            self.found[actual] = inflate(self._data, member)
        except LyingMemberError as error:
            raise damaged(actual) from error


def _read_office(kind: FileKind, data: bytes, parts: _Parts) -> GuardedFile:
    """The parts of a zipped workbook, each looked through before a reader sees it."""
    if kind.code == "ods":
        parts.add("META-INF/manifest.xml")
        if any(b"encryption-data" in content for content in parts.found.values()):
            raise GuardError("workbook_encrypted")
    for name in parts.names:
        if name.startswith(_NEVER_READ):
            continue
        if _XML_PART.search(name) or (kind.code == "xlsb" and _BINARY_PART.match(name)):
            parts.add(name)
            if _XML_PART.search(name):
                check_xml(parts.found[name])
    if any(_MACRO_SHEET.match(name) for name in parts.names):
        raise hostile("含有 Excel 4.0 宏表")
    if kind.code == "xlsx":
        # A relation may point to a sheet under any name.
        for target in relation_targets(parts.found, "xl/_rels/workbook.xml.rels").values():
            is_new = target not in parts.found
            parts.add(target)
            if is_new and SHEET_DATA in parts.found.get(target, b""):
                check_xml(parts.found[target])
        if not any(name.lower().endswith("workbook.xml") for name in parts.found):
            raise damaged("xl/workbook.xml")
        check_sheets(parts.found)
        check_shared_texts(parts.found)
    elif kind.code == "xlsb":
        for target in relation_targets(parts.found, "xl/_rels/workbook.bin.rels").values():
            if target.lower().startswith(("xl/worksheets/", "xl/chartsheets/", "xl/dialogsheets/")):
                parts.add(target)
    has_macros = any(_MACROS.search(name) for name in parts.names)
    return GuardedFile(kind, data, parts.found, has_macros)


def _read_archive(kind: FileKind, data: bytes, parts: _Parts) -> GuardedFile:
    """A zip that is no document: the tables of one report, or one workbook."""
    names = [name for name in parts.names if is_member_of_report(name)]
    for name in names:
        parts.add(name)
    inner = unpack_report({name: parts.found[name] for name in names})
    if isinstance(inner, bytes):
        return guard(inner, within_archive=True)
    return GuardedFile(kind, data, inner)


def _guard_zip(data: bytes, within_archive: bool) -> GuardedFile:
    try:
        directory = open_directory(data)
        members = directory.infolist()
        check_members(members)
        kind = zip_kind(directory)
    except zipfile.BadZipFile as error:
        raise damaged("压缩结构不完整，可能没有传完") from error
    if kind.code not in READABLE_KINDS:
        raise GuardError("not_a_workbook", kind=kind.name_zh)
    parts = _Parts(data, members)
    if kind.code != "zip":
        return _read_office(kind, data, parts)
    if within_archive:
        raise GuardError("archive_nested")
    return _read_archive(kind, data, parts)


def check_size(size: int) -> None:
    """Refuse a file by its size in bytes alone, before it is read. Raises GuardError."""
    limit = limits()["guard"]["max_file_bytes"]
    if size > limit:
        raise GuardError("file_too_large", raw=_megabytes(size), expected=_megabytes(limit))


def guard(data: bytes, *, within_archive: bool = False) -> GuardedFile:
    """Check ``data`` before it is parsed; the content decides what it is, never a name. Raises GuardError."""
    check_size(len(data))
    if not data.strip(b"\x00 \r\n\t"):
        raise GuardError("file_empty")
    if data.startswith(ZIP_MAGICS):
        return _guard_zip(data, within_archive)
    kind = sniff(data)
    if kind is ENCRYPTED:
        raise GuardError("workbook_encrypted", kind=kind.name_zh)
    if kind.code not in READABLE_KINDS:
        raise GuardError("not_a_workbook", kind=kind.name_zh)
    return GuardedFile(kind, data, has_macros=kind.code == "xls" and has_macro_project(data))
