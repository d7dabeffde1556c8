"""A workbook that knows what the unit last reported: registers and key figures filled in, events left to the clerk.

Names and phone tails have never left the raw store, so the rows come from the unit's own file of its last accepted
report, read anew in the sandbox. They go into the new workbook and nowhere else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ingest.burden import Records, SheetBurden, burden_of, kept_records
from ingest.findings import Findings
from ingest.forms import Form
from ingest.guard import guard
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.locate import locate_workbook
from ingest.parsed import Context
from ingest.readers import read_grids
from ingest.receive import raw_path
from ingest.records import read_sheet
from ingest.registers import Registers
from ingest.report import ACCEPTED, Report
from ingest.sandbox import Job, OwnFailure, check_in_sandbox


class PrefillError(Exception):
    """The last accepted report cannot be read any more; the message says why."""


@dataclass(frozen=True)
class Prefill:
    """Rows for a new workbook, and what of it the clerk is spared. ``period``: of the report they come from."""

    period: str | None
    submission_id: str | None
    rows: Records
    burden: tuple[SheetBurden, ...]

    @property
    def asked_count(self) -> int:
        """Cells that the workbook asks for."""
        return sum(sheet.asked_count for sheet in self.burden)

    @property
    def prefilled_count(self) -> int:
        """Cells that are filled in."""
        return sum(sheet.prefilled_count for sheet in self.burden)

    def to_json(self) -> dict[str, Any]:
        """What the workbook asks for, without the rows."""
        return {
            "prefilled_from": self.period,
            "submission_id": self.submission_id,
            "asked_count": self.asked_count,
            "prefilled_count": self.prefilled_count,
            "sheets": [asdict(sheet) for sheet in self.burden],
        }


def read_records(data: bytes, *, registers: Registers, **_options: Any) -> Report:
    """A check for the sandbox: the typed records of every sheet of a report that was accepted, private values too."""
    grids = read_grids(guard(data))
    located = locate_workbook(grids)
    if located is None:
        return Report("rejected", "form_unknown")
    context = Context(registers, counts_from_1904=any(grid.counts_from_1904 for grid in grids))
    records: Records = {}
    for entity, sheet in located.sheets.items():
        found = read_sheet(Findings(), sheet, context)
        records[entity] = [record.values for record in found.records]
    return Report(ACCEPTED, None, located.form.code, records=records)


def prefill(
    home: Home, ledger: Ledger, form: Form, unit_code: str, period: str, *, registers: Registers, today: date
) -> Prefill:
    """Rows of ``form`` for ``unit_code`` and ``period`` from the unit's last accepted report that lists anything; none
    without one.

    ``today`` is the day on which the workbook is prepared. Raises PrefillError.
    """
    decision = ledger.last_accepted(form.code, unit_code, period)
    if decision is None:
        return Prefill(None, None, {}, burden_of(form, {}, {}))
    [receipt] = ledger.receipts([decision.submission_id])
    job = Job(decision.submission_id, raw_path(home.raw, receipt.file_sha256), receipt.channel_unit_code)
    [(_, report)] = list(check_in_sandbox([job], registers=registers, pseudonym_key=b"-", check=read_records))
    if isinstance(report, OwnFailure) or report.state != ACCEPTED or report.form != form.code:
        raise PrefillError(f"the accepted report {decision.submission_id} cannot be read any more")
    rows = kept_records(form, report.records, today)
    return Prefill(decision.period, decision.submission_id, rows, burden_of(form, report.records, rows))
