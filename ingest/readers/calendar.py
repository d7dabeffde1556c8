"""Which calendar a workbook counts its days by: since 1900, or since 1904 as workbooks of old Macs do.

The reader minds it where a cell has a date format, and gives bare numbers as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from ingest.guard import GuardedFile
from ingest.readers import xls, xlsb
from ingest.relations import elements


def _of_xlsx(file: GuardedFile) -> bool:
    content = next((content for name, content in file.parts.items() if name.lower() == "xl/workbook.xml"), None)
    try:
        found = elements(content, "workbookPr") if content else []
    except expat.ExpatError:
        return False
    return any(one.get("date1904", "").lower() in ("1", "true", "on") for one in found)


_BY_KIND: dict[str, Callable[[GuardedFile], bool]] = {
    "xlsx": _of_xlsx,
    "xlsb": xlsb.counts_from_1904,
    "xls": xls.counts_from_1904,
}


def counts_from_1904(file: GuardedFile) -> bool:
    """Whether day 0 of the file's bare numbers is 1904-01-01."""
    return file.kind.code in _BY_KIND and _BY_KIND[file.kind.code](file)
