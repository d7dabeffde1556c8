"""Xlsx files as other programs write them: the same cells, another package."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

Parts = dict[str, bytes]


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Parts) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def repacked(data: bytes, change: Callable[[Parts], None]) -> bytes:
    parts = parts_of(data)
    change(parts)
    return packed(parts)


def strict(parts: Parts) -> None:
    """ISO 29500 Strict, which Excel offers as a format of its own."""
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            content = content.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            ).replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            parts[name] = content


def prefixed(parts: Parts) -> None:
    """Every element of sheets, styles, comments and workbook under the prefix x."""
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    for name, content in parts.items():
        if main in content:
            content = re.sub(rb"<(/?)([A-Za-z])", rb"<\1x:\2", content)
            parts[name] = content.replace(main, main.replace(b"xmlns=", b"xmlns:x="))


def absolute_targets(parts: Parts) -> None:
    """Relationships that begin at the root of the package."""
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = re.sub(rb'Target="(?!/)', b'Target="/xl/', parts[name])


def without_styles(parts: Parts) -> None:
    """A package of cells alone."""
    del parts["xl/styles.xml"]
    for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        parts[name] = re.sub(rb"<(?:Relationship|Override) [^>]*styles[^>]*/>", b"", parts[name])
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        parts[name] = re.sub(rb'(<(?:c|col) [^>]*?) (?:s|style)="[0-9]+"', rb"\1", parts[name])


def without_addresses(parts: Parts) -> None:
    """Rows and cells that do not say where they are: one follows the other."""
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        parts[name] = re.sub(rb'<row r="[0-9]+"', b"<row", parts[name])


def single_quoted(parts: Parts) -> None:
    """Attributes in single quotes."""
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        parts[name] = re.sub(rb"(<(?:c|row) [^<>]*>)", lambda tag: tag[0].replace(b'"', b"'"), parts[name])
