"""What a file really is, by its content and never by its name."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from dataclasses import dataclass

from ingest.decoding import decode
from ingest.ole import MAGIC as OLE_MAGIC
from ingest.ole import CompoundFile, OleError
from ingest.settings import file_kinds

#: A zip, and one without any member.
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_HEAD = 4096
_LINES = 20


@dataclass(frozen=True)
class FileKind:
    """``code`` is a readable kind (xlsx, csv …), ``encrypted``, or a kind of ``file_kinds.csv``."""

    code: str
    name_zh: str


#: What a report may be.
READABLE_KINDS = {
    "xlsx": FileKind("xlsx", "Excel 工作簿（xlsx）"),
    "xlsb": FileKind("xlsb", "Excel 二进制工作簿（xlsb）"),
    "ods": FileKind("ods", "ODF 表格（ods）"),
    "xls": FileKind("xls", "Excel 97-2003 工作簿（xls）"),
    "csv": FileKind("csv", "文本表格（CSV）"),
    "json": FileKind("json", "JSON 数据文件"),
    "zip": FileKind("zip", "压缩包（ZIP）"),
}
ENCRYPTED = FileKind("encrypted", "加密的工作簿")
UNKNOWN = FileKind("unknown", "无法识别的文件")
DBF = FileKind("dbf", "dBASE 数据表（DBF）")
LOCK = FileKind("lock", "Excel、WPS 打开文件时的临时文件（文件名以“~$”开头）")
_DBF_VERSIONS = (0x03, 0x30, 0x31, 0x43, 0x83, 0x8B, 0xF5)
_DBF_FIELD_BYTES = 32
#: What Excel and WPS put beside an open file: the user's name, its length before it, padded with spaces.
_LOCK_BYTES, _LOCK_NAME_BYTES = 165, 54


def _named(row: dict[str, str]) -> FileKind:
    return FileKind(row["kind"], row["name_zh"])


def _ole_names(data: bytes) -> list[str] | None:
    """Names right below the root; None when the container is broken."""
    try:
        return CompoundFile(data).names
    except OleError:
        return None


def _ole_kind(data: bytes) -> FileKind:
    names = _ole_names(data)

    def has(name: str) -> bool:
        if names is None:
            return name.encode("utf-16-le") in data
        return name.lower() in (one.lower() for one in names)

    if has("EncryptedPackage"):
        return ENCRYPTED
    # BIFF 5 calls its stream Book, BIFF 8 (also .et) Workbook.
    if names is not None and (has("Workbook") or has("Book")):
        return READABLE_KINDS["xls"]
    for row in file_kinds():
        if row["container"] == "ole" and has(row["pattern"]):
            return _named(row)
    if has("Workbook") or has("Book"):
        return READABLE_KINDS["xls"]
    return FileKind("ole", "其他 Office 旧版文件")


def _mime_type(directory: zipfile.ZipFile) -> bytes:
    try:
        return directory.open("mimetype").read(100)
    except (KeyError, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        return b""


def has_macro_project(data: bytes) -> bool:
    """Whether an xls carries macros."""
    return "_VBA_PROJECT_CUR" in (_ole_names(data) or ())


def zip_kind(directory: zipfile.ZipFile) -> FileKind:
    """Kind of a zip by the members that its format demands."""
    names = {member.filename.replace("\\", "/").lstrip("/") for member in directory.infolist()}
    lower = {name.lower() for name in names}
    if "xl/workbook.bin" in lower:
        return READABLE_KINDS["xlsb"]
    has_sheets = any(name.startswith("xl/") or name.endswith("workbook.xml") for name in lower)
    if "[content_types].xml" in lower and has_sheets:
        return READABLE_KINDS["xlsx"]
    if "content.xml" in lower and "mimetype" in lower:
        return (
            READABLE_KINDS["ods"]
            if b"spreadsheet" in _mime_type(directory)
            else FileKind("odf", "ODF 文档（不是表格）")
        )
    for row in file_kinds():
        if row["container"] == "zip" and row["pattern"].lower() in lower:
            return _named(row)
    if lower & {"[content_types].xml", "meta-inf/manifest.xml"}:
        return FileKind("office", "残缺的 Office 文档")
    return READABLE_KINDS["zip"]


def _head_text(data: bytes) -> str | None:
    """Beginning of a text file; None when it is none. The head may end within a character."""
    head = data[:_HEAD]
    if len(data) <= _HEAD:
        return decode(head)
    width = 4 if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else 1
    cuts = (head[: _HEAD - left] for left in range(0, 8, 1 if width == 1 else 2))
    return next((text for cut in cuts if (text := decode(cut)) is not None), None)


def _text_kind(data: bytes) -> FileKind | None:
    text = _head_text(data)
    low = (text if text is not None else data[:_HEAD].decode("latin-1")).lower().lstrip()
    for row in file_kinds():
        if row["container"] != "text":
            continue
        if low.startswith(row["pattern"]) if row["where"] == "start" else row["pattern"] in low:
            return READABLE_KINDS.get(row["kind"]) or _named(row)
    if text is None:
        has_controls = any(byte < 9 or 13 < byte < 26 for byte in data[:_HEAD])
        return None if has_controls else FileKind("other_text", "文字编码不明的文本（应为 UTF-8 或 GB18030）")
    lines = [line for line in text.splitlines() if line.strip()][:_LINES]
    tabular = sum(any(mark in line for mark in ",\t;") for line in lines)
    return READABLE_KINDS["csv"] if tabular * 2 > len(lines) else FileKind("text", "纯文本文件")


def _is_dbf(data: bytes) -> bool:
    """Whether this is a table of dBASE or FoxPro: version, date, and a list of fields that ends where it says."""
    if len(data) <= _DBF_FIELD_BYTES or data[0] not in _DBF_VERSIONS:
        return False
    is_date = 1 <= data[2] <= 12 and 1 <= data[3] <= 31
    size = int.from_bytes(data[8:10], "little")
    fields = data[_DBF_FIELD_BYTES:size].partition(b"\r")[0]
    return is_date and len(data) >= size > len(fields) > 0 and len(fields) % _DBF_FIELD_BYTES == 0


def _is_lock(data: bytes) -> bool:
    name = data[1 : data[0] + 1] if data else b""
    padding = data[len(name) + 1 : _LOCK_NAME_BYTES]
    return len(data) == _LOCK_BYTES and bool(name) and bool(padding) and not padding.strip(b" \x00")


def sniff(data: bytes) -> FileKind:
    """Kind of ``data`` that does not begin like a zip."""
    if data.startswith(OLE_MAGIC):
        return _ole_kind(data)
    for row in file_kinds():
        at = int(row["where"]) if row["where"].isdigit() else 0
        if row["container"] == "bytes" and data.startswith(bytes.fromhex(row["pattern"]), at):
            return _named(row)
    if _is_dbf(data):
        return DBF
    return _text_kind(data) or (LOCK if _is_lock(data) else UNKNOWN)
