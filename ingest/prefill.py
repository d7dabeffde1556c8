"""A workbook that knows what the unit last reported: registers and key figures filled in, events left to the clerk.

Names and phone tails have never left the raw store, so the rows come from the unit's own file of its last accepted
report, read anew in the sandbox. They go into the new workbook and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ingest.findings import Findings
from ingest.forms import Form, Sheet
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

Records = dict[str, list[dict[str, Any]]]


class PrefillError(Exception):
    """The last accepted report cannot be read any more; the message says why."""


@dataclass(frozen=True)
class SheetBurden:
    """One sheet: how many cells it asks for (a list with as many rows as last time), and how many are filled in."""

    sheet: str
    layout: str
    row_count: int
    asked_count: int
    prefilled_count: int


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


def _kept(form: Form, sheet: Sheet, records: Sequence[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    """What of a sheet's last records goes into the new workbook; of the cover only what it cannot do without."""
    if sheet.layout == "event":
        return []
    if sheet is not form.cover:
        return [dict(record) for record in records]
    required = {field.name for field in sheet.fields if field.is_required} - form.own_fields
    kept = {name: value for name, value in (records[0] if records else {}).items() if name in required}
    return [{**kept, **({form.prepared_field: today} if form.prepared_field else {})}]


def _burden(form: Form, last: Mapping[str, Sequence[Mapping[str, Any]]], rows: Records) -> tuple[SheetBurden, ...]:
    """What each sheet asks for. The workbook fills in unit and period itself."""
    found = []
    for sheet in form.sheets:
        count = len(last.get(sheet.entity, ())) if sheet.is_list else 1
        filled = sum(value is not None for record in rows.get(sheet.entity, ()) for value in record.values())
        if sheet is form.cover:
            filled += sum(field.name in form.own_fields for field in sheet.fields)
        found.append(SheetBurden(sheet.name_zh, sheet.layout, count, count * len(sheet.fields), filled))
    return tuple(found)


def prefill(
    home: Home, ledger: Ledger, form: Form, unit_code: str, period: str, *, registers: Registers, today: date
) -> Prefill:
    """Rows of ``form`` for ``unit_code`` and ``period`` from the unit's last accepted report; none without one.

    ``today`` is the day on which the workbook is prepared. Raises PrefillError.
    """
    decision = ledger.last_accepted(form.code, unit_code, period)
    if decision is None:
        return Prefill(None, None, {}, _burden(form, {}, {}))
    [receipt] = ledger.receipts([decision.submission_id])
    job = Job(decision.submission_id, raw_path(home.raw, receipt.file_sha256), receipt.channel_unit_code)
    [(_, report)] = list(check_in_sandbox([job], registers=registers, pseudonym_key=b"-", check=read_records))
    if isinstance(report, OwnFailure) or report.state != ACCEPTED or report.form != form.code:
        raise PrefillError(f"the accepted report {decision.submission_id} cannot be read any more")
    rows = {sheet.entity: _kept(form, sheet, report.records.get(sheet.entity, []), today) for sheet in form.sheets}
    return Prefill(decision.period, decision.submission_id, rows, _burden(form, report.records, rows))
