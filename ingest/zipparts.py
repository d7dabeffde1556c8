"""Reading members of a zip without trusting what its directory says."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

_UTF8_FLAG = 0x800
_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")


class LyingMemberError(Exception):
    """A member unzips to another size than the directory states, or its data cannot be unzipped."""


def open_directory(data: bytes) -> zipfile.ZipFile:
    """The zip's central directory; raises zipfile.BadZipFile (also for what zipfile raises otherwise)."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (ValueError, OverflowError, struct.error, NotImplementedError, OSError, UnicodeError) as error:
        raise zipfile.BadZipFile(str(error)) from error


def member_name(member: zipfile.ZipInfo) -> str:
    """Name of ``member`` with slashes; names without the mark of UTF-8 are read as UTF-8, then as GB18030."""
    name = member.filename
    if not name.isascii() and not member.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", "replace")
        name = _decoded(raw, "utf-8") or _decoded(raw, "gb18030") or name
    return name.replace("\\", "/")


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def inflate(data: bytes, member: zipfile.ZipInfo) -> bytes:
    """Bytes of ``member``, never more than its stated size plus one; raises LyingMemberError."""
    start = member.header_offset
    header = data[start : start + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise LyingMemberError(member.filename)
    fields = _LOCAL_HEADER.unpack(header)
    begin = start + _LOCAL_HEADER.size + fields[9] + fields[10]
    content = _unpacked(memoryview(data)[begin : begin + member.compress_size], member)
    if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
        raise LyingMemberError(member.filename)
    return content


def _unpacked(packed: memoryview, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type == zipfile.ZIP_STORED:
        return bytes(packed)
    stream = zlib.decompressobj(-15)
    try:
        content = stream.decompress(packed, member.file_size + 1)
        # A stream that has given all its bytes may still hold its end mark back.
        if len(content) == member.file_size and not stream.eof and stream.decompress(stream.unconsumed_tail, 1):
            raise LyingMemberError(member.filename)
    except zlib.error as error:
        raise LyingMemberError(member.filename) from error
    return content


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A plain zip of ``parts``, not compressed: what a reader gets instead of a container from outside."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()
