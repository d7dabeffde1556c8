"""Marks a street's own xlsx: cells coloured, notes added, the sheet 填报问题 in front; the rest stays as it was.

The XML is changed in place. A library that reads and writes a workbook would lose the results of formulas, drawings and
whatever it does not know; here a part that is not touched is copied byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from xml.parsers import expat

from ingest.cells import Grid
from ingest.explanations import findings_sheet_of, read_explanations
from ingest.grouping import Problem
from ingest.guard import GuardedFile
from ingest.marking.cells import Place, SheetEdit, deselected
from ingest.marking.findings_sheet import lines_of, sheet_xml, title_of
from ingest.marking.notes import add_comments, add_shapes, clear_comments, clear_shapes, commented, highest_block
from ingest.marking.package import Package, PackageError, SheetEntry, relations_name
from ingest.marking.problems import marks_of, place_of
from ingest.marking.styles import Styles
from ingest.marking.xmlscan import Node, Splices, parse_nodes, quoted, set_attribute, without_attribute
from ingest.settings import marking_texts
from ingest.text import trim


class _Marking:
    """The marking of one package."""

    def __init__(self, file: GuardedFile, read_grids: Callable[[], Sequence[Grid]]) -> None:
        texts = marking_texts()
        self.package = Package(file)
        names = [sheet.name for sheet in self.package.sheets]
        may_be_back = any(trim(name).startswith(texts["sheet"]) for name in names)
        earlier = findings_sheet_of(read_grids()) if may_be_back else None
        self.explanations = read_explanations([earlier] if earlier else ())
        self.earlier = next((sheet for sheet in self.package.sheets if earlier and sheet.name == earlier.name), None)
        self.main = self.package.namespaces["main"]
        part = self.package.styles_part()
        content = self.package.read(part) if part else None
        own = tuple(texts["colours"].values())
        has_marks = content is not None and any(colour.encode() in content.upper() for colour in own)
        self.styles = Styles(content, self.main, own if has_marks else ())
        self.colours: dict[str, str] = texts["colours"]
        self.reports = [sheet for sheet in self.package.sheets if sheet is not self.earlier]
        self.blocks = highest_block(content for name, content in file.parts.items() if name.lower().endswith(".vml"))
        mark = texts["note_mark"].encode()
        self.has_own_notes = any(mark in content for name, content in file.parts.items() if "comment" in name.lower())

    def _note_parts(self, sheet: SheetEntry, drawing: str | None) -> tuple[str | None, str | None]:
        """Parts of the sheet's comments and of their drawing (``drawing``: its relationship, None: whichever)."""
        relations = [one for one in self.package.relations(sheet.part) if self.package.name_of(one.part)]
        comments = next((one.part for one in relations if one.kind == "comments"), None)
        shapes = next((one.part for one in relations if one.kind == "vmlDrawing" and drawing in (None, one.id)), None)
        return comments, shapes

    def mark_sheet(self, sheet: SheetEntry, marks: Mapping[Place, tuple[str, str]]) -> None:
        """Colour and annotate the cells of one sheet, and take away what an earlier marking wrote."""
        content = deselected(self.package.read(sheet.part))
        if not marks:
            self.package.write(sheet.part, content)
            if self.has_own_notes:
                self._clear(*self._note_parts(sheet, None))
            return
        edit = SheetEdit(
            content,
            {place: severity for place, (severity, _) in marks.items()},
            lambda style, severity: self.styles.tinted(style, self.colours[severity]),
        )
        comments, shapes = self._note_parts(sheet, edit.legacy_drawing or "")
        self._clear(comments, shapes)
        notes: dict[Place, str] = {}
        for place, (_, text) in marks.items():
            shown = edit.shown[place]
            notes[shown] = f"{notes[shown]}\n{text}" if shown in notes else text
        self._annotate(sheet, edit, comments, shapes, notes)
        self.package.write(sheet.part, edit.result())

    def _clear(self, comments: str | None, shapes: str | None) -> None:
        if comments is None:
            return
        content = self.package.read(comments)
        cleared, gone = clear_comments(content, marking_texts()["note_mark"])
        if cleared == content:
            return
        self.package.write(comments, cleared)
        if shapes is not None:
            places = [place for place in map(place_of, gone) if place]
            self.package.write(shapes, clear_shapes(self.package.read(shapes), places))

    def _annotate(
        self, sheet: SheetEntry, edit: SheetEdit, comments: str | None, shapes: str | None, notes: Mapping[Place, str]
    ) -> None:
        author = str(marking_texts()["author"])
        old = self.package.read(comments) if comments else None
        content, new = add_comments(old, notes, author, self.main)
        if comments is None:
            comments = self.package.new_name("xl/comments{}.xml")
            self.package.write(comments, content)
            self.package.relate(sheet.part, "comments", comments)
        else:
            self.package.write(comments, content)
        # Where notes have no drawing at all, those of others need theirs as well.
        shown = new if shapes else commented(content)
        if not shown:
            return
        texts = {place: notes.get(place, "") for place in shown}
        drawn = add_shapes(self.package.read(shapes) if shapes else None, texts, self.blocks + 1)
        self.blocks += 1 + len(shown) // 1024
        if shapes is None:
            shapes = self.package.new_name("xl/drawings/vmlDrawing{}.vml")
            self.package.write(shapes, drawn)
            edit.add_legacy_drawing(
                self.package.relate(sheet.part, "vmlDrawing", shapes), self.package.namespaces["relations"]
            )
        else:
            self.package.write(shapes, drawn)

    def put_findings_first(self, content: bytes) -> None:
        """The sheet of findings as the first of the workbook; one from an earlier marking is written anew."""
        if self.earlier is not None and self.package.name_of(self.earlier.part):
            self.package.remove(relations_name(self.earlier.part))
            self.package.write(self.earlier.part, content)
            self._open_on(next(n for n, sheet in enumerate(self.package.sheets) if sheet is self.earlier))
            return
        part = self.package.new_name("xl/worksheets/sheet{}.xml")
        self.package.write(part, content)
        self._list_first(self._free_name(), self.package.relate(self.package.workbook, "worksheet", part))

    def _free_name(self) -> str:
        """What the sheet of findings is called, beside a sheet of the clerk's own that is called so."""
        name = str(marking_texts()["sheet"])
        taken = {trim(sheet.name) for sheet in self.package.sheets}
        numbered = (f"{name}({number})" for number in count(2))
        return name if name not in taken else next(one for one in numbered if one not in taken)

    def _list_first(self, name: str, relation_id: str) -> None:
        content = self.package.read(self.package.workbook)
        root = parse_nodes(content, 2)
        sheets = root.first("sheets")
        if sheets is None or not sheets.children:
            raise PackageError("the workbook lists no sheets")
        numbers = [int(one.attributes["sheetId"]) for one in sheets.children if one.attributes["sheetId"].isdigit()]
        p, space = sheets.prefix, self.package.namespaces["relations"]
        xml = f'<{p}sheet xmlns:own="{space}" name={quoted(name)} sheetId="{max(numbers) + 1}" own:id="{relation_id}"/>'
        splices = Splices(content)
        splices.insert(sheets.inner, xml.encode())
        names = root.first("definedNames")
        for node in names.children if names else ():
            local = node.attributes.get("localSheetId", "")
            if local.isdigit():
                head = set_attribute(content[node.start : node.inner], "localSheetId", int(local) + 1)
                splices.replace(node.start, node.inner, head)
        self._choose(root, content, splices, 0)
        self.package.write(self.package.workbook, splices.result())

    def _open_on(self, number: int) -> None:
        content = self.package.read(self.package.workbook)
        root, splices = parse_nodes(content, 2), Splices(content)
        sheets = root.first("sheets")
        chosen = sheets.children[number] if sheets else root
        head = without_attribute(content[chosen.start : chosen.inner], "state")
        splices.replace(chosen.start, chosen.inner, head)
        self._choose(root, content, splices, number)
        self.package.write(self.package.workbook, splices.result())

    @staticmethod
    def _choose(root: Node, content: bytes, splices: Splices, number: int) -> None:
        """Let the workbook open on its sheet ``number``."""
        views = root.first("bookViews")
        for view in views.children if views else ():
            head = set_attribute(content[view.start : view.inner], "activeTab", number)
            head = set_attribute(head, "firstSheet", 0)
            splices.replace(view.start, view.inner, head)

    def put_styles(self) -> None:
        """Write the styles with what was added."""
        part = self.package.styles_part()
        if part is None:
            part = self.package.new_name("xl/styles{}.xml").replace("styles1.xml", "styles.xml")
            self.package.write(part, self.styles.to_bytes())
            self.package.relate(self.package.workbook, "styles", part)
        else:
            self.package.write(part, self.styles.to_bytes())


def mark_own_file(
    file: GuardedFile, problems: Sequence[Problem], read_grids: Callable[[], Sequence[Grid]]
) -> bytes | None:
    """The xlsx ``file`` with ``problems`` marked in it; None when it is not put together as an xlsx should be.

    ``read_grids`` gives its cells; it is asked when the file may have been marked before.
    """
    try:
        marking = _Marking(file, read_grids)
        marking.package.make_plain()
        marks = marks_of(problems)
        for sheet in marking.reports:
            if marking.package.name_of(sheet.part):
                marking.mark_sheet(sheet, marks.get(sheet.name, {}))
        names = [sheet.name for sheet in marking.reports]
        lines = lines_of(problems, names, marking.explanations)
        content = sheet_xml(title_of(problems), marking_texts()["guide"], lines, marking.styles, marking.main)
        marking.put_findings_first(content)
        marking.put_styles()
        return marking.package.to_bytes()
    except (PackageError, expat.ExpatError, ValueError, KeyError):
        return None
