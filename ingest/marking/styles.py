"""The styles of a workbook, with more appended: what is there keeps its number, so no cell changes its looks.

A marked cell gets a copy of its own format with another fill. Fills of an earlier marking are emptied first, by their
colours, so that a corrected cell is no longer red.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.marking.xmlscan import Node, Splices, parse_nodes, set_attribute

#: Sections in the order of the schema, with what a workbook that lacks them gets.
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles",
          "colors", "extLst")  # fmt: skip
_DEFAULTS = {
    "fonts": '<{p}font><{p}sz val="11"/><{p}name val="等线"/></{p}font>',
    "fills": '<{p}fill><{p}patternFill patternType="none"/></{p}fill>'
    '<{p}fill><{p}patternFill patternType="gray125"/></{p}fill>',
    "borders": "<{p}border><{p}left/><{p}right/><{p}top/><{p}bottom/><{p}diagonal/></{p}border>",
    "cellXfs": '<{p}xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
}
_NO_FILL = '<{p}fill><{p}patternFill patternType="none"/></{p}fill>'


@dataclass
class _Section:
    """One list of the styles: how many it had, and what is appended."""

    size: int
    new: list[str]

    def add(self, xml: str) -> int:
        if xml in self.new:
            return self.size + self.new.index(xml)
        self.new.append(xml)
        return self.size + len(self.new) - 1


class Styles:
    """Styles that only grow. ``content`` is the part, None when the workbook has none."""

    def __init__(self, content: bytes | None, namespace: str, own_colours: tuple[str, ...] = ()) -> None:
        """Begin with the styles in ``content``, fills of ``own_colours`` emptied."""
        empty = f'<styleSheet xmlns="{namespace}"/>'.encode()
        self._content = self._complete(content or empty)
        if own_colours:
            self._content = self._without(self._content, own_colours)
        self._root = parse_nodes(self._content, 2)
        self._prefix = self._root.prefix
        self._sections = {name: _Section(len(self._node(name).children), []) for name in _DEFAULTS}
        self._tints: dict[tuple[int, str], int] = {}

    def _node(self, name: str) -> Node:
        node = self._root.first(name)
        assert node is not None  # noqa: S101  # `_complete` has put it there
        return node

    @staticmethod
    def _complete(content: bytes) -> bytes:
        """The styles with every section that formats of cells lean on."""
        for name, default in _DEFAULTS.items():
            root = parse_nodes(content, 2)
            there = root.first(name)
            if there is not None and there.children:
                continue
            inner = default.format(p=root.prefix)
            count = 2 if name == "fills" else 1
            xml = f'<{root.prefix}{name} count="{count}">{inner}</{root.prefix}{name}>'.encode()
            splices = Splices(content)
            behind = [child for child in root.children if child.name in _ORDER[_ORDER.index(name) + 1 :]]
            if there is not None:
                splices.replace(there.start, there.end, xml)
            elif behind:
                splices.insert(behind[0].start, xml)
            else:
                splices.append(root, xml)
            content = splices.result()
        return content

    @staticmethod
    def _without(content: bytes, colours: tuple[str, ...]) -> bytes:
        fills = parse_nodes(content, 2).first("fills")
        shades = re.compile("|".join(colours).encode(), re.IGNORECASE)
        splices = Splices(content)
        for fill in fills.children if fills else ():
            if shades.search(content, fill.start, fill.end):
                splices.replace(fill.start, fill.end, _NO_FILL.format(p=fill.prefix).encode())
        return splices.result()

    def fill(self, colour: str) -> int:
        """Number of a plain fill of ``colour`` (RGB)."""
        p = self._prefix
        solid = f'<{p}fgColor rgb="FF{colour}"/><{p}bgColor indexed="64"/>'
        fill = f'<{p}fill><{p}patternFill patternType="solid">{solid}</{p}patternFill></{p}fill>'
        return self._sections["fills"].add(fill)

    def font(self, *, bold: bool = False, colour: str | None = None, underline: bool = False, size: int = 11) -> int:
        """Number of a font."""
        p = self._prefix
        parts = [f"<{p}b/>" if bold else "", f"<{p}u/>" if underline else "", f'<{p}sz val="{size}"/>']
        parts += [f'<{p}color rgb="FF{colour}"/>' if colour else "", f'<{p}name val="等线"/>']
        return self._sections["fonts"].add(f"<{p}font>{''.join(parts)}</{p}font>")

    def border(self) -> int:
        """Number of a thin grey frame."""
        p = self._prefix
        sides = (f'<{p}{side} style="thin"><{p}color rgb="FFBFBFBF"/></{p}{side}>' for side in _SIDES)
        return self._sections["borders"].add(f"<{p}border>{''.join(sides)}<{p}diagonal/></{p}border>")

    def format(self, *, font: int, fill: int = 0, border: int = 0, is_text: bool = False, locked: bool = True) -> int:
        """Number of a cell format with wrapped text; ``is_text`` keeps what looks like a formula from becoming one."""
        p = self._prefix
        head = f'numFmtId="{49 if is_text else 0}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"'
        head += ' applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"'
        head += ' quotePrefix="1"' if is_text else ""
        inner = f'<{p}alignment vertical="top" wrapText="1"/>'
        inner += "" if locked else f'<{p}protection locked="0"/>'
        return self._sections["cellXfs"].add(f"<{p}xf {head}>{inner}</{p}xf>")

    def tinted(self, style: int, colour: str) -> int:
        """Number of a copy of the cell format ``style`` that is filled with ``colour``."""
        if (style, colour) not in self._tints:
            formats = self._node("cellXfs").children
            node = formats[style if style < len(formats) else 0]
            head = set_attribute(self._content[node.start : node.inner], "fillId", self.fill(colour))
            head = set_attribute(head, "applyFill", 1)
            copy = head + self._content[node.inner : node.end]
            self._tints[style, colour] = self._sections["cellXfs"].add(copy.decode())
        return self._tints[style, colour]

    def to_bytes(self) -> bytes:
        """The part with all that was added."""
        splices = Splices(self._content)
        for name, section in self._sections.items():
            if not section.new:
                continue
            node = self._node(name)
            head = set_attribute(self._content[node.start : node.inner], "count", section.size + len(section.new))
            splices.replace(node.start, node.inner, head)
            splices.insert(node.close, "".join(section.new).encode())
        return splices.result()


_SIDES = ("left", "right", "top", "bottom")
