"""Merged cells put into a finished workbook, for the template has none in its tables."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from io import BytesIO

from ingest.template_package import pack, write_zip

_SHEET = re.compile(r'<sheet name="([^"]*)" sheetId="\d+"[^>]* r:id="rId(\d+)"/>')
_MERGED = re.compile(r'<mergeCells count="(\d+)">')


def merge_cells(data: bytes, merged: Sequence[tuple[str, str]]) -> bytes:
    """A workbook of the template with ``merged`` (sheet, range) merged as well; the same bytes for the same input."""
    if not merged:
        return data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    parts = dict(_SHEET.findall(files["xl/workbook.xml"].decode()))
    for sheet, cells in merged:
        name = f"xl/worksheets/sheet{parts[sheet]}.xml"
        text, count = _MERGED.subn(
            lambda found, cells=cells: f'<mergeCells count="{int(found[1]) + 1}"><mergeCell ref="{cells}"/>',  # type: ignore[misc]
            files[name].decode(),
        )
        if count != 1:
            raise ValueError(f"{sheet} has {count} lists of merged cells")
        files[name] = text.encode()
    return write_zip(pack(name, content) for name, content in files.items())
