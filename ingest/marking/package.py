"""An xlsx package whose parts can be changed, added and taken away; what is not touched is copied as it lies there."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ingest.guard import GuardedFile
from ingest.marking.xmlscan import Node, Splices, parse_nodes, quoted, set_attribute
from ingest.template_package import Part, pack, write_zip
from ingest.zipparts import inflate, open_directory

CONTENT_TYPES = "[Content_Types].xml"
TRANSITIONAL = {
    "main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "relations": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}
STRICT = {
    "main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "relations": "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_RELS_NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_OF = {
    "worksheet": f"{_SPREADSHEET}.worksheet+xml",
    "comments": f"{_SPREADSHEET}.comments+xml",
    "styles": f"{_SPREADSHEET}.styles+xml",
    "vmlDrawing": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}
_PLAIN = f"{_SPREADSHEET}.sheet.main+xml"


class PackageError(Exception):
    """The package is not put together as marking needs it; the message says what is missing."""


@dataclass(frozen=True)
class Relation:
    """One relationship of a part; ``part`` is the name of the part it leads to."""

    id: str
    kind: str
    part: str


@dataclass(frozen=True)
class SheetEntry:
    """One sheet as the workbook lists it."""

    name: str
    part: str


def relations_name(part: str) -> str:
    """Name of the part that holds the relationships of ``part``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


class Package:
    """Parts of one guarded xlsx by name. Raises PackageError where something is missing, ExpatError on broken XML."""

    def __init__(self, file: GuardedFile) -> None:
        """Begin with the parts of ``file``."""
        self._data = file.data
        self._parts = dict(file.parts)
        self._members = [member for member in open_directory(file.data).infolist() if not member.is_dir()]
        self._names = {member.filename.lower(): member.filename for member in self._members}
        self._changed: dict[str, bytes] = {}
        self._gone: set[str] = set()
        self.workbook = self._find_workbook()
        is_strict = STRICT["main"].encode() in self.read(self.workbook)
        self.namespaces = STRICT if is_strict else TRANSITIONAL

    def _find_workbook(self) -> str:
        found = [relation.part for relation in self.relations("") if relation.kind == "officeDocument"]
        if not found:
            raise PackageError("no workbook part")
        return found[0]

    def name_of(self, name: str) -> str | None:
        """The part's name as the package spells it; None when there is no such part."""
        found = self._names.get(name.lower())
        return None if found in self._gone else found

    def read(self, name: str) -> bytes:
        """Content of an XML part as it is now; raises PackageError."""
        spelt = self.name_of(name)
        if spelt is None or (spelt not in self._changed and spelt not in self._parts):
            raise PackageError(f"no part {name}")
        return self._changed.get(spelt, self._parts.get(spelt, b""))

    def write(self, name: str, content: bytes) -> None:
        """Set the content of a part, a new one or one that is there."""
        spelt = self._names.setdefault(name.lower(), name)
        self._gone.discard(spelt)
        if self._changed.get(spelt, self._parts.get(spelt)) != content:
            self._changed[spelt] = content

    def remove(self, name: str) -> None:
        """Take a part away, if it is there."""
        spelt = self._names.get(name.lower())
        if spelt:
            self._gone.add(spelt)

    def new_name(self, pattern: str) -> str:
        """The first name of ``pattern`` (with ``{}`` for a number) that is free."""
        number = 1
        while pattern.format(number).lower() in self._names:
            number += 1
        return pattern.format(number)

    def relations(self, part: str) -> list[Relation]:
        """Relationships of ``part`` (empty: of the package) to other parts."""
        name = relations_name(part) if part else "_rels/.rels"
        if self.name_of(name) is None:
            return []
        folder = posixpath.dirname(part)
        found = []
        for node in parse_nodes(self.read(name), 1).children:
            target, kind = node.attribute("Target") or "", (node.attribute("Type") or "").rpartition("/")[2]
            if node.attribute("TargetMode") == "External":
                continue
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            path = posixpath.normpath(path)
            found.append(Relation(node.attribute("Id") or "", kind, self.name_of(path) or path))
        return found

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relationship from ``part`` to ``target``; returns its id."""
        name = relations_name(part)
        if self.name_of(name) is None:
            self.write(name, f'<Relationships xmlns="{_RELS_NAMESPACE}"/>'.encode())
        content = self.read(name)
        root = parse_nodes(content, 1)
        taken = {node.attribute("Id") for node in root.children}
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        self._append(
            name,
            root,
            f'<{root.prefix}Relationship Id="rId{number}" Type="{self.namespaces["relations"]}/{kind}"'
            f" Target={quoted('/' + target)}/>",
        )
        self._declare(target, kind)
        return f"rId{number}"

    def _append(self, name: str, root: Node, xml: str) -> None:
        splices = Splices(self.read(name))
        splices.append(root, xml.encode())
        self.write(name, splices.result())

    def _declare(self, part: str, kind: str) -> None:
        """Say in the list of content types what ``part`` is."""
        root = parse_nodes(self.read(CONTENT_TYPES), 1)
        if kind == "vmlDrawing":
            extensions = {(node.attribute("Extension") or "").lower() for node in root.children}
            if "vml" not in extensions:
                xml = f'<{root.prefix}Default Extension="vml" ContentType="{CONTENT_OF[kind]}"/>'
                self._append(CONTENT_TYPES, root, xml)
            return
        named = {(node.attribute("PartName") or "").lower() for node in root.children}
        if f"/{part}".lower() not in named:
            xml = f'<{root.prefix}Override PartName={quoted("/" + part)} ContentType="{CONTENT_OF[kind]}"/>'
            self._append(CONTENT_TYPES, root, xml)

    def make_plain(self) -> None:
        """Make a plain workbook of one with macros, or of a template: Excel opens no other under the name .xlsx."""
        macros = [one.part for one in self.relations(self.workbook) if one.kind == "vbaProject"]
        for part in macros:
            for gone in (part, relations_name(part), *(one.part for one in self.relations(part))):
                self.remove(gone)
        if macros:
            self._drop(relations_name(self.workbook), "Type", lambda kind: kind.endswith("/vbaProject"))
            self._drop(CONTENT_TYPES, "PartName", lambda name: name.lstrip("/").lower() in map(str.lower, self._gone))
        content = self.read(CONTENT_TYPES)
        splices = Splices(content)
        for node in parse_nodes(content, 1).children:
            if (node.attribute("PartName") or "").lower() == f"/{self.workbook}".lower():
                splices.replace(
                    node.start, node.inner, set_attribute(content[node.start : node.inner], "ContentType", _PLAIN)
                )
        self.write(CONTENT_TYPES, splices.result())

    def _drop(self, name: str, attribute: str, is_unwanted: Callable[[str], bool]) -> None:
        """Take the entries away from a list whose ``attribute`` is unwanted."""
        splices = Splices(self.read(name))
        for node in parse_nodes(self.read(name), 1).children:
            if is_unwanted(node.attribute(attribute) or ""):
                splices.replace(node.start, node.end, b"")
        self.write(name, splices.result())

    @cached_property
    def sheets(self) -> list[SheetEntry]:
        """Sheets in the order of the workbook as it arrived."""
        parts = {relation.id: relation.part for relation in self.relations(self.workbook)}
        listed = parse_nodes(self.read(self.workbook), 2).first("sheets")
        nodes = listed.children if listed else []
        return [
            SheetEntry(node.attributes.get("name", ""), parts.get(node.attribute("id") or "", "")) for node in nodes
        ]

    def styles_part(self) -> str | None:
        """Name of the part that holds the styles; None when the workbook has none."""
        found = [one.part for one in self.relations(self.workbook) if one.kind == "styles"]
        return found[0] if found and self.name_of(found[0]) else None

    def _copied(self, member: zipfile.ZipInfo) -> Part:
        if member.compress_type != zipfile.ZIP_DEFLATED:
            return pack(member.filename, inflate(self._data, member))
        header = self._data[member.header_offset : member.header_offset + 30]
        begin = member.header_offset + 30 + int.from_bytes(header[26:28], "little")
        begin += int.from_bytes(header[28:30], "little")
        packed = self._data[begin : begin + member.compress_size]
        return Part(member.filename.encode(), member.CRC, member.file_size, packed)

    def to_bytes(self) -> bytes:
        """The package as a file: members in their order, new ones at the end."""
        parts = []
        for member in self._members:
            name = member.filename
            if name in self._gone:
                continue
            changed = self._changed.get(name)
            parts.append(self._copied(member) if changed is None else pack(name, changed, 3))
        there = {member.filename for member in self._members}
        new = [name for name in self._changed if name not in there and name not in self._gone]
        return write_zip([*parts, *(pack(name, self._changed[name], 3) for name in new)])
