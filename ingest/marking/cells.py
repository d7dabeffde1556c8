"""Colours cells of one sheet's XML; every other byte of the sheet stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from ingest.marking.xmlscan import Splices, head_end, set_attribute
from ingest.text import address, column_index

#: A cell counted from 0: (row, column).
Place = tuple[int, int]

_REF = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_SPANS = re.compile(rb"\s+spans\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_SELECTED = re.compile(rb"(\stabSelected\s*=\s*[\"'])(?:1|true)")
#: What the schema puts behind the drawing of the notes.
_BEHIND_NOTES = frozenset(
    ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
     "AlternateContent")
)  # fmt: skip


@dataclass
class _Spot:
    """An element where something may be changed: its tag, ``start``, and ``close`` (of its end tag, -1 if none)."""

    tag: str
    attributes: dict[str, str]
    start: int
    close: int = -1


@dataclass
class _Map:
    """Where rows, wanted cells and parts of a sheet stand."""

    root: _Spot | None = None
    parts: dict[str, _Spot] = field(default_factory=dict)
    rows: dict[int, _Spot] = field(default_factory=dict)
    cells: dict[Place, _Spot] = field(default_factory=dict)
    columns: list[dict[str, str]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    legacy: str | None = None


def _place(ref: str) -> Place | None:
    match = _REF.fullmatch(ref)
    return (int(match[2]) - 1, column_index(match[1])) if match else None


def _scan(content: bytes, wanted_rows: frozenset[int]) -> _Map:
    """Positions of the sheet's parts and rows, and of the cells of ``wanted_rows``; raises ExpatError."""
    found = _Map()
    parser = expat.ParserCreate()
    open_spots: list[_Spot] = []
    row, column = -1, -1

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        name = tag.rpartition(":")[2]
        spot = _Spot(tag, attributes, parser.CurrentByteIndex)
        depth = len(open_spots)
        open_spots.append(spot)
        if name == "c" and depth == 3:
            place = _place(attributes.get("r", ""))
            column = place[1] if place else column + 1
            if row in wanted_rows:
                found.cells[row, column] = spot
        elif name == "row" and depth == 2:
            stated = attributes.get("r", "")
            row, column = (int(stated) - 1 if stated.isdigit() else row + 1), -1
            found.rows[row] = spot
        elif depth == 1:
            found.parts.setdefault(name, spot)
        elif depth == 0:
            found.root = spot
        elif name == "col":
            found.columns.append(attributes)
        elif name == "mergeCell":
            found.merged.append(attributes.get("ref", ""))
        if name == "legacyDrawing" and depth == 1:
            found.legacy = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), None)

    def end(_tag: str) -> None:
        spot = open_spots.pop()
        if content[parser.CurrentByteIndex : parser.CurrentByteIndex + 2] == b"</":
            spot.close = parser.CurrentByteIndex

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(content, True)
    return found


def _anchors(merged: Iterable[str], wanted: Iterable[Place]) -> dict[Place, Place]:
    """Where each wanted cell is to be seen: the first cell of the merged area that it lies in, else itself."""
    areas = []
    for ref in merged:
        first, _, last = ref.partition(":")
        corner, other = _place(first), _place(last or first)
        if corner and other:
            areas.append((corner, other))
    shown = {}
    for row, column in wanted:
        inside = ((a, b) for a, b in areas if a[0] <= row <= b[0] and a[1] <= column <= b[1])
        shown[row, column] = next(inside, ((row, column),))[0]
    return shown


def deselected(content: bytes) -> bytes:
    """The sheet without the mark that its tab is chosen: two chosen tabs would be edited together."""
    head, mark, rest = content.partition(b"sheetData")
    return _SELECTED.sub(rb"\g<1>0", head) + mark + rest


class SheetEdit:
    """Changes of one sheet. ``tint(style, key)`` gives the number of a coloured copy of a cell format."""

    def __init__(self, content: bytes, marks: Mapping[Place, str], tint: Callable[[int, str], int]) -> None:
        """Colour the cells of ``marks`` (place -> key for ``tint``); cells that are not there are made."""
        self._content = content
        rows = frozenset(row for row, _ in marks)
        found = _scan(content, rows)
        shown = _anchors(found.merged, marks)
        if not {row for row, _ in shown.values()} <= rows:
            found = _scan(content, rows | {row for row, _ in shown.values()})
        self._map, self._tint, self._splices = found, tint, Splices(content)
        self.shown = shown
        wanted: dict[Place, str] = {}
        for place, key in marks.items():
            wanted.setdefault(shown[place], key)
        self._colour(wanted)

    def _colour(self, wanted: Mapping[Place, str]) -> None:
        absent: dict[int, list[tuple[int, str]]] = {}
        for (row, column), key in sorted(wanted.items()):
            spot = self._map.cells.get((row, column))
            if spot is None:
                absent.setdefault(row, []).append((column, key))
                continue
            end = head_end(self._content, spot.start)
            head = self._content[spot.start : end]
            style = self._tint(self._number(spot.attributes.get("s")), key)
            self._splices.replace(spot.start, end, set_attribute(head, "s", style))
        new_rows = {row: cells for row, cells in absent.items() if row not in self._map.rows}
        for row, cells in absent.items():
            if row not in new_rows:
                self._add_cells(row, cells)
        if new_rows:
            self._add_rows(new_rows)

    @staticmethod
    def _number(text: str | None) -> int:
        return int(text) if text and text.isdigit() else 0

    def _base_style(self, row: _Spot | None, column: int) -> int:
        """Format that Excel would give a new cell: that of its row, else of its column."""
        if row is not None and row.attributes.get("customFormat") in ("1", "true"):
            return self._number(row.attributes.get("s"))
        for stated in self._map.columns:
            first, last = self._number(stated.get("min")), self._number(stated.get("max"))
            if first <= column + 1 <= last:
                return self._number(stated.get("style"))
        return 0

    def _cell(self, prefix: str, row: int, column: int, key: str) -> bytes:
        style = self._tint(self._base_style(self._map.rows.get(row), column), key)
        return f'<{prefix}c r="{address(row, column)}" s="{style}"/>'.encode()

    def _add_cells(self, row: int, cells: list[tuple[int, str]]) -> None:
        spot = self._map.rows[row]
        prefix = spot.tag[: -len("row")]
        end = head_end(self._content, spot.start)
        head = _SPANS.sub(b"", self._content[spot.start : end])
        if spot.close < 0:
            inner = b"".join(self._cell(prefix, row, column, key) for column, key in cells)
            whole = head.rstrip(b"/> \r\n\t") + b">" + inner + f"</{spot.tag}>".encode()
            self._splices.replace(spot.start, end, whole)
            return
        self._splices.replace(spot.start, end, head)
        there = sorted((column, cell.start) for (at, column), cell in self._map.cells.items() if at == row)
        for column, key in cells:
            before = next((start for other, start in there if other > column), spot.close)
            self._splices.insert(before, self._cell(prefix, row, column, key))

    def _add_rows(self, rows: Mapping[int, list[tuple[int, str]]]) -> None:
        data = self._map.parts.get("sheetData")
        if data is None:
            raise ValueError("the sheet has no sheetData")
        prefix = data.tag[: -len("sheetData")]
        made = {
            row: f'<{prefix}row r="{row + 1}">'.encode()
            + b"".join(self._cell(prefix, row, column, key) for column, key in cells)
            + f"</{prefix}row>".encode()
            for row, cells in sorted(rows.items())
        }
        if data.close < 0:
            end = head_end(self._content, data.start)
            head = self._content[data.start : end].rstrip(b"/> \r\n\t")
            self._splices.replace(data.start, end, head + b">" + b"".join(made.values()) + f"</{data.tag}>".encode())
            return
        for row, xml in made.items():
            before = next((spot.start for at, spot in sorted(self._map.rows.items()) if at > row), data.close)
            self._splices.insert(before, xml)

    @property
    def legacy_drawing(self) -> str | None:
        """Relationship id of the drawing of the sheet's notes, None when it has none."""
        return self._map.legacy

    def add_legacy_drawing(self, relation_id: str, namespace: str) -> None:
        """Point to a drawing of notes."""
        root = self._map.root
        assert root is not None  # noqa: S101  # XML that was parsed has a root
        prefix = root.tag[: -len("worksheet")]
        behind = [
            spot.start
            for name, spot in self._map.parts.items()
            if name in _BEHIND_NOTES and spot.start > self._map.parts["sheetData"].start
        ]
        xml = f'<{prefix}legacyDrawing xmlns:notes="{namespace}" notes:id="{relation_id}"/>'
        self._splices.insert(min(behind, default=root.close), xml.encode())

    def result(self) -> bytes:
        """The sheet with all changes."""
        return self._splices.result()
