"""ODF tables (ods): ``content.xml`` to grids. Source: ODF 1.3 part 3.

Read here and not by calamine, which stops at line breaks between cells, takes repeated rows and spaces at their word
(a billion of them) and runs for ever where a table is not closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from xml.parsers import expat

from ingest.cells import Cell, Grid, Place, Trouble
from ingest.extent import Extent, check_extents
from ingest.guard import GuardedFile
from ingest.refusal import damaged, hostile

_CELLS = ("table:table-cell", "table:covered-table-cell")
#: What stands in a cell and is not its text.
_ASIDE = ("office:annotation", "draw:frame", "table:table", "text:ruby-text")
_NUMBERS = ("float", "percentage", "currency")
_ERROR_TEXT = re.compile(r"#[A-Z0-9/]+[!?]?|#N/A|Err:\d{3}")
_MOST_SPACES = 32767


@dataclass
class _Sheet:
    """One table while it is read; ``rows`` holds the cells that are not empty, by row and column."""

    name: str
    is_visible: bool
    extent: Extent = field(default_factory=Extent)
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    trouble: dict[Place, Trouble] = field(default_factory=dict)

    def grid(self) -> Grid:
        rows: list[list[Cell]] = [[""] * self.extent.columns for _ in range(self.extent.rows)]
        for at, cells in self.rows.items():
            for column, cell in cells.items():
                rows[at][column] = cell
        return Grid(self.name, self.is_visible, rows, self.trouble, tuple(self.extent.merged))


def _number(attributes: dict[str, str], name: str) -> int:
    stated = attributes.get(name, "1")
    if not stated.isascii() or not stated.isdigit() or len(stated) > 12:
        raise hostile("重复次数异常")
    return int(stated)


def _value(attributes: dict[str, str], text: str) -> Cell:
    """The value of a cell by its stated type; what cannot be understood stays text."""
    kind = attributes.get("office:value-type", "")
    try:
        if kind in _NUMBERS:
            return float(attributes["office:value"])
        if kind == "date":
            stated = datetime.fromisoformat(attributes["office:date-value"])
            day: date = stated.date()
            return day if stated.time() == time() else stated
        if kind == "boolean":
            return attributes["office:boolean-value"].lower() == "true"
    except (KeyError, ValueError):
        return text
    return attributes.get("office:string-value", text) if kind == "string" else text


def _trouble(attributes: dict[str, str], text: str) -> Trouble | None:
    formula = attributes.get("table:formula")
    if attributes.get("calcext:value-type") == "error" or (formula is not None and _ERROR_TEXT.fullmatch(text)):
        return Trouble("formula_error", text or "#N/A")
    if formula is not None and "office:value-type" not in attributes and not text:
        return Trouble("formula_without_value", formula.partition(":")[2] or formula)
    return None


class _Reader:
    """Walks ``content.xml``; positions count from 0."""

    def __init__(self) -> None:
        self.sheets: list[_Sheet] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._path: list[str] = []
        self._aside = 0
        self._row = self._column = 0
        self._row_count = 1
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(tag)
        if self._aside:
            self._aside += 1
        elif tag == "table:table" and parent == "office:spreadsheet":
            is_visible = attributes.get("table:style-name", "") not in self._hidden_styles
            self.sheets.append(_Sheet(attributes.get("table:name", ""), is_visible))
            self._row = 0
        elif tag in _ASIDE:
            self._aside = 1
        elif tag == "style:style":
            self._style = attributes.get("style:name", "")
        elif tag == "style:table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif self.sheets:
            self._start_in_table(tag, attributes)

    def _start_in_table(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table-row":
            self._row_count = _number(attributes, "table:number-rows-repeated")
            self._column = 0
        elif tag in _CELLS:
            self._cell, self._text = attributes, []
        elif tag == "text:p" and self._text:
            self._text.append("\n")
        elif tag == "text:s":
            count = _number(attributes, "text:c")
            if count > _MOST_SPACES:
                raise hostile("重复次数异常")
            self._text.append(" " * count)
        elif tag in ("text:tab", "text:line-break"):
            self._text.append(" ")

    def text(self, content: str) -> None:
        if self._cell is not None and not self._aside and self._path[-1].startswith("text:"):
            self._text.append(content)

    def end(self, tag: str) -> None:
        self._path.pop()
        if self._aside:
            self._aside -= 1
        elif tag in _CELLS and self._cell is not None:
            self._close_cell(self._cell)
            self._cell = None
        elif tag == "table:table-row":
            self._row += self._row_count

    def _close_cell(self, attributes: dict[str, str]) -> None:
        count = _number(attributes, "table:number-columns-repeated")
        text = "".join(self._text)
        row, column = self._row, self._column
        self._column += count
        sheet = self.sheets[-1]
        value, trouble = _value(attributes, text), _trouble(attributes, text.strip())
        if value == "" and trouble is None:
            return
        sheet.extent.add(row + self._row_count - 1, column + count - 1, count * self._row_count, len(text))
        across, down = (_number(attributes, f"table:number-{one}-spanned") for one in ("columns", "rows"))
        if across > 1 or down > 1:
            sheet.extent.merge((row, column), (row + down - 1, column + across - 1))
        places = [(at, to) for at in range(row, row + self._row_count) for to in range(column, column + count)]
        for at, to in places:
            if trouble is None:
                sheet.rows.setdefault(at, {})[to] = value
            else:
                sheet.trouble[at, to] = trouble


def read_ods(file: GuardedFile) -> list[Grid]:
    """The sheets of an ODF table. Raises GuardError."""
    content = file.parts.get("content.xml")
    if content is None:
        raise damaged("content.xml")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise damaged("content.xml") from error
    check_extents([(sheet.name, sheet.extent) for sheet in reader.sheets])
    return [sheet.grid() for sheet in reader.sheets]
