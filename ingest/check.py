"""Bytes of one workbook to a report: accepted or rejected, with every finding and the typed rows.

Everything happens in this process; ``ingest.sandbox`` runs it in a child with limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ingest.burden import burden_of, kept_records
from ingest.cells import Grid, ReaderPanicError
from ingest.crosscheck import cross_check
from ingest.evidence import events_issue, file_name_issue, second_report, template_issue, title_issues
from ingest.explanations import read_explanations
from ingest.finding_keys import with_finding_keys, with_row_keys
from ingest.findings import Findings
from ingest.forms import Form
from ingest.guard import GuardError, guard
from ingest.headers import normal_sheet_name
from ingest.identity import Identity, identify
from ingest.issues import Issue, make_issue
from ingest.locate import Located, locate_workbook
from ingest.parsed import Context
from ingest.pseudonym import person_key
from ingest.readers import read_grids
from ingest.records import Record, SheetRecords, read_sheet
from ingest.registers import Registers
from ingest.report import ACCEPTED, REJECTED, Report, decided, rejected, settled
from ingest.settings import checks
from ingest.text import address, column_letter
from ingest.waivers import Waiver

__all__ = ["Report", "check_workbook"]

#: What every lake row says beside its fields (``ingest.land``; not imported, the sandbox's child starts without Arrow).
GIVEN_COLUMNS = frozenset(("submission_id", "unit_code", "sheet", "row", "period"))


def _note_other_sheets(findings: Findings, located: Located) -> None:
    """Sheets that are missing, renamed, there twice, hidden or not of the form."""
    for sheet in located.form.sheets:
        if sheet.entity not in located.sheets:
            findings.add_plain(
                make_issue("sheet_missing", sheet=sheet.name_zh, expected=sheet.name_zh, entity=sheet.entity)
            )
    for entity, there in located.sheets.items():
        name, meant = there.grid.name, there.sheet.name_zh
        if normal_sheet_name(name) != normal_sheet_name(meant):
            findings.add_plain(make_issue("sheet_renamed", sheet=name, raw=name, expected=meant, entity=entity))
    for first, second in located.second_lists:
        name, entity = second.grid.name, second.sheet.entity
        findings.add_plain(make_issue("sheet_twice", sheet=name, raw=name, expected=first.grid.name, entity=entity))
    for code, grids in (("sheet_hidden", located.hidden), ("sheet_unknown", located.unknown)):
        for grid in grids:
            findings.add_plain(make_issue(code, sheet=grid.name, raw=grid.name))


def _tail_field(form: Form) -> tuple[str, str, str] | None:
    """(entity, name field, tail field) of the sheet that a leader reference points to."""
    target = checks()["references"]["leader_ref"]
    for sheet in form.sheets:
        if sheet.entity == target["entity"]:
            tails = [field.name for field in sheet.private_fields if field.type == "phone_tail"]
            return (sheet.entity, target["field"], tails[0]) if tails else None
    return None


def _tails_by_name(form: Form, sheets: Mapping[str, SheetRecords]) -> dict[str, str]:
    """Phone tail of everyone whom other sheets name only by name."""
    target = _tail_field(form)
    if target is None or target[0] not in sheets:
        return {}
    tails: dict[str, str] = {}
    for record in sheets[target[0]].records:
        name, tail = record.values.get(target[1]), record.values.get(target[2])
        if name and tail:
            tails.setdefault(name, tail)
    return tails


def _person(sheet: SheetRecords, record: Record, tails: Mapping[str, str], key: bytes) -> str | None:
    """Pseudonym of the person on one line; None when name or tail is unknown."""
    name = tail = None
    for field in sheet.located.sheet.private_fields:
        if field.type == "phone_tail":
            tail = record.values.get(field.name)
        else:
            name = record.values.get(field.name)
            tail = tail or (tails.get(name) if field.type == "leader_ref" and name else None)
    return person_key(key, name, tail) if name and tail else None


def _rows(sheet: SheetRecords, tails: Mapping[str, str], key: bytes) -> list[dict[str, Any]]:
    """Rows of one sheet as they land: place, pseudonym, then the fields that are not private."""
    fields = sheet.located.sheet.fields
    kept = [field.name for field in fields if not field.is_private and field.name not in GIVEN_COLUMNS]
    has_person = bool(sheet.located.sheet.private_fields)
    rows: list[dict[str, Any]] = []
    for record in sheet.records:
        row: dict[str, Any] = {"sheet": sheet.located.grid.name, "row": record.row}
        if has_person:
            row["person_key"] = _person(sheet, record, tails, key)
        row.update((name, record.values.get(name)) for name in kept)
        rows.append(row)
    return rows


def _field_map(form: Form, sheets: Mapping[str, SheetRecords]) -> list[dict[str, str | None]]:
    found: list[dict[str, str | None]] = []
    for entity, sheet in sheets.items():
        is_list = sheet.located.sheet.is_list
        found.extend(
            {
                "form": form.code,
                "entity": entity,
                "sheet": sheet.located.grid.name,
                "field": column.field.name,
                "header": column.header,
                "column_letter": column_letter(column.column) if is_list else None,
                "cell": None if is_list else address(column.row, column.column),
            }
            for column in sheet.located.columns.values()
        )
    return found


def _read_sheets(findings: Findings, located: Located, identity: Identity, context: Context) -> dict[str, SheetRecords]:
    form = located.form
    known = frozenset((form.unit_field, form.period_field))
    sheets: dict[str, SheetRecords] = {}
    for entity, sheet in located.sheets.items():
        skip = known if entity == form.cover.entity else frozenset[str]()
        sheets[entity] = read_sheet(findings, sheet, context, skip)
    if form.cover.entity in sheets:
        for record in sheets[form.cover.entity].records:
            record.values.update({form.unit_field: identity.unit_code, form.period_field: identity.period})
    return sheets


def _is_refused(report: Report, identity: Identity, evidence: Iterable[Issue | None]) -> bool:
    """Whether the file cannot be taken for what its cover, or the ``evidence`` beside it, says.

    Against a cover that is wrong in itself nothing more is held: the rest follows from it.
    """
    if all(issue.severity != "error" for issue in identity.issues):
        identity.issues += [issue for issue in evidence if issue is not None]
    report.issues = identity.issues
    counted = settled(report)
    identity.issues, report.shadow = counted.issues, counted.shadow
    identity.issues.sort(key=lambda issue: issue.severity != "error")
    report.issues = identity.issues
    if not identity.issues or identity.issues[0].severity != "error":
        return False
    report.state, report.reason = REJECTED, identity.issues[0].code
    return True


def _check_grids(
    grids: list[Grid],
    registers: Registers,
    pseudonym_key: bytes,
    channel_unit: str | None,
    file_name: str,
    waivers: Iterable[Waiver],
) -> Report:
    located = locate_workbook(grids)
    if located is None:
        return rejected("form_unknown")
    form = located.form
    identity = identify(located, registers, channel_unit)
    report = Report(ACCEPTED, None, form.code, identity.unit_code, identity.period)
    report.waivers = tuple(one for one in waivers if one.covers(identity.unit_code, identity.period))
    outside = (file_name_issue(file_name, identity, registers), template_issue(located, identity))
    if _is_refused(report, identity, outside):
        return report
    period = identity.period or ""
    year = int(period[:4]) if period[:4].isdigit() else None
    findings = Findings()
    _note_other_sheets(findings, located)
    context = Context(registers, year, identity.unit_code, any(grid.counts_from_1904 for grid in grids))
    sheets = _read_sheets(findings, located, identity, context)
    inside = (second_report(form, sheets, identity, registers), events_issue(form, sheets, identity))
    if _is_refused(report, identity, (*inside, *title_issues(located, identity, registers))):
        return report
    cross_check(findings, form, sheets, period, context)
    report.issues = [*identity.issues, *with_row_keys(findings.issues, form, sheets, pseudonym_key)]
    report.row_counts = {entity: len(sheet.records) for entity, sheet in sheets.items()}
    tails = _tails_by_name(form, sheets)
    for entity, sheet in sheets.items():
        report.rows[form.table(form.sheet(entity))] = _rows(sheet, tails, pseudonym_key)
    report.field_map = _field_map(form, sheets)
    records = {entity: [record.values for record in sheet.records] for entity, sheet in sheets.items()}
    report.burden = burden_of(form, records, kept_records(form, records, date.min))
    return decided(report)


def _call_places(report: Report, grids: list[Grid]) -> None:
    """Call cells as the file does, where it has no addresses of its own."""
    names = {(grid.name, address(*place)): name for grid in grids for place, name in grid.places.items()}
    if names:
        report.issues = [
            replace(issue, cell=names.get((issue.sheet or "", issue.cell or ""), issue.cell)) for issue in report.issues
        ]


def check_workbook(
    data: bytes,
    *,
    registers: Registers,
    pseudonym_key: bytes,
    channel_unit: str | None = None,
    file_name: str = "",
    waivers: Sequence[Waiver] = (),
) -> Report:
    """Check the bytes of one file. Never raises on what a file may hold; a bug in our code does raise.

    ``channel_unit`` is the scope (`ingest.scope`) that the channel vouches for; the file must name a unit of it. A
    ``file_name`` that names another unit or period is held against it, what one of ``waivers`` is about is not. Private
    values leave only as pseudonyms under ``pseudonym_key``.
    """
    try:
        file = guard(data)
        grids = read_grids(file)
    except GuardError as error:
        return rejected(error.code, error.details)
    except ReaderPanicError:
        return rejected("reader_failed")
    report = _check_grids(grids, registers, pseudonym_key, channel_unit, file_name, waivers)
    if file.has_macros:
        report.issues.append(make_issue("macros_ignored"))
    _call_places(report, grids)
    report.explanations = read_explanations(grids)
    return with_finding_keys(report)
