"""Which finding it is, in whatever file it stands: what an explanation is given for.

A finding is the same as long as unit, period, form, check, field, the line that it is about and the value are the same.
Where the line stands does not matter: a register's line is known by its key, an event's by what names it. Persons are
known by a pseudonym, so that nobody can be guessed from a key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ingest.forms import Form, Sheet
from ingest.issues import Issue
from ingest.parsed import show
from ingest.records import Record, SheetRecords
from ingest.report import Report
from ingest.settings import checks

_KEY_CHARS = 16
#: Field types that measure and do not name.
_MEASURES = ("count", "decimal", "money", "boolean")


def _digest(parts: Iterable[object], key: bytes = b"-") -> str:
    text = "\x1f".join(str(part) for part in parts)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_KEY_CHARS]


def _naming_fields(form: Form, sheet: Sheet) -> list[str]:
    """The fields by which a line of a list is known."""
    keys = checks()["register_keys"].get(form.code, {}).get(sheet.entity)
    if keys:
        return list(keys[0])
    return [field.name for field in sheet.fields if field.is_required and field.type not in _MEASURES]


def _row_key(form: Form, sheet: SheetRecords, issue: Issue, record: Record, key: bytes) -> str:
    there = sheet.located.sheet
    names = _naming_fields(form, there) if there.is_list else []
    typed = record.values.get(issue.field or "")
    value = issue.raw if typed is None else show(typed)
    return _digest([*(record.values.get(name) for name in names), value], key if there.private_fields else b"-")


def with_row_keys(
    issues: Iterable[Issue], form: Form, sheets: Mapping[str, SheetRecords], pseudonym_key: bytes
) -> list[Issue]:
    """``issues`` with the key of the line and value that each is about, where it is about one."""
    found = []
    for issue in issues:
        sheet = sheets.get(issue.entity or "")
        record = None
        if sheet is not None and issue.field is not None:
            rows = (one for one in sheet.records if not sheet.located.sheet.is_list or one.row == issue.row)
            record = next(rows, None)
        if sheet is None or record is None:
            found.append(issue)
        else:
            found.append(replace(issue, row_key=_row_key(form, sheet, issue, record, pseudonym_key)))
    return found


def _with_key(issue: Issue, report: Report) -> Issue:
    what = issue.row_key or issue.raw or issue.message
    place = (issue.entity or issue.sheet, issue.field or issue.header)
    return replace(issue, finding_key=_digest([report.unit_code, report.period, report.form, issue.code, *place, what]))


def with_finding_keys(report: Report) -> Report:
    """``report`` with a key on every finding; without any where unit, period or form are not known."""
    if report.unit_code is None or report.period is None or report.form is None:
        return report
    return replace(
        report,
        issues=[_with_key(issue, report) for issue in report.issues],
        shadow=[_with_key(issue, report) for issue in report.shadow],
    )
