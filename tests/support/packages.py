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


def with_macros(parts: Parts) -> None:
    """A workbook with macros (xlsm)."""
    kind = b"application/vnd.ms-office.vbaProject"
    relation = b"http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    parts["xl/vbaProject.bin"] = b"macros"
    for name, old, new in (
        (
            "[Content_Types].xml", b"openxmlformats-officedocument.spreadsheetml.sheet.main",
            b"ms-excel.sheet.macroEnabled.main",
        ),
        (
            "[Content_Types].xml", b"</Types>",
            b'<Override PartName="/xl/vbaProject.bin" ContentType="' + kind + b'"/></Types>',
        ),
        (
            "xl/_rels/workbook.xml.rels", b"</Relationships>",
            b'<Relationship Id="rIdM" Type="' + relation + b'" Target="vbaProject.bin"/></Relationships>',
        ),
    ):  # fmt: skip
        parts[name] = parts[name].replace(old, new)


def in_another_folder(parts: Parts) -> None:
    """A package whose workbook lies in a folder of another name."""
    for name in [name for name in parts if name.startswith("xl/")]:
        parts[f"book/{name[3:]}"] = parts.pop(name)
    for name in [name for name in parts if name.endswith(".rels") or name == "[Content_Types].xml"]:
        parts[name] = parts[name].replace(b'"xl/', b'"book/').replace(b'"/xl/', b'"/book/')


def without_note_drawings(parts: Parts) -> None:
    """Notes without the drawing that shows them, as some libraries write them."""
    for name in list(parts):
        if name.endswith(".vml"):
            del parts[name]
        elif name.startswith("xl/worksheets/_rels/"):
            parts[name] = re.sub(rb"<Relationship [^>]*vmlDrawing[^>]*/>", b"", parts[name])
        elif name.startswith("xl/worksheets/"):
            parts[name] = re.sub(rb"<legacyDrawing [^>]*/>", b"", parts[name])
