"""What the reader hides: error cells and formulas without a stored result, found in the sheet's XML.

calamine gives both as empty cells, so a ``#REF!`` would read as "not filled in".
"""

from __future__ import annotations

import re
from xml.parsers import expat

from ingest.cells import Place, Scanned, Trouble
from ingest.guard import GuardedFile
from ingest.relations import elements, relation_targets
from ingest.text import column_index

#: Cheap signs that a sheet holds an error cell or a formula; a false alarm only costs a parse.
_SIGNS = (b't="e"', b"t='e'", b"t =", b"t= ", b"<f>", b"<f ", b"<f/", b"<f\n", b"<f\r", b"<f\t", b":f>", b":f ", b":f/")
_REF = re.compile(r"([A-Za-z]{1,3})(\d{1,7})$")


class _Scanner:
    """Walks the cells of one sheet; positions count from 0."""

    def __init__(self) -> None:
        self.found: dict[Place, Trouble] = {}
        self._row, self._column = -1, -1
        self._type = ""
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._sink: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._column += 1
            ref = _REF.match(attributes.get("r", ""))
            if ref:
                self._row, self._column = int(ref.group(2)) - 1, column_index(ref.group(1))
            self._type = attributes.get("t", "")
            self._value = self._formula = None
        elif name == "row":
            stated = attributes.get("r", "")
            self._row = int(stated) - 1 if stated.isdigit() else self._row + 1
            self._column = -1
        elif name == "v":
            self._value = self._sink = []
        elif name == "f":
            self._formula = self._sink = []

    def text(self, content: str) -> None:
        if self._sink is not None:
            self._sink.append(content)

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("v", "f"):
            self._sink = None
        elif name == "c":
            value = "".join(self._value or [])
            if self._type == "e":
                self.found[self._row, self._column] = Trouble("formula_error", value or "#N/A")
            elif self._formula is not None and not value and self._type != "str":
                self.found[self._row, self._column] = Trouble("formula_without_value", "=" + "".join(self._formula))


def scan_sheet(content: bytes) -> dict[Place, Trouble]:
    """Cells of a sheet's XML that the reader gives as empty, by (row, column) counted from 0.

    A text formula with an empty result is a true blank. XML that cannot be parsed gives nothing: the reader says so.
    """
    if not any(sign in content for sign in _SIGNS):
        return {}
    scanner = _Scanner()
    parser = expat.ParserCreate()
    parser.StartElementHandler = scanner.start
    parser.EndElementHandler = scanner.end
    parser.CharacterDataHandler = scanner.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        return scanner.found
    return scanner.found


def sheet_parts_by_title(parts: dict[str, bytes]) -> dict[str, str]:
    """Part name of every sheet of an xlsx by the sheet's title. Raises KeyError or expat.ExpatError."""
    lower = {name.lower(): name for name in parts}
    targets = relation_targets(parts, "xl/_rels/workbook.xml.rels")
    found: dict[str, str] = {}
    for sheet in elements(parts[lower["xl/workbook.xml"]], "sheet"):
        path = targets.get(sheet["id"], "").lower()
        if path in lower:
            found[sheet["name"]] = lower[path]
    return found


def find_trouble(file: GuardedFile) -> dict[str, Scanned]:
    """Hidden errors of an xlsx by sheet title."""
    by_part = {name: scan_sheet(content) for name, content in file.sheet_parts.items()}
    if not any(by_part.values()):
        return {}
    try:
        titles = sheet_parts_by_title(file.parts)
    except (expat.ExpatError, KeyError):
        return {}
    return {title: Scanned(by_part[part]) for title, part in titles.items() if by_part.get(part)}
