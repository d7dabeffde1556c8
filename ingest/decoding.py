"""Bytes to text by what they are: a byte order mark, else strict UTF-8, else strict GB18030. Nothing is guessed.

Guessing by frequency is wrong on short Chinese files; strict decoding is not, since GB18030 text is hardly ever valid
UTF-8.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Characters that no text file holds; old programs end a file with 0x1A.
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")


def decode(data: bytes) -> str | None:
    """The text of ``data`` without its mark; None when it is no text in one of the encodings."""
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            data, encodings = data[len(mark) :], (encoding,)
            break
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _NO_TEXT.search(text) else text.rstrip("\x1a")
    return None
