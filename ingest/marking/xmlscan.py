"""Where things stand in an XML part, as byte offsets, so that a part can be changed without being written anew.

What is not touched stays byte for byte as it was: prefixes, order of attributes, extensions unknown to us.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
#: Characters that XML cannot hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass
class Node:
    """One element: ``start`` of its tag, ``inner`` to ``close`` its content, ``end`` behind it."""

    tag: str
    attributes: dict[str, str]
    start: int
    inner: int = 0
    close: int = 0
    end: int = 0
    children: list[Node] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The tag without its prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix with its colon, empty when there is none."""
        return self.tag[: len(self.tag) - len(self.name)]

    @property
    def is_empty(self) -> bool:
        """Whether it is written ``<tag/>``."""
        return self.inner == self.end

    def attribute(self, name: str) -> str | None:
        """Value of an attribute, whatever its prefix."""
        for key, value in self.attributes.items():
            if key.rpartition(":")[2] == name:
                return value
        return None

    def first(self, name: str) -> Node | None:
        """The first child called ``name``."""
        return next((child for child in self.children if child.name == name), None)


def head_end(content: bytes, start: int) -> int:
    """Offset behind the tag that begins at ``start``; raises ValueError."""
    match = _TAG.match(content, start)
    if match is None:
        raise ValueError(f"no tag at byte {start}")
    return match.end()


def parse_nodes(content: bytes, depth: int = 99) -> Node:
    """The root element with all elements down to ``depth`` (0: the root alone); raises expat.ExpatError, ValueError."""
    parser = expat.ParserCreate()
    stack: list[Node] = []
    roots: list[Node] = []
    level = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal level
        if level <= depth:
            node = Node(tag, attributes, parser.CurrentByteIndex)
            node.inner = head_end(content, node.start)
            (stack[-1].children if stack else roots).append(node)
            stack.append(node)
        level += 1

    def end(_tag: str) -> None:
        nonlocal level
        level -= 1
        if level <= depth:
            node = stack.pop()
            if content[node.inner - 2 : node.inner] == b"/>":
                node.close = node.end = node.inner
            else:
                node.close = parser.CurrentByteIndex
                node.end = head_end(content, node.close)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(content, True)
    return roots[0]


class Splices:
    """Changes of one part, gathered by offset and made at once."""

    def __init__(self, content: bytes) -> None:
        """Begin with ``content`` unchanged."""
        self._content = content
        self._changes: dict[tuple[int, int], bytes] = {}

    def replace(self, start: int, end: int, new: bytes) -> None:
        """Put ``new`` in place of the bytes from ``start`` to ``end``."""
        self._changes[start, end] = new

    def insert(self, at: int, new: bytes) -> None:
        """Put ``new`` before the byte at ``at``, behind what was inserted there earlier."""
        self._changes[at, at] = self._changes.get((at, at), b"") + new

    def append(self, parent: Node, new: bytes) -> None:
        """Put ``new`` at the end of the content of ``parent``; call it once for an element written ``<tag/>``."""
        if parent.is_empty:
            head = self._content[parent.start : parent.end].rstrip(b"/> \r\n\t")
            self.replace(parent.start, parent.end, head + b">" + new + f"</{parent.tag}>".encode())
        else:
            self.insert(parent.close, new)

    def result(self) -> bytes:
        """The content with all changes."""
        pieces, at = [], 0
        for (start, end), new in sorted(self._changes.items()):
            pieces += [self._content[at:start], new]
            at = end
        return b"".join([*pieces, self._content[at:]])


def set_attribute(head: bytes, name: str, value: object) -> bytes:
    """The tag ``head`` (``<c r="A1"/>``) with an attribute set."""
    pattern = re.compile(rb"(\s" + name.encode() + rb"\s*=\s*)(?:\"[^\"]*\"|'[^']*')")
    new = f'"{value}"'.encode()
    if pattern.search(head):
        return pattern.sub(lambda found: found[1] + new, head, count=1)
    end = len(head) - (2 if head.endswith(b"/>") else 1)
    return head[:end].rstrip() + f" {name}=".encode() + new + head[end:]


def without_attribute(head: bytes, name: str) -> bytes:
    """The tag ``head`` without an attribute."""
    return re.sub(rb"\s" + name.encode() + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", head, count=1)


def text_xml(text: str) -> str:
    """``text`` as the content of an element."""
    return escape(_FORBIDDEN.sub("", text))


def quoted(text: str) -> str:
    """``text`` as the value of an attribute, with its quotes."""
    return quoteattr(_FORBIDDEN.sub("", text))
