"""Checks that break in every way a reader can, for the tests of the sandbox; the file's first line says how."""

from __future__ import annotations

import os
import time
from typing import Any

from ingest.report import ACCEPTED, Report


class FakePanicException(BaseException):
    """Like the reader's own panic: no ordinary exception."""


def check_by_first_word(data: bytes, **_context: Any) -> Report:
    """Do what the file says: die, hang, burn, eat, raise, panic, print or be fine."""
    word = data.decode().split()[0]
    if word == "die":
        os.abort()
    elif word == "hang":
        time.sleep(60)
    elif word == "burn":
        while True:
            pass
    elif word == "eat":
        hoard = [bytearray(64 * 1024 * 1024) for _ in range(100)]
        return Report(ACCEPTED, None, form=str(len(hoard)))
    elif word == "raise":
        raise ValueError("a mistake of ours")
    elif word == "panic":
        raise FakePanicException("index out of bounds")
    elif word == "print":
        os.write(1, b"noise from a library\n")
    return Report(ACCEPTED, None, form=word, unit_code=str(os.getpid()))
