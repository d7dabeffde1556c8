"""What the checks say about a file that has no decision yet: the same checks, in the same sandbox, as the night's.

A preview decides nothing. The last few are kept in memory, for the page and its marked workbook want the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import BoundedSemaphore, Lock

from ingest.batch import note_lock
from ingest.check import check_workbook
from ingest.history import History, compare_with_history
from ingest.home import Home
from ingest.issues import Issue
from ingest.ledger import Ledger, Receipt
from ingest.marking import findings_only, marker
from ingest.receive import raw_path
from ingest.registers import Registers
from ingest.report import Report
from ingest.sandbox import Job, OwnFailure, check_in_sandbox
from ingest.waivers import Waiver, in_force


@dataclass(frozen=True)
class Preview:
    """Verdict and findings; nothing of the rows is kept."""

    state: str
    form: str | None
    unit_code: str | None
    period: str | None
    issues: tuple[Issue, ...]


class Previews:
    """Checks files that wait, a few at a time, and remembers the last results."""

    def __init__(self, home: Home, ledger: Ledger, registers: Registers, *, at_once: int, kept: int) -> None:
        """``at_once`` files are checked at the same time, ``kept`` results are remembered."""
        self._home = home
        self._ledger = ledger
        self._registers = registers
        self._slots = BoundedSemaphore(at_once)
        self._kept = kept
        self._lock = Lock()
        self._results: OrderedDict[tuple[str, tuple[Waiver, ...]], Preview] = OrderedDict()

    def of(self, receipt: Receipt, now: datetime) -> Preview | None:
        """The preview of a file as known at ``now`` (UTC); None when our own code failed on it.

        Raises `ingest.sandbox.SandboxError` when nothing can be checked here.
        """
        waivers = tuple(in_force(self._ledger.waivers(now)))
        key = (receipt.submission_id, waivers)
        with self._slots:
            with self._lock:
                known = self._results.get(key)
            made = known or self._check(receipt, waivers, now)
        if made is not None and known is None:
            with self._lock:
                self._results[key] = made
                while len(self._results) > self._kept:
                    self._results.popitem(last=False)
        return made

    def marked(self, receipt: Receipt, preview: Preview) -> bytes:
        """The marked workbook that goes with a preview."""
        job = self._job(receipt)
        with self._slots:
            report = self._run(job, marker({(job.channel_unit, receipt.file_sha256): preview.issues}))
        marked = None if isinstance(report, OwnFailure) else report.marked
        return (marked or findings_only(preview.issues)).data

    def _job(self, receipt: Receipt) -> Job:
        submission_id = receipt.submission_id
        scope = receipt.channel_unit_code or self._ledger.scopes([submission_id]).get(submission_id)
        return Job(submission_id, raw_path(self._home.raw, receipt.file_sha256), scope, receipt.file_name)

    def _run(self, job: Job, check: Callable[..., Report]) -> Report | OwnFailure:
        # The home's own key: a finding on a person has the same key as in the night.
        key = self._home.pseudonym_key()
        [(_, report)] = check_in_sandbox([job], registers=self._registers, pseudonym_key=key, check=check)
        return report

    def _check(self, receipt: Receipt, waivers: tuple[Waiver, ...], now: datetime) -> Preview | None:
        report = self._run(self._job(receipt), partial(check_workbook, waivers=waivers))
        if isinstance(report, OwnFailure):
            return None
        report = compare_with_history(report, History(self._home.lake, self._ledger))
        note_lock(receipt, receipt.channel_unit_code or report.unit_code, report, self._ledger.locks(now))
        return Preview(report.state, report.form, report.unit_code, report.period, tuple(report.issues))
