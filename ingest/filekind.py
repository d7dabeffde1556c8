"""What a file really is, by its content and never by its name."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass

from ingest.settings import file_kinds

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_HEAD = 4096


@dataclass(frozen=True)
class FileKind:
    """``code`` is a workbook kind (xlsx, xlsb, ods, xls), ``encrypted``, or a kind of ``file_kinds.csv``."""

    code: str
    name_zh: str


WORKBOOK_KINDS = {
    "xlsx": FileKind("xlsx", "Excel 工作簿（xlsx）"),
    "xlsb": FileKind("xlsb", "Excel 二进制工作簿（xlsb）"),
    "ods": FileKind("ods", "ODF 表格（ods）"),
    "xls": FileKind("xls", "Excel 97-2003 工作簿（xls）"),
}
ENCRYPTED = FileKind("encrypted", "加密的工作簿")
UNKNOWN = FileKind("unknown", "无法识别的文件")


def _named(row: dict[str, str]) -> FileKind:
    return FileKind(row["kind"], row["name_zh"])


def _ole_kind(data: bytes) -> FileKind:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return ENCRYPTED
    for row in file_kinds():
        if row["container"] == "ole" and row["pattern"].encode("utf-16-le") in data:
            return _named(row)
    # BIFF 5 calls its stream Book, BIFF 8 (also .et) Workbook.
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return WORKBOOK_KINDS["xls"]
    return FileKind("ole", "其他 Office 旧版文件")


def zip_kind(directory: zipfile.ZipFile) -> FileKind:
    """Kind of a zip by the members that its format demands."""
    names = {member.filename.lstrip("/") for member in directory.infolist()}
    lower = {name.lower() for name in names}
    if "xl/workbook.bin" in lower:
        return WORKBOOK_KINDS["xlsb"]
    if "[content_types].xml" in lower and any(name.startswith("xl/") for name in lower):
        return WORKBOOK_KINDS["xlsx"]
    if "content.xml" in lower and "mimetype" in lower:
        mime = directory.open("mimetype").read(100) if "mimetype" in names else b""
        return WORKBOOK_KINDS["ods"] if b"spreadsheet" in mime else FileKind("odf", "ODF 文档（不是表格）")
    for row in file_kinds():
        if row["container"] == "zip" and row["pattern"].lower() in lower:
            return _named(row)
    return FileKind("zip", "压缩包（ZIP）")


def _text_kind(data: bytes) -> FileKind | None:
    head = data[:_HEAD]
    for bom, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(bom):
            head = head[2:].decode(encoding, "ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in head:
        return None
    low = head.lower().lstrip()
    for row in file_kinds():
        if row["container"] != "text":
            continue
        pattern = row["pattern"].encode()
        if low.startswith(pattern) if row["where"] == "start" else pattern in low:
            return _named(row)
    for encoding in ("utf-8", "gb18030"):
        try:
            # The head may end within a character.
            text = head.decode(encoding) if len(data) < _HEAD else head[:-8].decode(encoding, "ignore")
        except UnicodeDecodeError:
            continue
        lines = [line for line in text.splitlines() if line.strip()][:5]
        if lines and all(any(mark in line for mark in ",，\t;") for line in lines):
            return FileKind("csv", "文本表格（CSV）")
        return FileKind("text", "纯文本文件")
    return None


def sniff(data: bytes) -> FileKind:
    """Kind of ``data`` that does not begin like a zip."""
    if data.startswith(OLE_MAGIC):
        return _ole_kind(data)
    for row in file_kinds():
        if row["container"] == "bytes" and data.startswith(bytes.fromhex(row["pattern"])):
            return _named(row)
    return _text_kind(data) or UNKNOWN
