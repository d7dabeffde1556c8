"""Attacks by their names: how each is made, the code of its refusal, and what the message says."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

from ingest.ole import pack_stream
from ingest.settings import limits
from tests.support import formats
from tests.support.workbooks import plain_workbook

MOST = limits()["guard"]["max_cells"]
SHEET = "xl/worksheets/sheet1.xml"
BILLION = 1_000_000_000
#: A cell without an address.
BARE = "<c><v>1</v></c>"


def members_of(data: bytes) -> dict[str, bytes]:
    """The members of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def xlsx(**parts: bytes | None) -> bytes:
    """A small workbook with some parts replaced (keys: the file's name, dots as underscores) or taken out."""
    members = members_of(plain_workbook({"表": [["甲", "乙"], ["丙", 1]]}))
    for key, content in parts.items():
        name = next(one for one in members if one.rpartition("/")[2].replace(".", "_") == key)
        if content is None:
            del members[name]
        else:
            members[name] = content
    return formats.zipped(members)


def sheet(rows: str, after: str = "") -> bytes:
    """The XML of a sheet around its rows."""
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{name}"><sheetData>{rows}</sheetData>{after}</worksheet>'.encode()


def row(at: int, *cells: str) -> str:
    """A row of an xlsx with a number in each of ``cells``."""
    return f'<row r="{at}">' + "".join(f'<c r="{cell}"><v>1</v></c>' for cell in cells) + "</row>"


def renamed_sheet(target: str, rows: str) -> bytes:
    """A workbook whose one sheet stands under an unusual name."""
    members = members_of(xlsx())
    relations = "xl/_rels/workbook.xml.rels"
    members[relations] = members[relations].replace(b"worksheets/sheet1.xml", target.encode())
    del members[SHEET]
    return formats.zipped({**members, f"xl/{target}": sheet(rows)})


def _texts(count: int, length: int, uses: int) -> bytes:
    items = f"<si><t>{'长' * length}</t></si>" * count
    cells = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, uses + 1))
    table = f'<sst uniqueCount="{count}">{items}</sst>'.encode()
    return xlsx(sharedStrings_xml=table, sheet1_xml=sheet(cells))


def ods_rows(rows: str) -> bytes:
    """An ods with one table of these rows."""
    return formats.ods_package(formats.ods_content(f'<table:table table:name="表">{rows}</table:table>'))


def ods_row(cells: str, count: int = 1) -> str:
    """A row of an ods, repeated."""
    return f'<table:table-row table:number-rows-repeated="{count}">{cells}</table:table-row>'


def ods_cell(attributes: str = "", text: str = "1") -> str:
    """A cell of an ods."""
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def xls(records: bytes, extra: bytes = b"") -> bytes:
    """An xls with one sheet of these records."""
    return pack_stream("Workbook", formats.xls_stream({"表": records}, extra=extra))


def number(row: int, column: int) -> bytes:
    """A cell of an xls."""
    return formats.biff(0x0203, struct.pack("<HHHd", row, column, 0, 1))


def xlsb(records: bytes) -> bytes:
    """An xlsb with one sheet of these records."""
    return formats.zipped(formats.xlsb_parts({"表": formats.brt_sheet(records)}))


def brt_row(row: int, column: int) -> bytes:
    """A row of an xlsb with one cell."""
    place = struct.pack("<II", column, 0)
    return formats.brt(0, struct.pack("<I", row) + bytes(13)) + formats.brt(5, place + struct.pack("<d", 1))


def fifield(copies: int) -> bytes:
    """Members that share one body: the directory names it again and again."""
    data = formats.zipped({"xl/workbook.xml": b"<a/>", "[Content_Types].xml": b"<b/>", "xl/x.xml": b"0" * 2_000_000})
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    at = data.index(b"PK\x01\x02", at + 4)
    end = data.index(b"PK\x05\x06")
    entry = data[at:end]
    more = b"".join(entry.replace(b"xl/x.xml", b"xl/%c.xml" % (97 + number)) for number in range(copies))
    directory = data[data.index(b"PK\x01\x02") : end] + more
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 3 + copies, 3 + copies, len(directory))
    return data[: data.index(b"PK\x01\x02")] + directory + bytes(tail)


def looped_container() -> bytes:
    """A compound file whose directory chain comes back to itself."""
    data = bytearray(pack_stream("Workbook", b"x" * 5000))
    directory, table = struct.unpack_from("<I", data, 48)[0], struct.unpack_from("<I", data, 76)[0]
    struct.pack_into("<I", data, (table + 1) * 512 + directory * 4, directory)
    return bytes(data)


ATTACKS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    # zip
    "a bomb": (lambda: formats.zipped({"报表.csv": b"1," * 20_000_000}), "workbook_hostile", "压缩比"),
    "members that share their bytes": (lambda: fifield(20), "workbook_hostile", "重叠"),
    "too many members": (
        lambda: formats.zipped({f"{at}.csv": b"1,2" for at in range(3000)}), "workbook_hostile", "多达 3000 个",
    ),
    "a sheet under another name": (
        lambda: renamed_sheet("media/image1.png", '<row r="1"><c r="XFE1"><v>1</v></c></row>'),
        "workbook_hostile", "单元格地址异常",
    ),
    # xlsx
    "a row below the last": (
        lambda: xlsx(sheet1_xml=sheet('<row r="1048577"><c r="A1048577"><v>1</v></c></row>')),
        "workbook_hostile", "单元格地址异常",
    ),
    "a column behind the last": (
        lambda: xlsx(sheet1_xml=sheet('<row r="1"><c r="XFE1"><v>1</v></c></row>')),
        "workbook_hostile", "单元格地址异常",
    ),
    "a wide and high area": (
        lambda: xlsx(sheet1_xml=sheet(row(1, "A1") + row(9999, "ZZ9999"))),
        "workbook_hostile", "第 9999 行、第 702 列",
    ),
    "cells without addresses": (
        lambda: xlsx(sheet1_xml=sheet(f"<row>{BARE * 40_000}</row>" + f"<row>{BARE}</row>" * 40_000)),
        "workbook_hostile", "第 40001 行、第 40000 列",
    ),
    "a prefix before every element": (
        lambda: xlsx(
            sheet1_xml=b'<x:worksheet xmlns:x="u"><x:sheetData><x:row r="1"><x:c r="A9999999"><x:v>1</x:v></x:c>'
            b"</x:row></x:sheetData></x:worksheet>"
        ),
        "workbook_hostile", "单元格地址异常",
    ),
    "more cells than a report can have": (
        lambda: formats.zipped(members_of(xlsx(sheet1_xml=sheet(row(1, *["A1"] * (MOST + 1))))), zipfile.ZIP_STORED),
        "workbook_hostile", f"单元格超过 {MOST} 个",
    ),
    "one merged range over everything": (
        lambda: xlsx(sheet1_xml=sheet("", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
        "workbook_hostile", "合并单元格的范围过大",
    ),
    "merged ranges without end": (
        lambda: xlsx(sheet1_xml=sheet("", "<mergeCells>" + '<mergeCell ref="A1:B1"/>' * 30_000 + "</mergeCells>")),
        "workbook_hostile", "合并单元格过多",
    ),
    "a stated number of texts that takes all memory": (
        lambda: xlsx(sharedStrings_xml=b'<sst uniqueCount="4000000000"><si><t>a</t></si></sst>'),
        "workbook_hostile", "共用文本多达 4000000000 条",
    ),
    "one long text used in every cell": (
        lambda: _texts(1, 30_000, 20_000), "workbook_hostile", "同一段文字重复过多",
    ),
    "an entity in a sheet": (
        lambda: xlsx(sheet1_xml=b'<!DOCTYPE s [<!ENTITY a "b">]>' + sheet("")), "workbook_hostile", "DTD",
    ),
    "a sheet in UTF-16": (
        lambda: xlsx(sheet1_xml=sheet("").decode().encode("utf-16")), "workbook_hostile", "不是 UTF-8",
    ),
    "a sheet in UTF-7": (
        lambda: xlsx(sheet1_xml=b"<?xml version='1.0' encoding='UTF-7'?>" + sheet("")),
        "workbook_hostile", "不是 UTF-8",
    ),
    "a sheet in EBCDIC": (
        lambda: xlsx(sheet1_xml='<?xml version="1.0" encoding="cp037"?><a/>'.encode("cp037")),
        "workbook_damaged", "XML",
    ),
    "a missing workbook": (lambda: xlsx(workbook_xml=None), "workbook_damaged", "workbook.xml"),
    "missing relations": (lambda: xlsx(workbook_xml_rels=None), "workbook_damaged", "不符合文件格式"),
    "macro sheets": (
        lambda: formats.zipped({**members_of(xlsx()), "xl/macrosheets/sheet1.xml": b"<a/>"}),
        "workbook_hostile", "宏表",
    ),
    # ods
    "a cell repeated a billion times": (
        lambda: ods_rows(ods_row(ods_cell(f'table:number-columns-repeated="{BILLION}"'))),
        "workbook_hostile", "单元格超过",
    ),
    "a row repeated a billion times": (
        lambda: ods_rows(ods_row(ods_cell(), BILLION)),
        "workbook_hostile", "单元格超过",
    ),
    "a cell far below a billion empty rows": (
        lambda: ods_rows(ods_row("<table:table-cell/>", BILLION) + ods_row(ods_cell())),
        "workbook_hostile", "第 1000000001 行",
    ),
    "a billion spaces": (
        lambda: ods_rows(ods_row(ods_cell(text=f'<text:s text:c="{BILLION}"/>'))),
        "workbook_hostile", "重复次数异常",
    ),
    "a long text in a row that is repeated": (
        lambda: ods_rows(ods_row(ods_cell(text="长" * 9999), 9999)),
        "workbook_hostile", "同一段文字重复过多",
    ),
    "a table that is not closed": (
        lambda: formats.ods_package(formats.ods_content("").replace(b"</office:spreadsheet>", b"<table:table>")),
        "workbook_damaged", "content.xml",
    ),
    # xls
    "a container that runs in a circle": (looped_container, "workbook_damaged", "OLE"),
    "a cell in the last corner of an xls": (
        lambda: xls(number(0, 0) + number(65535, 255)), "workbook_hostile", "第 65536 行、第 256 列",
    ),
    "a stated number of texts in an xls": (
        lambda: xls(b"", extra=formats.biff(0x00FC, struct.pack("<II", 1, 0xFFFFFFFF))),
        "workbook_hostile", "共用文本多达",
    ),
    "a merged range over a whole xls": (
        lambda: xls(formats.biff(0x00E5, struct.pack("<HHHHH", 1, 0, 65535, 0, 255))),
        "workbook_hostile", "合并单元格的范围过大",
    ),
    "a password in an xls": (
        lambda: xls(b"", extra=formats.biff(0x002F, b"\x00\x00\x01\x02\x03\x04")), "workbook_encrypted", "密码",
    ),
    "a record that reaches behind the end": (
        lambda: xls(struct.pack("<HH", 0x0203, 0xFFFF)), "workbook_damaged", "数据不完整",
    ),
    # xlsb
    "a cell far away in an xlsb": (
        lambda: xlsb(brt_row(0, 0) + brt_row(1_000_000, 16_000)), "workbook_hostile", "第 1000001 行、第 16001 列",
    ),
    "a column that no sheet has in an xlsb": (
        lambda: xlsb(brt_row(0, 0xFFFFFFFF)), "workbook_hostile", "第 4294967296 列",
    ),
    "a stated number of texts in an xlsb": (
        lambda: formats.zipped({
            **formats.xlsb_parts({"表": formats.brt_sheet(b"")}),
            "xl/sharedStrings.bin": formats.brt(0x009F, struct.pack("<II", 1, 0xFFFFFFFF)),
        }),
        "workbook_hostile", "共用文本多达",
    ),
    "a sheet of an xlsb that is not there": (
        lambda: formats.zipped({**formats.xlsb_parts({"表": b""}), "xl/_rels/workbook.bin.rels": b"<Relationships/>"}),
        "workbook_damaged", "工作表目录",
    ),
    # texts
    "a text table with too many rows": (lambda: b"1,2\n" * 30_000, "workbook_hostile", "行"),
    "a text table with one endless row": (lambda: b"1,2\n3,4\n" + b"1," * 3_000_000, "workbook_hostile", "3000001 列"),
    "a text table with a NUL": (lambda: "甲,乙\n丙\0,丁\n".encode(), "not_a_workbook", "无法识别"),
    "JSON that nests without end": (lambda: b'{"form":' * 200_000, "json_invalid", "嵌套"),
    "JSON with too many rows": (
        lambda: b'{"form": "street", "cover": {}, "meeting": [' + b"{}," * 100_000 + b"{}]}",
        "workbook_hostile", "单元格超过",
    ),
}  # fmt: skip
