"""A new workbook with findings and values, for a file in which nothing can be marked: another format, or unreadable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ingest.cells import Cell, Grid
from ingest.explanations import Explanation, findings_sheet_of
from ingest.grouping import Problem
from ingest.marking.cells import Place
from ingest.marking.findings_sheet import Line, harmless, line_height, lines_of, location, title_of
from ingest.marking.problems import marks_of, place_of
from ingest.parsed import show
from ingest.settings import marking_texts
from ingest.template import CREATED_AT
from ingest.text import address

_WRAP = {"text_wrap": True, "valign": "top", "border": 1, "num_format": "@"}
_EXCEL_NAME_CHARS = 31
_NOT_IN_NAMES = str.maketrans("[]:*?/\\", "()：＊？／＼")


class _Book:
    """The workbook being written, with the formats it shares."""

    def __init__(self, target: BytesIO) -> None:
        self.book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_urls": False})
        self.book.set_properties({"created": CREATED_AT, "author": "", "comments": ""})
        texts = marking_texts()
        self.colours: Mapping[str, str] = texts["colours"]
        self.cell = self.book.add_format(_WRAP)
        self.header = self.book.add_format({**_WRAP, "bold": True, "bg_color": "#F2F2F2"})
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.guide = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.explanation = self.book.add_format({**_WRAP, "bg_color": f"#{texts['explain_colour']}"})
        self.link = self.book.add_format({**_WRAP, "font_color": "#0563C1", "underline": 1})
        self._fills: dict[tuple[str | None, str | None], Format] = {}

    def fill(self, severity: str | None, number_format: str | None = None) -> Format:
        """Format of a copied value, coloured when ``severity`` is given."""
        key = (severity, number_format)
        if key not in self._fills:
            settings = {"num_format": number_format} if number_format else {}
            if severity:
                settings["bg_color"] = f"#{self.colours[severity]}"
            self._fills[key] = self.book.add_format(settings)
        return self._fills[key]


def _write_findings(book: _Book, title: str, guide: str, lines: Sequence[Line], names: Mapping[str, str]) -> None:
    texts = marking_texts()
    sheet = book.book.add_worksheet(texts["sheet"])
    columns = texts["columns"]
    for number, (key, header, width) in enumerate(columns):
        sheet.set_column(number, number, width, None, {"hidden": key == "key"})
        sheet.write_string(2, number, header, book.header)
    sheet.write_string(0, 0, title, book.title)
    sheet.merge_range(1, 0, 1, len(columns) - 2, guide, book.guide)
    sheet.set_row(1, 34)
    for row, line in enumerate(lines, 3):
        sheet.set_row(row, line_height(line))
        for number, (key, _, _) in enumerate(columns):
            style = book.explanation if key == "explanation" else book.cell
            if key == "place" and line.target:
                target = location((names[line.target[0]], line.target[1]))
                sheet.write_url(row, number, f"internal:{target}", book.link, line.texts[key] or line.target[1])
            elif key == "severity":
                sheet.write_string(row, number, line.texts[key], book.fill(line.severity))
            else:
                sheet.write_string(row, number, line.texts[key], style)
    sheet.freeze_panes(3, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_cell(book: _Book, sheet: Worksheet, row: int, column: int, cell: Cell, severity: str | None) -> None:
    match cell:
        case "":
            if severity:
                sheet.write_blank(row, column, None, book.fill(severity))
        case bool():
            sheet.write_boolean(row, column, cell, book.fill(severity))
        case int() | float():
            sheet.write_number(row, column, cell, book.fill(severity))
        case datetime() | date():
            shape = "yyyy-mm-dd hh:mm" if isinstance(cell, datetime) and cell.time() != time() else "yyyy-mm-dd"
            if cell.year >= 1900:
                sheet.write_datetime(row, column, cell, book.fill(severity, shape))
            else:
                sheet.write_string(row, column, show(cell), book.fill(severity))
        case time() | timedelta():
            sheet.write_string(row, column, show(cell), book.fill(severity))
        case _:
            sheet.write_string(row, column, harmless(str(cell)), book.fill(severity, "@"))


def _write_grid(book: _Book, name: str, grid: Grid, marks: Mapping[Place, tuple[str, str]]) -> None:
    sheet = book.book.add_worksheet(name)
    for row, cells in enumerate(grid.rows):
        for column, cell in enumerate(cells):
            severity = marks[row, column][0] if (row, column) in marks else None
            _write_cell(book, sheet, row, column, cell, severity)
    for (row, column), (severity, text) in marks.items():
        if row >= len(grid.rows) or column >= len(grid.rows[row]):
            sheet.write_blank(row, column, None, book.fill(severity))
        sheet.write_comment(row, column, text, {"author": marking_texts()["author"], "x_scale": 2, "y_scale": 1.2})


def _sheet_names(grids: Sequence[Grid]) -> dict[str, str]:
    """A name that Excel takes for each sheet, all different."""
    taken = {str(marking_texts()["sheet"]).lower()}
    names: dict[str, str] = {}
    for number, grid in enumerate(grids, 1):
        name = grid.name.translate(_NOT_IN_NAMES).strip("'")[:_EXCEL_NAME_CHARS] or str(number)
        while name.lower() in taken:
            name = f"{name[: _EXCEL_NAME_CHARS - 4]}_{number}"
            number += 1
        taken.add(name.lower())
        names[grid.name] = name
    return names


def _led_to(line: Line, places: Mapping[str, Place]) -> Line:
    """The line with a link that leads to a cell, at least to the first of its sheet."""
    if line.target is None or place_of(line.target[1]):
        return line
    sheet, name = line.target
    return replace(line, target=(sheet, address(*places.get(name, (0, 0)))))


def marked_copy(
    grids: Sequence[Grid], kind_zh: str | None, problems: Sequence[Problem], explanations: Iterable[Explanation] = ()
) -> bytes:
    """A new xlsx: the sheet 填报问题, then the values of the visible ``grids`` with what is wrong marked.

    ``kind_zh`` says what the file was, None when it could not be read. The same arguments give the same bytes.
    """
    texts = marking_texts()
    earlier = findings_sheet_of(grids)
    shown = [grid for grid in grids if grid.is_visible and grid is not earlier]
    # What findings in JSON call a cell leads to its place in the copy.
    places = {name: place for grid in shown for place, name in grid.places.items()}
    names, marks = _sheet_names(shown), marks_of(problems, places)
    guide = texts["guide_unreadable"] if kind_zh is None else texts["guide_copy"].format(kind=kind_zh)
    target = BytesIO()
    book = _Book(target)
    lines = [_led_to(line, places) for line in lines_of(problems, names, explanations)]
    _write_findings(book, title_of(problems), guide, lines, names)
    for grid in shown:
        _write_grid(book, names[grid.name], grid, marks.get(grid.name, {}))
    book.book.close()
    return target.getvalue()
