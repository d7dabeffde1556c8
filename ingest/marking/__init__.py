"""The marked workbook: what a street gets back, its own file with the wrong cells coloured and annotated.

- ``own_file``       an xlsx, marked in place: nothing but the marks changes;
- ``copied``         anything else: a new workbook with the findings and a copy of the values;
- ``findings_sheet`` the sheet 填报问题; `ingest.explanations` reads it again when the workbook comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ingest.cells import Grid, ReaderPanicError
from ingest.check import check_workbook
from ingest.explanations import Explanation, read_explanations
from ingest.grouping import group_findings
from ingest.guard import GuardedFile, GuardError, guard
from ingest.issues import Issue
from ingest.marking.copied import marked_copy
from ingest.marking.own_file import mark_own_file
from ingest.readers import read_grids
from ingest.report import Marked, Report

__all__ = ["Explanation", "Marked", "check_and_mark", "findings_only", "mark_workbook", "marker", "read_explanations"]


def _grids(file: GuardedFile | None) -> list[Grid]:
    """The cells, as far as they can be read."""
    try:
        return read_grids(file) if file else []
    except (GuardError, ReaderPanicError):
        return []


def mark_workbook(data: bytes, issues: Sequence[Issue]) -> Marked:
    """The file ``data`` with ``issues`` marked in it, or a new workbook that lists them.

    Explanations that a clerk wrote on the sheet 填报问题 stay. Never raises on what a file may hold.
    """
    problems = group_findings(issues)
    try:
        file: GuardedFile | None = guard(data)
    except GuardError:
        file = None
    if file is not None and file.kind.code == "xlsx":
        own = mark_own_file(file, problems, lambda: _grids(file))
        if own is not None:
            return Marked(own, is_own_file=True)
    grids = _grids(file)
    kind = file.kind.name_zh if file is not None and grids else None
    return Marked(marked_copy(grids, kind, problems, read_explanations(grids)), is_own_file=False)


def check_and_mark(data: bytes, **options: Any) -> Report:
    """`check_workbook` (with its ``options``), the marked workbook in ``report.marked``: for the sandbox."""
    report = check_workbook(data, **options)
    report.marked = mark_workbook(data, report.issues)
    return report


def findings_only(issues: Sequence[Issue]) -> Marked:
    """A workbook that lists ``issues``, for a file that nobody should open."""
    return Marked(marked_copy([], None, group_findings(issues)), is_own_file=False)


#: A file as a sender sent it: the unit that the channel vouches for, and the SHA-256 of the content.
Sent = tuple[str | None, str]


def _mark(
    data: bytes, *, findings: Mapping[Sent, Sequence[Issue]], channel_unit: str | None, **_options: Any
) -> Report:
    issues = list(findings[channel_unit, hashlib.sha256(data).hexdigest()])
    return Report("", None, issues=issues, marked=mark_workbook(data, issues))


def marker(findings: Mapping[Sent, Sequence[Issue]]) -> partial[Report]:
    """A check for the sandbox that finds nothing itself but marks files with the ``findings`` given for them."""
    return partial(_mark, findings=dict(findings))
