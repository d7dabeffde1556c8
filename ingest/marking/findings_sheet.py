"""The sheet 填报问题: one line per problem, with a link to its first cell and a column in which the clerk may explain.

It comes back with the workbook: `ingest.explanations` reads what was written there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.explanations import Explanation
from ingest.grouping import Problem
from ingest.marking.styles import Styles
from ingest.marking.xmlscan import quoted, text_xml
from ingest.settings import marking_texts
from ingest.text import address, column_letter

#: Rows from 1: title, guide, headers; lines follow.
_HEADER_ROW = 3
#: What would be computed if it were typed into a cell.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_RAW_EXAMPLES = 3


@dataclass(frozen=True)
class Line:
    """One line of the sheet: texts by the key of their column, and what the link leads to (sheet, cell)."""

    texts: Mapping[str, str]
    severity: str
    target: tuple[str, str] | None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def harmless(text: str) -> str:
    """``text`` so that no program takes it for a formula, not even once it has left the workbook."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) and not _is_number(text) else text


def _key(problem: Problem) -> str:
    place = (problem.code, problem.sheet or "", problem.header or "", ",".join(problem.cells))
    return "|".join((*place, ",".join(_finding_keys(problem))))


def _finding_keys(problem: Problem) -> list[str]:
    return list(dict.fromkeys(issue.finding_key for issue in problem.issues if issue.finding_key))


def _given(problem: Problem, explanations: Iterable[Explanation]) -> str:
    """What the clerk has said about the problem: an explanation lapses with the value it was given for."""
    keys, place = set(_finding_keys(problem)), (problem.code, problem.sheet or "", problem.header or "")
    said = (
        one.text
        for one in explanations
        if (keys & set(one.finding_keys) if keys else (one.code, one.sheet, one.header) == place)
    )
    return next(said, "")


def lines_of(problems: Sequence[Problem], sheets: Iterable[str], explanations: Iterable[Explanation]) -> list[Line]:
    """The lines about ``problems``; links lead only to ``sheets``, explanations of findings that are left stay."""
    names = set(sheets)
    given = list(explanations)
    severities = marking_texts()["severities"]
    lines = []
    for problem in problems:
        raws = dict.fromkeys(issue.raw for issue in problem.issues if issue.raw)
        more = "……" if len(raws) > _RAW_EXAMPLES else ""
        sheet = problem.sheet or ""
        texts = {
            "number": str(problem.rank),
            "severity": severities[problem.severity],
            "sheet": sheet,
            "place": problem.places,
            "header": problem.header or "",
            "raw": "、".join(list(raws)[:_RAW_EXAMPLES]) + more,
            "message": problem.message,
            "remedy": problem.remedy,
            "explanation": _given(problem, given),
            "key": _key(problem),
        }
        target = (sheet, problem.cells[0] if problem.cells else "A1") if sheet in names else None
        lines.append(Line({key: harmless(text) for key, text in texts.items()}, problem.severity, target))
    return lines


def title_of(problems: Sequence[Problem]) -> str:
    """The first line of the sheet."""
    texts = marking_texts()
    if not problems:
        return str(texts["title_none"])
    counts = {name: sum(one.severity == name for one in problems) for name in texts["severities"]}
    return str(texts["title"]).format(count=len(problems), **counts)


def location(target: tuple[str, str]) -> str:
    """A place in the workbook as links write it: ``'青年阵地'!G4``."""
    sheet = target[0].replace("'", "''")
    return f"'{sheet}'!{target[1]}"


class _Looks:
    """Cell formats of the sheet."""

    def __init__(self, styles: Styles) -> None:
        texts = marking_texts()
        border, plain = styles.border(), styles.font()
        self.title = styles.format(font=styles.font(bold=True, size=14))
        self.guide = styles.format(font=plain)
        self.header = styles.format(
            font=styles.font(bold=True), fill=styles.fill("F2F2F2"), border=border, is_text=True
        )
        self.text = styles.format(font=plain, border=border, is_text=True)
        self.link = styles.format(font=styles.font(colour="0563C1", underline=True), border=border, is_text=True)
        explain = styles.fill(texts["explain_colour"])
        self.explanation = styles.format(font=plain, fill=explain, border=border, is_text=True, locked=False)
        self.severity = {
            name: styles.format(font=plain, fill=styles.fill(colour), border=border, is_text=True)
            for name, colour in texts["colours"].items()
        }

    def of(self, key: str, line: Line) -> int:
        if key == "severity":
            return self.severity[line.severity]
        if key == "place" and line.target:
            return self.link
        return self.explanation if key == "explanation" else self.text


def _cell(row: int, column: int, style: int, text: str) -> str:
    where = address(row - 1, column)
    if not text:
        return f'<c r="{where}" s="{style}"/>'
    return f'<c r="{where}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text_xml(text)}</t></is></c>'


def line_height(line: Line) -> float:
    """Height in points that shows the whole of a line; programs do not work it out for text that wraps."""

    def rows(text: str, width: float) -> int:
        # A Chinese character is as wide as two others.
        taken = sum(1 if char.isascii() else 2 for char in text)
        return max(1, -(-taken // int(width - 1)))

    wrapped = (rows(line.texts[key], width) for key, _, width in marking_texts()["columns"] if key != "key")
    return min(409.0, 3 + 15 * max(wrapped))


def sheet_xml(title: str, guide: str, lines: Sequence[Line], styles: Styles, namespace: str) -> bytes:
    """The sheet as a part of a package; its formats are added to ``styles``."""
    columns, looks = marking_texts()["columns"], _Looks(styles)
    last = column_letter(len(columns) - 1)
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"{" hidden=" + quoted("1") if key == "key" else ""}/>'
        for n, (key, _, width) in enumerate(columns, 1)
    )
    rows = [
        f'<row r="1" ht="24" customHeight="1">{_cell(1, 0, looks.title, title)}</row>',
        f'<row r="2" ht="34" customHeight="1">{_cell(2, 0, looks.guide, guide)}</row>',
        f'<row r="{_HEADER_ROW}">'
        + "".join(_cell(_HEADER_ROW, n, looks.header, header) for n, (_, header, _) in enumerate(columns))
        + "</row>",
    ]
    links = []
    for row, line in enumerate(lines, _HEADER_ROW + 1):
        cells = (_cell(row, n, looks.of(key, line), line.texts[key]) for n, (key, _, _) in enumerate(columns))
        rows.append(f'<row r="{row}" ht="{line_height(line):g}" customHeight="1">{"".join(cells)}</row>')
        if line.target:
            place = address(row - 1, next(n for n, (key, _, _) in enumerate(columns) if key == "place"))
            links.append(f'<hyperlink ref="{place}" location={quoted(location(line.target))}/>')
    shown = column_letter(len(columns) - 2)
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{namespace}">'
        '<sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}{len(lines) + _HEADER_ROW}"/><sheetViews><sheetView tabSelected="1" '
        f'workbookViewId="0"><pane ySplit="{_HEADER_ROW}" topLeftCell="A{_HEADER_ROW + 1}" activePane="bottomLeft" '
        'state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f"<cols>{widths}</cols><sheetData>{''.join(rows)}</sheetData>"
        f'<mergeCells count="2"><mergeCell ref="A1:{shown}1"/><mergeCell ref="A2:{shown}2"/></mergeCells>'
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()
