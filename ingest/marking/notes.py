"""Notes on cells: the comments part of a sheet and the old drawing (VML) that shows them, ours beside those there are.

Ours begin with a mark (``note_mark`` in ``texts.yml``). On a cell that has a note already, ours is put behind its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ingest.marking.cells import Place
from ingest.marking.problems import place_of
from ingest.marking.xmlscan import Node, Splices, parse_nodes, text_xml
from ingest.text import address

_SHAPE = re.compile(rb"<v:shape\s.*?</v:shape>", re.DOTALL)
_SHAPE_ID = re.compile(rb"_x0000_s(\d+)")
_ID_MAP = re.compile(rb"(<o:idmap\b[^>]*\bdata\s*=\s*[\"'])([0-9, ]+)")
_TAGS = re.compile(rb"<[^>]*>")
_VML_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
#: Shapes are numbered in blocks of this many; a drawing says which blocks are its own.
_BLOCK = 1024
_NOTE_COLUMNS, _CHARS_PER_LINE = 4, 24


def _cleared_comment(content: bytes, mark: bytes) -> bytes:
    """One comment without our text; empty when nothing else is left of it."""
    at = content.find(mark)
    if at < 0:
        return content
    head = content[content.find(b">") + 1 : at]
    if not _TAGS.sub(b"", head).strip():
        return b""
    return content[:at].rstrip(b"\r\n") + content[content.find(b"<", at) :]


def clear_comments(content: bytes, mark: str) -> tuple[bytes, set[str]]:
    """The comments part without our notes, and the cells whose note is gone altogether."""
    if mark.encode() not in content:
        return content, set()
    splices, gone = Splices(content), set()
    listed = parse_nodes(content, 2).first("commentList")
    for comment in listed.children if listed else ():
        whole = content[comment.start : comment.end]
        left = _cleared_comment(whole, mark.encode())
        if left != whole:
            splices.replace(comment.start, comment.end, left)
        if not left:
            gone.add(comment.attributes.get("ref", ""))
    return splices.result(), gone


def commented(content: bytes) -> list[Place]:
    """The cells that have a note in a comments part."""
    listed = parse_nodes(content, 2).first("commentList")
    places = (place_of(comment.attributes.get("ref", "")) for comment in (listed.children if listed else ()))
    return [place for place in places if place]


def clear_shapes(content: bytes, places: Iterable[Place]) -> bytes:
    """The drawing without the shapes of the notes at ``places``."""
    wanted = {(str(row).encode(), str(column).encode()) for row, column in places}

    def keep(shape: re.Match[bytes]) -> bytes:
        row = re.search(rb"<x:Row>\s*(\d+)", shape[0])
        column = re.search(rb"<x:Column>\s*(\d+)", shape[0])
        is_gone = row and column and (row[1], column[1]) in wanted
        return b"" if is_gone else shape[0]

    return _SHAPE.sub(keep, content) if wanted else content


def _run(prefix: str, text: str) -> str:
    p = prefix
    return f'<{p}r><{p}rPr><{p}sz val="9"/></{p}rPr><{p}t xml:space="preserve">{text_xml(text)}</{p}t></{p}r>'


def _author(root: Node, splices: Splices, content: bytes, name: str) -> int:
    """Number of our author, who is added when missing."""
    authors = root.first("authors")
    p = root.prefix
    if authors is None:
        splices.insert(root.inner, f"<{p}authors><{p}author>{text_xml(name)}</{p}author></{p}authors>".encode())
        return 0
    for number, author in enumerate(authors.children):
        if content[author.inner : author.close] == text_xml(name).encode():
            return number
    splices.append(authors, f"<{p}author>{text_xml(name)}</{p}author>".encode())
    return len(authors.children)


def _extended(comment: Node, splices: Splices, content: bytes, text: str) -> None:
    """Our text behind that of a comment which somebody else wrote."""
    node = comment.first("text")
    if node is None:
        return
    plain = node.first("t")
    if plain is not None and node.first("r") is None:
        # Text without runs must become a run itself, for runs and plain text do not go together.
        p = node.prefix
        old = content[plain.start : plain.end].decode()
        whole = f"<{p}r>{old}</{p}r>{_run(p, chr(10) + text)}"
        splices.replace(node.inner, node.close, whole.encode())
    else:
        splices.append(node, _run(node.prefix, "\n" + text).encode())


def add_comments(
    content: bytes | None, notes: Mapping[Place, str], author: str, namespace: str
) -> tuple[bytes, list[Place]]:
    """The comments part (None: a new one) with ``notes``, and the places that had no note before."""
    if content is None:
        content = f'<comments xmlns="{namespace}"><authors/><commentList/></comments>'.encode()
    root = parse_nodes(content, 4)
    splices = Splices(content)
    number = _author(root, splices, content, author)
    listed = root.first("commentList")
    there = {comment.attributes.get("ref", ""): comment for comment in (listed.children if listed else ())}
    p, made, new = root.prefix, [], []
    for (row, column), text in sorted(notes.items()):
        ref = address(row, column)
        if ref in there:
            _extended(there[ref], splices, content, text)
        else:
            made.append(f'<{p}comment ref="{ref}" authorId="{number}"><{p}text>{_run(p, text)}</{p}text></{p}comment>')
            new.append((row, column))
    xml = "".join(made)
    if listed is None:
        splices.insert(root.close, f"<{p}commentList>{xml}</{p}commentList>".encode())
    elif xml:
        splices.append(listed, xml.encode())
    return splices.result(), new


def _shape(number: int, place: Place, text: str) -> str:
    row, column = place
    lines = sum(1 + len(line) // _CHARS_PER_LINE for line in text.split("\n"))
    left, top = column + 1, max(row - 1, 0)
    anchor = f"{left}, 15, {top}, 10, {left + _NOTE_COLUMNS}, 15, {top + max(4, lines + 1)}, 4"
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" fillcolor="#ffffe1" o:insetmode="auto" '
        'style="position:absolute;margin-left:80pt;margin-top:5pt;width:220pt;height:80pt;z-index:1;visibility:hidden">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def highest_block(drawings: Iterable[bytes]) -> int:
    """The highest block of shape numbers that any of ``drawings`` uses."""
    numbers = (int(number) // _BLOCK for content in drawings for number in _SHAPE_ID.findall(content))
    return max(numbers, default=0)


def add_shapes(content: bytes | None, notes: Mapping[Place, str], first_block: int) -> bytes:
    """The drawing (None: a new one) with a shape for each of ``notes``, numbered from block ``first_block`` on.

    Raises ValueError when the drawing has no end.
    """
    if content is None:
        spaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _VML_NAMESPACES.items())
        content = (
            f'<xml {spaces}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{first_block}"/></o:shapelayout>'
            f"{_SHAPE_TYPE}</xml>"
        ).encode()
    elif _ID_MAP.search(content):
        blocks = range(first_block, first_block + 1 + len(notes) // _BLOCK)
        more = "".join(f",{block}" for block in blocks).encode()
        content = _ID_MAP.sub(lambda found: found[1] + found[2] + more, content, count=1)
    end = content.rfind(b"</xml>")
    if end < 0:
        raise ValueError("the drawing of the notes has no end")
    number = first_block * _BLOCK
    shapes = "".join(_shape(number + at, place, text) for at, (place, text) in enumerate(sorted(notes.items()), 1))
    kind = "" if b'id="_x0000_t202"' in content else _SHAPE_TYPE
    missing = [prefix for prefix in _VML_NAMESPACES if f"xmlns:{prefix}=".encode() not in content]
    added = kind + shapes
    for prefix in missing:
        added = re.sub(r"<v:shape(type)? ", rf'<v:shape\1 xmlns:{prefix}="{_VML_NAMESPACES[prefix]}" ', added)
    return content[:end] + added.encode() + content[end:]
