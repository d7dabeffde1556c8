"""What is no workbook, or a hostile one, is refused before it is parsed, in words that say what it is."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest

from ingest.guard import GuardError, guard
from ingest.settings import limits
from tests.support.workbooks import check, plain_workbook, report_workbook

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600
SHEET = "xl/worksheets/sheet1.xml"


def utf16(name: str) -> bytes:
    """A stream name as an OLE directory holds it."""
    return name.encode("utf-16-le")


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of ``members``."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def rebuilt(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A workbook after its members have been changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    return zipped(members)


def refused(data: bytes) -> GuardError:
    """The guard's refusal of ``data``."""
    with pytest.raises(GuardError) as caught:
        guard(data)
    return caught.value


def small() -> bytes:
    """A small valid workbook."""
    return plain_workbook({"表": [["甲", "乙"], ["丙", 1]]})


def dbf() -> bytes:
    """A table of dBASE III with one field and one line."""
    head = bytes([3, 125, 1, 31, 1, 0, 0, 0, 65, 0, 11, 0]) + bytes(20)
    field = b"NAME".ljust(11, b"\x00") + b"C" + bytes(4) + bytes([10]) + bytes(15)
    return head + field + b"\r" + "沙面街道".encode("gbk").rjust(11) + b"\x1a"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><html><body>1</body></html>", "网页"),
        (b"\xef\xbb\xbf \n<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table></table></html>", "网页"),
        ("<html>中文</html>".encode("utf-16"), "网页"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "XML 表格 2003"),
        (b"%PDF-1.7 x", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "图片"),
        (b"\xff\xd8\xff\xe0....", "图片"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"7z\xbc\xaf\x27\x1c..", "7z"),
        ("请查收本季度报表".encode("gb18030"), "纯文本"),
        (bytes(range(256)) * 4, "无法识别"),
        (zipped({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}), "Word"),
        (zipped({"ppt/presentation.xml": b"<p/>"}), "PPT"),
        (zipped({"OFD.xml": b"<o/>"}), "OFD"),
        (OLE + utf16("WordDocument"), "Word"),
        (b"ID;PWXL;N;E\nC;Y1;X1;K1\nE\n", "SYLK"),
        (bytes.fromhex("000002000604") + bytes(20), "Lotus"),
        (bytes.fromhex("090406000000100000000000"), "Excel 4.0"),
        (b'<?xml version="1.0"?><o:document xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>', "ODF"),
        (b'<?xml version="1.0"?><u:UOF xmlns:u="http://schemas.uof.org/cn/2003/uof"/>', "标文通"),
        (bytes.fromhex("4c0000000114020000000000") + bytes(60), "快捷方式"),
        ("街道,數量\n沙面,1\n".encode("big5") + b"\xff\xff\n", "编码不明"),
        (zipped({"[Content_Types].xml": b"<t/>", "docProps/app.xml": b"<a/>"}), "残缺的 Office"),
        (zipped({"Index.zip": b"PK", "preview.jpg": b"x"}), "Numbers"),
        (b"\r\n%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        (b"<style>" + b".a{color:red}\n" * 1000 + b"</style><table><tr><td>1</td></tr></table>", "网页"),
        (b"From: <Saved by Blink>\r\nSnapshot-Content-Location: x\r\nMIME-Version: 1.0\r\n", "网页归档"),
        (b"[InternetShortcut]\r\nURL=https://example.org/sheet\r\n", "网址快捷方式"),
        (b"[.ShellClassInfo]\r\nIconResource=1\r\n", "desktop.ini"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "视频"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "SVG"),
        (b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(100), "Access"),
        (b"x.xlsx".ljust(257, b"\x00") + b"ustar\x0000" + bytes(248), "TAR"),
        (b"BZh91AY&SY", "BZ2"),
        (b"\x78\x9f\x3e\x22" + bytes(100), "winmail.dat"),
        (dbf(), "DBF"),
        (b"\x04user".ljust(55) + "user".encode("utf-16-le").ljust(110, b" "), "~$"),
    ],
)
def test_what_is_no_workbook_is_called_by_its_name(data: bytes, said: str) -> None:
    error = refused(data)
    assert error.code == "not_a_workbook"
    report = check(data)
    assert (report.state, report.reason, report.exit_code) == ("rejected", "not_a_workbook", 2)
    assert said in report.issues[0].message


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b" \r\n"])
def test_an_empty_file_is_called_empty(data: bytes) -> None:
    assert refused(data).code == "file_empty"


def test_a_file_over_the_limit_is_refused_by_its_size() -> None:
    data = b"PK\x03\x04" + b"x" * limits()["guard"]["max_file_bytes"]
    report = check(data)
    assert report.reason == "file_too_large"
    assert "20.0 MB" in report.issues[0].message


def test_a_password_is_named() -> None:
    assert refused(OLE + utf16("EncryptedPackage")).code == "workbook_encrypted"
    data = bytearray(small())
    # Bit 0 of the flags of the first member in the central directory.
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)).code == "workbook_encrypted"


def test_a_broken_zip_is_damaged() -> None:
    data = small()
    assert refused(data[: len(data) // 2]).code == "workbook_damaged"
    assert refused(rebuilt(data, lambda members: members.pop("xl/workbook.xml"))).code == "workbook_damaged"
    assert check(rebuilt(data, lambda members: members.update({SHEET: b"<worksheet><shee"}))).exit_code == 2


def test_a_text_named_like_a_workbook_part_is_damaged_and_no_crash() -> None:
    data = rebuilt(small(), lambda members: members.update({"xl/workbook.xml": b"no xml at all"}))
    assert check(data).exit_code == 2


def _bomb(members: dict[str, bytes]) -> None:
    members["xl/media/x.xml"] = b"0" * 20_000_000


def _dtd(members: dict[str, bytes]) -> None:
    members["xl/sharedStrings.xml"] = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "b">]><sst/>'


def _utf16_sheet(members: dict[str, bytes]) -> None:
    members[SHEET] = members[SHEET].decode().encode("utf-16")


def _other_encoding(members: dict[str, bytes]) -> None:
    members[SHEET] = b'<?xml version="1.0" encoding="UTF-7"?><worksheet/>'


def _traversing(members: dict[str, bytes]) -> None:
    members["../../etc/passwd"] = b"x"


def _backslash(members: dict[str, bytes]) -> None:
    members["xl\\..\\..\\sheet9.xml"] = b"<x/>"


def _doubled(members: dict[str, bytes]) -> None:
    members["XL/Workbook.xml"] = b"<x/>"


def _many_members(members: dict[str, bytes]) -> None:
    members.update({f"xl/media/{number}.png": b"" for number in range(3000)})


def _cell(reference: str, style: str = 'r="{}"') -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        cell = f"<c {style.format(reference)}><v>1</v></c></row></sheetData>"
        members[SHEET] = members[SHEET].replace(b"</row></sheetData>", cell.encode())

    return change


def _many_names_for_one_sheet(members: dict[str, bytes]) -> None:
    listed = b"".join(b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (at, at) for at in range(1, 500))
    members["xl/workbook.xml"] = members["xl/workbook.xml"].replace(b"</sheets>", listed + b"</sheets>")


def _row(members: dict[str, bytes]) -> None:
    members[SHEET] = members[SHEET].replace(b'<row r="2"', b'<row r="99999999999"')


@pytest.mark.parametrize(
    "change",
    [
        _bomb, _dtd, _utf16_sheet, _other_encoding, _traversing, _backslash, _doubled, _many_members, _row,
        _many_names_for_one_sheet,
        _cell("A1048576"), _cell("XFD3"), _cell("ZZZ3"), _cell("A99999999999"), _cell("AAAAAAAAAAAA1"),
        _cell("A1048576", "r='{}'"), _cell("A1048576", 'r = "{}"'), _cell("A1048576", 't="n"\nr="{}"'),
    ],
)  # fmt: skip
def test_known_tricks_are_refused_before_parsing(change: Callable[[dict[str, bytes]], None]) -> None:
    data = rebuilt(small(), change)
    started = time.monotonic()
    assert refused(data).code == "workbook_hostile"
    assert time.monotonic() - started < 2
    report = check(data)
    assert (report.reason, report.exit_code) == ("workbook_hostile", 2)


def test_formatted_empty_cells_far_away_are_harmless() -> None:
    def format_far(members: dict[str, bytes]) -> None:
        cells = b'<row r="1048576"><c r="A1048576" s="0"/><c r="XFD1048576" s="0"></c></row></sheetData>'
        members[SHEET] = members[SHEET].replace(b"</sheetData>", cells).replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')

    assert guard(rebuilt(small(), format_far)).kind.code == "xlsx"


def _with_stated_size(data: bytes, name: str, size: int) -> bytes:
    """The zip with a false unzipped size of one member, in both of its headers."""
    changed = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = archive.getinfo(name)
    struct.pack_into("<I", changed, member.header_offset + 22, size)
    central = changed.index(b"PK\x01\x02")
    while True:
        length = struct.unpack_from("<H", changed, central + 28)[0]
        if changed[central + 46 : central + 46 + length] == name.encode():
            struct.pack_into("<I", changed, central + 24, size)
            return bytes(changed)
        central = changed.index(b"PK\x01\x02", central + 4)


@pytest.mark.parametrize("size", [10, 10_000])
def test_a_member_that_lies_about_its_size_is_refused(size: int) -> None:
    assert refused(_with_stated_size(small(), SHEET, size)).code == "workbook_damaged"


def test_overlapping_members_are_refused() -> None:
    data = small()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first, second = archive.infolist()[:2]
    changed = bytearray(data)
    central = changed.index(b"PK\x01\x02", changed.index(b"PK\x01\x02") + 4)
    struct.pack_into("<I", changed, central + 42, first.header_offset + 1)
    assert second.header_offset != first.header_offset + 1
    assert refused(bytes(changed)).code == "workbook_hostile"


def test_an_honest_workbook_passes_quickly() -> None:
    data = report_workbook(lines=12)
    guard(data)
    started = time.process_time()
    for _ in range(5):
        guard(data)
    assert (time.process_time() - started) / 5 < 0.05


def test_macros_are_carried_along_and_never_looked_at() -> None:
    data = rebuilt(
        report_workbook(), lambda members: members.update({"xl/vbaProject.bin": zlib.compress(b"Sub Auto_Open()")})
    )
    assert check(data).state == "accepted"
