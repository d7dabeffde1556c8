"""Text as clerks type it, brought into one form: full-width, zero-width, spaces."""

from __future__ import annotations

import re
import unicodedata

#: Characters that no one sees: zero-width, joiners, direction marks, byte order mark, soft hyphen.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_SPACE = re.compile(r"\s+")


def trim(text: str) -> str:
    """``text`` without invisible characters and without spaces at its ends; nothing else changes."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    return text.strip()


def readable(raw: bytes | str) -> str:
    """A name whose encoding nobody states: UTF-8, else GB18030, else a letter a byte.

    A text with escaped bytes in it, as file systems and mail headers give them, is taken for the bytes that it was.
    """
    data = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def compact(text: str) -> str:
    """NFKC, no invisible characters, no spaces at all: for codes, numbers, headers and names."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return _SPACE.sub("", text) if not text.isalnum() else text


def column_letter(index: int) -> str:
    """Letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Address of a cell from its row and column, both counted from 0: (0, 0) is A1."""
    return f"{column_letter(column)}{row + 1}"


def column_index(letters: str) -> int:
    """Column counted from 0 of its letters: A is 0."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1
