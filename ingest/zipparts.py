"""Reading members of a zip without trusting what its directory says."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")


class LyingMemberError(Exception):
    """A member unzips to another size than the directory states, or its data cannot be unzipped."""


def open_directory(data: bytes) -> zipfile.ZipFile:
    """The zip's central directory; raises zipfile.BadZipFile (also for what zipfile raises otherwise)."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (ValueError, OverflowError, struct.error, NotImplementedError, OSError, UnicodeError) as error:
        raise zipfile.BadZipFile(str(error)) from error


def inflate(data: bytes, member: zipfile.ZipInfo) -> bytes:
    """Bytes of ``member``, never more than its stated size plus one; raises LyingMemberError."""
    start = member.header_offset
    header = data[start : start + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise LyingMemberError(member.filename)
    fields = _LOCAL_HEADER.unpack(header)
    begin = start + _LOCAL_HEADER.size + fields[9] + fields[10]
    packed = memoryview(data)[begin : begin + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        if len(packed) != member.file_size:
            raise LyingMemberError(member.filename)
        return bytes(packed)
    stream = zlib.decompressobj(-15)
    try:
        content = stream.decompress(packed, member.file_size + 1)
    except zlib.error as error:
        raise LyingMemberError(member.filename) from error
    if len(content) != member.file_size or not stream.eof:
        # A stream that has given all its bytes may still hold its end mark back.
        if len(content) == member.file_size and not stream.decompress(stream.unconsumed_tail, 1) and stream.eof:
            return content
        raise LyingMemberError(member.filename)
    return content
