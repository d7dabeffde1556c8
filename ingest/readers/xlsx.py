"""Excel workbooks (xlsx, xlsm): the reader gets a plain package with the parts it needs and nothing else."""

from __future__ import annotations

import re

from ingest.cells import Scanned
from ingest.guard import GuardedFile
from ingest.guard_xml import SHEET_DATA
from ingest.sheetxml import find_trouble
from ingest.zipparts import pack

#: Beside the sheets: the workbook, its relations, formats and texts.
_NEEDED = re.compile(
    r"(?:.*/)?(?:workbook\.xml(?:\.rels)?|styles\.xml|sharedStrings\.xml)|\[Content_Types\]\.xml|_rels/\.rels", re.I
)
#: Date formats built into a Chinese Excel (ECMA-376 part 1, 18.8.30), which the reader takes for plain numbers.
CHINESE_DATES = frozenset((*range(27, 37), *range(50, 59)))
#: A date format that the reader knows.
PLAIN_DATE = 14
_FORMAT = re.compile(rb'(<(?:\w+:)?xf\b[^>]*?\snumFmtId\s*=\s*["\'])(\d+)(["\'])')
_OWN_FORMAT = re.compile(rb'<(?:\w+:)?numFmt\b[^>]*?\snumFmtId\s*=\s*["\'](\d+)["\']')


def with_plain_dates(styles: bytes) -> bytes:
    """The styles with Chinese date formats replaced by one that the reader knows; a file's own formats stay."""
    own = {int(number) for number in _OWN_FORMAT.findall(styles)}

    def plain(match: re.Match[bytes]) -> bytes:
        number = int(match[2])
        if number in CHINESE_DATES and number not in own:
            return match[1] + str(PLAIN_DATE).encode() + match[3]
        return match[0]

    return _FORMAT.sub(plain, styles)


def prepare(file: GuardedFile) -> tuple[bytes, dict[str, Scanned]]:
    """The bytes that the reader may have, and what was found by sheet title."""
    parts = {
        name: with_plain_dates(content) if name.lower().endswith("styles.xml") else content
        for name, content in file.parts.items()
        if SHEET_DATA in content or _NEEDED.fullmatch(name)
    }
    return pack(parts), find_trouble(file)
