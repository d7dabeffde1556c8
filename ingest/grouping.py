"""Findings as a clerk should read them: one message per problem, the worst first, follow-on errors left out.

A check finds cells; a clerk mends causes. Findings of one kind on one column are one problem with many cells, a finding
that only follows from another one (``follow_ons`` in ``checks.yml``) is none at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.issues import LEVELS, SEVERITIES, Issue, catalogue
from ingest.pseudonym import MASK
from ingest.settings import checks, limits

_CELL = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass(frozen=True)
class Problem:
    """What is wrong once, in one cell or in many. ``rank`` counts from 1: what to mend first."""

    rank: int
    code: str
    severity: str
    level: str
    sheet: str | None
    header: str | None
    cells: tuple[str, ...]
    message: str
    remedy: str
    issues: tuple[Issue, ...]

    @property
    def count(self) -> int:
        """In how many places it was found."""
        return len(self.issues)

    @property
    def places(self) -> str:
        """Its cells, neighbours joined: ``D4、D7-D9``; empty when it concerns a whole sheet, column or file."""
        return join_cells(self.cells)

    def to_json(self) -> dict[str, Any]:
        """The problem as ``jiedao check --json`` prints it."""
        return {
            "rank": self.rank,
            "severity": self.severity,
            "level": self.level,
            "code": self.code,
            "sheet": self.sheet,
            "header": self.header,
            "count": self.count,
            "cells": list(self.cells),
            "message": self.message,
            "remedy": self.remedy,
        }


def _place(cell: str) -> tuple[str, int]:
    match = _CELL.fullmatch(cell)
    return (match[1], int(match[2])) if match else (cell, 0)


def join_cells(cells: Sequence[str]) -> str:
    """Addresses in their order, runs down a column joined: D4, D7, D8 and D9 are ``D4、D7-D9``."""
    runs: list[list[str]] = []
    for cell in cells:
        letters, row = _place(cell)
        if runs and (letters, row - 1) == _place(runs[-1][-1]):
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return "、".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _within(scope: str, issue: Issue) -> tuple[str | None, ...]:
    """What two findings must share to stand in the same ``scope``: file, sheet or cell."""
    places = {"file": (), "sheet": (issue.sheet,), "cell": (issue.sheet, issue.cell)}
    return places[scope]


def without_follow_ons(issues: Iterable[Issue]) -> list[Issue]:
    """Findings that stand on their own: those that another finding explains are left out."""
    listed = list(issues)
    causes: dict[str, list[dict[str, Any]]] = {}
    for rule in checks()["follow_ons"]:
        causes.setdefault(rule["hidden"], []).append(rule)
    seen = {
        (issue.code, scope, _within(scope, issue))
        for issue in listed
        for scope in ("file", "sheet", "cell")
        if scope != "cell" or issue.cell
    }
    return [
        issue
        for issue in listed
        if not any(
            (cause, rule["within"], _within(rule["within"], issue)) in seen
            for rule in causes.get(issue.code, [])
            for cause in rule["causes"]
        )
    ]


def _key(issue: Issue) -> tuple[str | None, ...]:
    """What makes findings one problem; those without a text for many stay alone."""
    if catalogue()[issue.code].grouped_zh is None:
        return (issue.code, issue.severity, issue.sheet, issue.cell, issue.header, issue.message)
    column = None if issue.field is None else issue.header
    return (issue.code, issue.severity, issue.sheet, column)


def _examples(issues: Sequence[Issue]) -> str:
    raws = dict.fromkeys(issue.raw for issue in issues if issue.raw and issue.raw != MASK)
    shown = [f"“{raw}”" for raw in raws][: limits()["read"]["max_examples"]]
    return "、".join(shown) or "见所列单元格"


def _message(issues: Sequence[Issue]) -> str:
    first = issues[0]
    text = catalogue()[first.code].grouped_zh
    if len(issues) == 1 or text is None:
        return first.message
    return text.format(
        sheet=first.sheet or "", header=first.header or "", count=len(issues), examples=_examples(issues)
    )


def group_findings(issues: Iterable[Issue]) -> list[Problem]:
    """The problems behind ``issues``, ranked: what blocks first, structure before cells, the frequent before the rare.

    Nothing is lost: every finding that is no follow-on is in exactly one problem, in the order of the workbook.
    """
    groups: dict[tuple[str | None, ...], list[Issue]] = {}
    for issue in without_follow_ons(issues):
        groups.setdefault(_key(issue), []).append(issue)

    def weight(found: list[Issue]) -> tuple[int, int, int]:
        first = found[0]
        return SEVERITIES.index(first.severity), LEVELS.index(catalogue()[first.code].level), -len(found)

    return [
        Problem(
            rank=rank,
            code=found[0].code,
            severity=found[0].severity,
            level=catalogue()[found[0].code].level,
            sheet=found[0].sheet,
            header=found[0].header,
            cells=tuple(dict.fromkeys(issue.cell for issue in found if issue.cell)),
            message=_message(found),
            remedy=found[0].remedy,
            issues=tuple(found),
        )
        for rank, found in enumerate(sorted(groups.values(), key=weight), start=1)
    ]
