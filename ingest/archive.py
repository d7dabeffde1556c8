"""A zip that is no document: the tables of one report as CSV files, or one packed report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from ingest.filekind import ZIP_MAGICS, sniff
from ingest.refusal import GuardError

#: What archive programs and file managers add by themselves.
_ADDED_FOLDER = ("__MACOSX",)
_ADDED_FILES = ("thumbs.db", "desktop.ini")
#: What Excel and WPS put beside a file that is open.
LOCK_PREFIX = "~$"
_ADDED_PREFIXES = (".", LOCK_PREFIX)
_NAMES_SHOWN = 5


def is_member_of_report(name: str) -> bool:
    """Whether a member was put into the archive by a person, and not by a program that keeps its own files there."""
    path = PurePosixPath(name)
    return not (
        path.parts[:1] == _ADDED_FOLDER or path.name.startswith(_ADDED_PREFIXES) or path.name.lower() in _ADDED_FILES
    )


def _are_tables(contents: Iterable[bytes]) -> bool:
    """Whether all are text and some are tables; an empty table is but a title."""
    kinds = {"zip" if content.startswith(ZIP_MAGICS) else sniff(content).code for content in contents}
    return "csv" in kinds and kinds <= {"csv", "text"}


def unpack_report(members: dict[str, bytes]) -> bytes | dict[str, bytes]:
    """The one report in an archive: the bytes of its only file, or its CSV tables by name without extension.

    Raises GuardError when the archive is empty or holds several files that are not all tables.
    """
    full = {name: content for name, content in members.items() if content.strip()}
    if not full:
        raise GuardError("archive_empty")
    if _are_tables(full.values()):
        tables = {PurePosixPath(name).stem: content for name, content in full.items()}
        if len(tables) == len(full):
            return tables
    if len(full) == 1:
        return next(iter(full.values()))
    names = "、".join(PurePosixPath(name).name for name in list(full)[:_NAMES_SHOWN])
    more = "等" if len(full) > _NAMES_SHOWN else ""
    raise GuardError("archive_several", raw=str(len(full)), expected=names + more)
