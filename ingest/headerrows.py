"""The header of a list sheet: which row, or which two or three nested ones, and which column is which field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.cells import Cell, Grid
from ingest.headers import HeaderIndex
from ingest.settings import limits
from ingest.text import trim

#: Field name -> (column, header text).
Matches = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Header:
    """First and last row of a header (from 0) and the fields that it names."""

    top: int
    bottom: int
    fields: Matches


def cell_text(cell: Cell) -> str:
    """A cell as header text; empty when it is no text."""
    return trim(cell) if isinstance(cell, str) else ""


def _matches(row: Sequence[Cell], index: HeaderIndex) -> Matches:
    """Fields named in ``row``; the first of two equal headers counts."""
    found: Matches = {}
    for column, cell in enumerate(row):
        if isinstance(cell, str) and cell:
            named = index.field(cell)
            if named is not None:
                found.setdefault(named.name, (column, trim(cell)))
    return found


def _spread(grid: Grid, row: int, below: Sequence[str]) -> list[str]:
    """Texts of an upper header row, each over the columns that it covers.

    Merged cells say how far it reaches; where none are known (csv, or cells only centred) it reaches to the next text.
    """
    texts = [cell_text(cell) for cell in grid.rows[row]]
    merged = [(left, right) for (first, left), (last, right) in grid.merged if first <= row <= last and right > left]
    if merged:
        for left, right in merged:
            texts[left : right + 1] = [texts[left]] * (min(right, len(texts) - 1) - left + 1)
        return texts
    group = ""
    for column, text in enumerate(texts):
        group = text or group
        if not text and below[column]:
            texts[column] = group
    return texts


def _candidates(parts: Sequence[str]) -> tuple[str, ...]:
    """What a column may be called by the texts above one another, best first."""
    named = [part for at, part in enumerate(parts) if part and part not in parts[:at]]
    if len(named) < 2:
        return tuple(named)
    first, last = named[0], named[-1]
    return ("/".join(named), "".join(named), f"{named[-2]}/{last}", f"{named[-2]}{last}", f"{first}{last}",
            f"{named[-2]}({last})", last)  # fmt: skip


def _matches_nested(grid: Grid, top: int, bottom: int, index: HeaderIndex) -> Matches:
    levels = [[cell_text(cell) for cell in grid.rows[bottom]]]
    for row in range(bottom - 1, top - 1, -1):
        levels.insert(0, _spread(grid, row, ["".join(texts) for texts in zip(*levels, strict=True)]))
    found: Matches = {}
    for column, parts in enumerate(zip(*levels, strict=True)):
        candidates = _candidates(parts)
        for text in candidates:
            named = index.field(text)
            if named is not None:
                found.setdefault(named.name, (column, candidates[0]))
                break
    return found


def find_header(grid: Grid, index: HeaderIndex) -> Header | None:
    """The header of a list sheet, or None; title rows and notes above do not matter."""
    # A sheet of a text table begins where it stands in the file.
    rows = grid.rows[: grid.first_row + limits()["read"]["header_search_rows"]]
    singles = [_matches(row, index) for row in rows]
    needed = min(2, len(index.sheet.fields))
    best: Header | None = None
    for at, single in enumerate(singles):
        if len(single) >= needed and (best is None or len(single) > len(best.fields)):
            best = Header(at, at, single)
    if best is not None and len(best.fields) == len(index.sheet.fields):
        return best
    found = best
    for depth in (1, 2):
        for top in range(len(rows) - depth):
            if found is not None and not top <= found.bottom <= top + depth:
                continue
            nested = _matches_nested(grid, top, top + depth, index)
            enough = max(needed, *(len(single) + 1 for single in singles[top : top + depth + 1]))
            if len(nested) >= enough and (best is None or len(nested) > len(best.fields)):
                best = Header(top, top + depth, nested)
    return best
