"""What the checks say about a file that has no decision yet: the same checks, in the same sandbox, as the night's.

A preview decides nothing. The last few are kept in memory, for the page and its marked workbook want the same.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from typing import Any

from ingest.batch import note_lock
from ingest.home import Home
from ingest.issues import Issue
from ingest.ledger import Receipt
from ingest.marking import check_and_mark, findings_only
from ingest.receive import raw_path
from ingest.registers import Registers
from ingest.report import Report
from ingest.sandbox import Job, check_in_sandbox


@dataclass(frozen=True)
class Preview:
    """Verdict, findings and marked workbook; nothing of the rows is kept."""

    state: str
    form: str | None
    unit_code: str | None
    period: str | None
    issues: tuple[Issue, ...]
    marked: bytes


class Previews:
    """Checks files that wait, a few at a time, and remembers the last results."""

    def __init__(self, home: Home, registers: Registers, *, at_once: int, kept: int) -> None:
        """``at_once`` files are checked at the same time, ``kept`` results are remembered."""
        self._home = home
        self._registers = registers
        self._slots = BoundedSemaphore(at_once)
        self._kept = kept
        self._lock = Lock()
        self._results: OrderedDict[str, Preview] = OrderedDict()

    def of(self, receipt: Receipt, scope: str, locks: Sequence[Mapping[str, Any]]) -> Preview | None:
        """The preview of a file whose sender may speak for ``scope``; None when our own code failed on it.

        ``locks`` are those of the ledger: a report for a locked period is told that it will not count.

        Raises `ingest.sandbox.SandboxError` when nothing can be checked here.
        """
        with self._slots:
            with self._lock:
                known = self._results.get(receipt.submission_id)
            if known is not None:
                return known
            made = self._check(receipt, scope, locks)
        if made is not None:
            with self._lock:
                self._results[receipt.submission_id] = made
                while len(self._results) > self._kept:
                    self._results.popitem(last=False)
        return made

    def _check(self, receipt: Receipt, scope: str, locks: Sequence[Mapping[str, Any]]) -> Preview | None:
        job = Job(receipt.submission_id, raw_path(self._home.raw, receipt.file_sha256), scope)
        # Pseudonyms are thrown away, so any key will do.
        key = secrets.token_bytes(32)
        [(_, report)] = check_in_sandbox([job], registers=self._registers, pseudonym_key=key, check=check_and_mark)
        if not isinstance(report, Report):
            return None
        note_lock(receipt, receipt.channel_unit_code or report.unit_code, report, locks)
        marked = report.marked or findings_only(report.issues)
        return Preview(report.state, report.form, report.unit_code, report.period, tuple(report.issues), marked.data)
