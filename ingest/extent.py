"""How much the sheets of a workbook hold, counted before a reader makes room for it and held against the limits."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.cells import Place
from ingest.refusal import hostile
from ingest.settings import limits


class Extent:
    """How far the cells of one sheet reach, how many they are and how much text they hold; its merged ranges.

    Raises GuardError as soon as it is too much.
    """

    def __init__(self) -> None:
        """Start with no cell."""
        self.rows = self.columns = self.cells = self.characters = 0
        self.merged: list[tuple[Place, Place]] = []
        self._merged_area = 0
        self._limit = limits()["guard"]

    def add(self, row: int, column: int, count: int = 1, characters: int = 0) -> None:
        """Add ``count`` cells that end at ``row`` and ``column`` (from 0), each with a text of so many characters."""
        if row >= self.rows:
            self.rows = row + 1
        if column >= self.columns:
            self.columns = column + 1
        self.cells += count
        if self.cells > self._limit["max_cells"]:
            raise hostile(f"单元格超过 {self._limit['max_cells']} 个")
        if characters:
            self.characters += characters * count
            if self.characters > self._limit["max_text_chars"]:
                raise hostile("同一段文字重复过多，总量过大")

    def merge(self, first: Place, last: Place) -> None:
        """Add the merged range from ``first`` to ``last``."""
        self.merged.append((first, last))
        self._merged_area += (last[0] - first[0] + 1) * (last[1] - first[1] + 1)
        if len(self.merged) > self._limit["max_merged_ranges"]:
            raise hostile("合并单元格过多")
        if last < first or self._merged_area > self._limit["max_merged_area"]:
            raise hostile("合并单元格的范围过大")


def check_area(name: str, rows: int, columns: int) -> None:
    """Refuse one sheet whose cells stand too far away. Raises GuardError."""
    limit = limits()["guard"]
    if rows > limit["max_rows"] or columns > limit["max_columns"] or rows * columns > limit["max_area_cells"]:
        where = f"“{name}”表" if name else ""
        raise hostile(f"{where}有内容的单元格远在第 {rows} 行、第 {columns} 列")


def check_extents(extents: Sequence[tuple[str, Extent]]) -> None:
    """Refuse a workbook whose sheets are too many, too large, or too large together. Raises GuardError."""
    limit = limits()["guard"]
    if len(extents) > limit["max_sheets"]:
        raise hostile(f"工作表多达 {len(extents)} 张")
    for name, extent in extents:
        check_area(name, extent.rows, extent.columns)
    area = sum(extent.rows * extent.columns for _, extent in extents)
    if area > limit["max_area_cells"]:
        raise hostile(f"各表合计占 {area} 格")
    if sum(extent.cells for _, extent in extents) > limit["max_cells"]:
        raise hostile(f"单元格超过 {limit['max_cells']} 个")
    if sum(extent.characters for _, extent in extents) > limit["max_text_chars"]:
        raise hostile("同一段文字重复过多，总量过大")


def check_strings(stated: int) -> None:
    """Refuse a workbook that states more shared texts than it can have cells. Raises GuardError."""
    if stated > limits()["guard"]["max_cells"]:
        raise hostile(f"共用文本多达 {stated} 条")
