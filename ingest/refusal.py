"""The one way to say that a file cannot be taken."""

from __future__ import annotations


class GuardError(Exception):
    """The file cannot be taken. ``code`` is an issue code, ``details`` fill its message."""

    def __init__(self, code: str, **details: str) -> None:
        """``code`` is an issue code; ``details`` are the placeholders of its texts."""
        super().__init__(code, details)
        self.code = code
        self.details = details


def hostile(reason_zh: str) -> GuardError:
    """The file is built to do harm, or by a mistake as if it were."""
    return GuardError("workbook_hostile", expected=reason_zh)


def damaged(what_zh: str) -> GuardError:
    """A part of the file cannot be understood."""
    return GuardError("workbook_damaged", expected=what_zh)
