"""Text tables (CSV): one file with one or several sheets, or a zip with a file for each sheet.

In one file a sheet begins with a line that holds nothing but the sheet's name or title. Rows keep the number that they
have in the file, so that an address leads to the place where a spreadsheet program shows it.
"""

from __future__ import annotations

import csv
import io
import re
from functools import cache

from ingest.cells import Cell, Grid
from ingest.decoding import decode
from ingest.extent import Extent, check_area, check_extents
from ingest.forms import load_forms
from ingest.guard import GuardedFile
from ingest.headers import normal_sheet_name, sheet_names
from ingest.refusal import GuardError, hostile
from ingest.settings import words

#: What a table is called that stands before the first name of a sheet, or has none.
UNNAMED = "CSV"
_DELIMITERS = ",\t;"
_LINES_LOOKED_AT = 50
#: No spreadsheet program writes a longer row, empty cells at its end included.
_MOST_COLUMNS = 16384
_SEPARATOR_LINE = re.compile(f"sep=([{_DELIMITERS}])", re.IGNORECASE)
#: How programs keep a spreadsheet from reading a code as a number: ="440103001".
_KEPT_TEXT = re.compile(r'="([^"]*)"')


def _delimiter(text: str) -> str:
    """The separator on most of the first lines; a comma when in doubt."""
    lines = text[:65536].splitlines()[:_LINES_LOOKED_AT]
    return max(_DELIMITERS, key=lambda mark: (sum(mark in line for line in lines), sum(map(text.count, mark))))


def _without_separator_line(text: str) -> tuple[str, str]:
    """The separator, and the text with an empty line for the one (``sep=;``) in which Excel may state it."""
    first, end, rest = text.partition("\n")
    stated = _SEPARATOR_LINE.fullmatch(first.rstrip("\r"))
    return (stated[1], end + rest) if stated else (_delimiter(text), text)


def _read_rows(name: str, text: str) -> tuple[list[list[Cell]], Extent]:
    """All rows of a text, as wide as its widest; raises GuardError where the quotes do not fit or it is too large."""
    extent = Extent()
    rows: list[list[Cell]] = []
    delimiter, text = _without_separator_line(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for line in reader:
            if len(line) > _MOST_COLUMNS:
                raise hostile(f"“{name}”表第 {len(rows) + 1} 行有 {len(line)} 列")
            filled = [at for at, cell in enumerate(line) if cell.strip()]
            if filled:
                extent.add(len(rows), filled[-1], len(filled))
                check_area(name, extent.rows, extent.columns)
            cells = line[: filled[-1] + 1] if filled else []
            rows.append([kept[1] if (kept := _KEPT_TEXT.fullmatch(cell)) else cell for cell in cells])
    except csv.Error as error:
        raise GuardError("csv_invalid", sheet=name, raw=str(reader.line_num), expected=_reason(str(error))) from error
    for row in rows:
        row.extend([""] * (extent.columns - len(row)))
    return rows[: extent.rows], extent


def _reason(message: str) -> str:
    return "一格的内容过长，可能是引号没有成对" if "field limit" in message else "引号没有成对"


@cache
def _entities() -> dict[str, frozenset[tuple[str, str]]]:
    """(form, entity) that a sheet's name or title may mean, by the name without its variants; none for a guide."""
    found: dict[str, frozenset[tuple[str, str]]] = {name: frozenset() for name in words()["ignored_sheets"]}
    for form in load_forms():
        for name, entity in sheet_names(form).items():
            found[name] = found.get(name, frozenset()) | {(form, entity)}
    return found


def _title(row: list[Cell]) -> str | None:
    """The name of a sheet, when the row holds nothing else."""
    filled = [cell for cell in row if cell != ""]
    if len(filled) == 1 and isinstance(filled[0], str) and normal_sheet_name(filled[0]) in _entities():
        return filled[0].strip()
    return None


def _split(rows: list[list[Cell]]) -> list[Grid]:
    """The sheets of one text: a new one begins at each name of a sheet, but for the title of the sheet just named."""
    starts: list[tuple[int, str]] = []
    for at, row in enumerate(rows):
        title = _title(row)
        if title is None:
            continue
        named = _entities()[normal_sheet_name(title)]
        if starts and _is_title_of(named, starts[-1], rows[starts[-1][0] + 1 : at]):
            continue
        starts.append((at, title))
    if not starts or any(cell != "" for row in rows[: starts[0][0]] for cell in row):
        starts.insert(0, (0, UNNAMED))
    ends = [at for at, _ in starts[1:]] + [len(rows)]
    width = len(rows[0]) if rows else 0
    grids = []
    for (start, name), end in zip(starts, ends, strict=True):
        above: list[list[Cell]] = [[""] * width for _ in range(start)]
        grids.append(Grid(name, True, above + rows[start:end]))
    return grids


def _is_title_of(named: frozenset[tuple[str, str]], begun: tuple[int, str], between: list[list[Cell]]) -> bool:
    same = bool(named & _entities()[normal_sheet_name(begun[1])])
    return same and not any(cell != "" for row in between for cell in row)


def _text(content: bytes, name: str) -> str:
    text = decode(content)
    if text is None:
        raise GuardError("csv_invalid", sheet=name, raw="1", expected="文字编码不是 UTF-8、UTF-16 或 GB18030")
    return text


def read_csv(file: GuardedFile) -> list[Grid]:
    """The sheets of one text table. Raises GuardError."""
    rows, _ = _read_rows(UNNAMED, _text(file.data, UNNAMED))
    return _split(rows)


def read_tables(file: GuardedFile) -> list[Grid]:
    """The sheets of an archive of text tables, each called like its file. Raises GuardError."""
    grids: list[Grid] = []
    extents: list[tuple[str, Extent]] = []
    for name, content in file.parts.items():
        rows, extent = _read_rows(name, _text(content, name))
        extents.append((name, extent))
        grids += [Grid(name, True, rows)] if len(file.parts) > 1 else _split(rows)
    check_extents(extents)
    return grids
