"""What every format is read into: sheets as grids of cells with true addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

#: What a reader gives for a cell; the empty string is an empty cell.
Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta
#: Row and column of a cell, both counted from 0.
Place: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Trouble:
    """A cell that reads as empty but is not. ``code`` is ``formula_error`` or ``formula_without_value``."""

    code: str
    raw: str


@dataclass(frozen=True)
class Grid:
    """One sheet: ``rows[0][0]`` is A1.

    ``trouble`` holds cells that only look empty; ``merged`` the first and last place of each merged range; ``places``
    how a cell is called in a file that has no such addresses (JSON); ``counts_from_1904`` whether day 0 of a bare
    number is 1904-01-01, as in workbooks of old Macs.
    """

    name: str
    is_visible: bool
    rows: list[list[Cell]]
    trouble: Mapping[Place, Trouble] = field(default_factory=dict)
    merged: tuple[tuple[Place, Place], ...] = ()
    places: Mapping[Place, str] = field(default_factory=dict)
    counts_from_1904: bool = False

    @property
    def first_row(self) -> int:
        """The first row with something in it, counted from 0; 0 for a blank sheet."""
        return next((at for at, row in enumerate(self.rows) if any(cell != "" for cell in row)), 0)

    def top(self, count: int) -> Grid:
        """The sheet down to its ``count`` first rows from the first with something in it."""
        return replace(self, rows=self.rows[: self.first_row + count])

    @property
    def is_blank(self) -> bool:
        """Whether no cell of the sheet holds anything."""
        return not self.trouble and all(cell == "" for row in self.rows for cell in row)


@dataclass(frozen=True)
class Scanned:
    """What looking through a sheet before it is read brings to light; ``merged`` is None where the reader tells it."""

    trouble: Mapping[Place, Trouble] = field(default_factory=dict)
    merged: tuple[tuple[Place, Place], ...] | None = None


class ReaderPanicError(Exception):
    """The reader broke down in a way that is no ordinary Python exception."""
