"""The same sheets in every format: small writers of our own, since nothing installed writes xls or xlsb."""

from __future__ import annotations

import csv
import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape, quoteattr

from ingest.cells import Cell
from ingest.forms import load_forms
from ingest.guard import guard
from ingest.ole import pack_stream
from ingest.readers import read_grids
from tests.support.workbooks import Rows

Sheets = Mapping[str, Sequence[Sequence[Cell]]]
EPOCH = date(1899, 12, 30)
#: What a formula cell without a result, or with an error, is written as.
ERROR, NO_RESULT = "#REF!", "=没有结果"


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of ``members``."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def sheets_of(workbook: bytes) -> dict[str, list[list[Cell]]]:
    """The visible sheets of an xlsx as cells."""
    return {grid.name: grid.rows for grid in read_grids(guard(workbook)) if grid.is_visible}


def serial(cell: date) -> float:
    """A day as a spreadsheet counts it."""
    day = cell.date() if isinstance(cell, datetime) else cell
    return float((day - EPOCH).days)


def _shown(cell: Cell) -> str:
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return format(cell, ".15g") if isinstance(cell, float) else str(cell)


def csv_text(rows: Sequence[Sequence[Cell]], delimiter: str = ",") -> str:
    """Rows as a text table."""
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, lineterminator="\r\n").writerows(
        [[_shown(one) for one in row] for row in rows]
    )
    return target.getvalue()


def csv_zip(sheets: Sheets, encoding: str = "utf-8-sig") -> bytes:
    """A zip with a text table for each sheet, called like it."""
    return zipped({f"报表/{name}.csv": csv_text(rows).encode(encoding) for name, rows in sheets.items()})


def one_csv(sheets: Sheets, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """All sheets below each other in one text table."""
    return "".join(f"{name}\r\n{csv_text(rows, delimiter)}" for name, rows in sheets.items()).encode(encoding)


def _ods_cell(cell: Cell) -> str:
    text = escape(_shown(cell))
    if cell == ERROR:
        head = (
            'table:formula="of:=[.#REF!]" office:value-type="string" office:string-value="" calcext:value-type="error"'
        )
        return f"<table:table-cell {head}><text:p>{text}</text:p></table:table-cell>"
    if cell == NO_RESULT:
        return '<table:table-cell table:formula="of:=[.A1]"/>'
    kind, value = ("string", "")
    if isinstance(cell, date):
        kind, value = "date", f' office:date-value="{text}"'
    elif isinstance(cell, float | int):
        kind, value = "float", f' office:value="{text}"'
    stated = f'office:value-type="{kind}"{value}'
    return f"<table:table-cell {stated}><text:p>{text}</text:p></table:table-cell>" if text else "<table:table-cell/>"


def ods_content(tables: str) -> bytes:
    """``content.xml`` around its tables."""
    names = {
        "office": "office:1.0", "table": "table:1.0", "text": "text:1.0", "style": "style:1.0",
    }  # fmt: skip
    spaces = "".join(f' xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}"' for key, name in names.items())
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    head = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces}><office:body><office:spreadsheet>'
    return f"{head}{tables}</office:spreadsheet></office:body></office:document-content>".encode()


def ods_package(content: bytes) -> bytes:
    """An ods around its ``content.xml``."""
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": b"<manifest/>"})


def ods(sheets: Sheets) -> bytes:
    """An ODF table, laid out over lines as some programs do."""
    tables = ""
    for name, rows in sheets.items():
        lines = "\n".join(
            "<table:table-row>\n" + "\n".join(map(_ods_cell, row)) + "\n</table:table-row>" for row in rows
        )
        tables += f"<table:table table:name={quoteattr(name)}>{lines}</table:table>"
    return ods_package(ods_content(tables))


def biff(kind: int, content: bytes = b"") -> bytes:
    """One record of an xls."""
    return struct.pack("<HH", kind, len(content)) + content


def _biff_cell(row: int, column: int, cell: Cell) -> bytes:
    if cell == "":
        return b""
    if cell == ERROR:
        return biff(
            0x0006, struct.pack("<HHHBBBBBBHHIHBB", row, column, 0, 2, 0, 0x17, 0, 0, 0, 0xFFFF, 0, 0, 2, 0x1C, 0x17)
        )
    if isinstance(cell, bool):
        return biff(0x0205, struct.pack("<HHHBB", row, column, 0, cell, 0))
    if isinstance(cell, date):
        return biff(0x0203, struct.pack("<HHHd", row, column, 1, serial(cell)))
    if isinstance(cell, float | int):
        return biff(0x0203, struct.pack("<HHHd", row, column, 0, cell))
    text = str(cell)
    return biff(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def xls_stream(sheets: Mapping[str, bytes], date_format: int = 14, extra: bytes = b"") -> bytes:
    """The stream of an xls from the records of its sheets; ``extra`` are more records of the workbook."""
    begin = biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    formats = biff(0x00E0, struct.pack("<HH16x", 0, 0)) + biff(0x00E0, struct.pack("<HH16x", 0, date_format))
    end = biff(0x000A)
    names = {name: name.encode("utf-16-le") for name in sheets}
    at = len(begin + extra + formats + end) + sum(4 + 8 + len(name) for name in names.values())
    listed, bodies = b"", b""
    for name, records in sheets.items():
        body = biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + records + end
        listed += biff(0x0085, struct.pack("<IBBBB", at + len(bodies), 0, 0, len(name), 1) + names[name])
        bodies += body
    return begin + extra + formats + listed + end + bodies


def xls_records(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The cells of one sheet as records."""
    return b"".join(_biff_cell(at, to, cell) for at, row in enumerate(rows) for to, cell in enumerate(row))


def xls(sheets: Sheets, date_format: int = 14) -> bytes:
    """An Excel 97 workbook."""
    stream = xls_stream({name: xls_records(rows) for name, rows in sheets.items()}, date_format)
    return pack_stream("Workbook", stream)


def brt(kind: int, content: bytes = b"") -> bytes:
    """One record of an xlsb."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = b"", len(content)
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + content


def wide(text: str) -> bytes:
    """A text as an xlsb holds it."""
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def _brt_cell(column: int, cell: Cell) -> bytes:
    place = struct.pack("<II", column, 1 if isinstance(cell, date) else 0)
    if cell == "":
        return b""
    if cell == ERROR:
        return brt(0x000B, place + b"\x17" + bytes(10))
    if isinstance(cell, bool):
        return brt(0x0004, place + bytes([cell]))
    if isinstance(cell, date):
        return brt(0x0005, place + struct.pack("<d", serial(cell)))
    if isinstance(cell, float | int):
        return brt(0x0005, place + struct.pack("<d", cell))
    return brt(0x0006, place + wide(str(cell)))


def brt_sheet(records: bytes) -> bytes:
    """A sheet of an xlsb around the records of its rows."""
    return brt(0x0081) + brt(0x0094, bytes(16)) + brt(0x0091) + records + brt(0x0092) + brt(0x0082)


def brt_rows(rows: Sequence[Sequence[Cell]]) -> bytes:
    """Rows of cells as records."""
    return b"".join(
        brt(0x0000, struct.pack("<I", at) + bytes(13)) + b"".join(_brt_cell(to, cell) for to, cell in enumerate(row))
        for at, row in enumerate(rows)
    )


def xlsb_parts(sheets: Mapping[str, bytes], date_format: int = 14) -> dict[str, bytes]:
    """The parts of an xlsb from the parts of its sheets."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{kind}" Target="worksheets/sheet{at}.bin"/>'
        for at in range(1, len(sheets) + 1)
    )
    listed = b"".join(
        brt(0x009C, struct.pack("<II", 0, at) + wide(f"rId{at}") + wide(name)) for at, name in enumerate(sheets, 1)
    )
    formats = brt(0x0269, struct.pack("<I", 2))
    formats += brt(0x002F, struct.pack("<HH12x", 0, 0)) + brt(0x002F, struct.pack("<HH12x", 0, date_format))
    return {
        "[Content_Types].xml": b"<Types/>",
        "xl/_rels/workbook.bin.rels": f"<Relationships>{relations}</Relationships>".encode(),
        "xl/workbook.bin": brt(0x0083) + brt(0x008F) + listed + brt(0x0090) + brt(0x0084),
        "xl/styles.bin": brt(0x0116) + formats + brt(0x0117),
        **{f"xl/worksheets/sheet{at}.bin": part for at, part in enumerate(sheets.values(), 1)},
    }


def xlsb(sheets: Sheets, date_format: int = 14) -> bytes:
    """A binary workbook."""
    return zipped(xlsb_parts({name: brt_sheet(brt_rows(rows)) for name, rows in sheets.items()}, date_format))


def json_report(form_code: str, rows: Rows) -> bytes:
    """A report as a program would send it."""
    form = load_forms()[form_code]
    data: dict[str, object] = {"form": form_code}
    for sheet in form.sheets:
        data[sheet.entity] = rows[sheet.entity] if sheet.is_list else rows[sheet.entity][0]
    return json.dumps(data, ensure_ascii=False, default=str).encode()
