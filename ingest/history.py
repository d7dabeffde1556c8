"""A report beside the unit's last accepted one: a copy of it, figures that fell, entries that are gone.

What was accepted lies in the lake, when and for what says the ledger; nothing else is kept for this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.dates import period_bounds
from ingest.finding_keys import with_finding_keys
from ingest.forms import Form, Sheet, load_forms
from ingest.issues import Issue, make_issue
from ingest.ledger import Ledger
from ingest.names import match_key
from ingest.report import ACCEPTED, REJECTED, Report, decided, settled
from ingest.settings import checks

Rows = Sequence[Mapping[str, Any]]
#: What a lake row says beside its fields; the pseudonym depends on a key that a mere check does not have.
_PLACE_COLUMNS = ("submission_id", "unit_code", "sheet", "row", "person_key")
_MOST_NAMES = 10


@dataclass(frozen=True)
class Accepted:
    """An accepted report: whose, for when, whether it is a nil return, its rows by lake table or their batch."""

    submission_id: str
    unit_code: str
    form: str
    period: str
    batch_id: str | None
    is_nil: bool
    rows: Mapping[str, Rows] | None = None


class History:
    """The accepted reports of units, the last one of a period each; only what is asked for is read."""

    def __init__(self, lake: Path, ledger: Ledger | None = None) -> None:
        """What ``ledger`` has accepted, and what is added."""
        self._lake, self._ledger = lake, ledger
        self._files: dict[Path, Any] = {}
        self._latest: dict[str, dict[tuple[str, str], Accepted]] = {}

    def _of(self, unit_code: str) -> dict[tuple[str, str], Accepted]:
        """What speaks for the unit, by form and period."""
        if unit_code not in self._latest:
            rows = self._ledger.accepted(unit_code) if self._ledger else []
            self._latest[unit_code] = {(row["form"], row["period"]): _decided(row) for row in rows}
        return self._latest[unit_code]

    def add(self, one: Accepted) -> None:
        """Take in a report that has been accepted since."""
        self._of(one.unit_code)[one.form, one.period] = one

    def before(self, report: Report) -> Accepted | None:
        """The last accepted report of the same unit and form for an earlier quarter, with its rows.

        A nil return is passed over: it has nothing to compare with.
        """
        if report.form is None or report.period is None or period_bounds(report.period) is None:
            return None
        known = self._of(report.unit_code or "").values()
        earlier = [one for one in known if one.form == report.form and one.period < report.period and not one.is_nil]
        if not earlier:
            return None
        one = max(earlier, key=lambda one: one.period)
        return one if one.rows is not None else replace(one, rows=self._rows(one))

    def _rows(self, one: Accepted) -> dict[str, Rows]:
        form = load_forms()[one.form]
        found: dict[str, Rows] = {}
        for table in map(form.table, form.sheets):
            path = self._lake / table / f"period={one.period}" / f"batch-{one.batch_id}.parquet"
            if path.exists():
                if path not in self._files:
                    self._files[path] = pq.ParquetFile(path).read(use_threads=False)
                whole = self._files[path]
                found[table] = whole.filter(pc.equal(whole.column("submission_id"), one.submission_id)).to_pylist()
        return found


def _decided(row: Mapping[str, Any]) -> Accepted:
    names = ("submission_id", "unit_code", "form", "period", "batch_id")
    return Accepted(**{name: row[name] for name in names}, is_nil=not row["list_row_count"])


def _content(rows: Rows) -> list[str]:
    return sorted(
        repr(sorted((name, value) for name, value in row.items() if name not in _PLACE_COLUMNS)) for row in rows
    )


def _is_copy(form: Form, now: Mapping[str, Rows], then: Mapping[str, Rows]) -> bool:
    """Whether every sheet but the cover says the same as the last time, and says something."""
    tables = [form.table(sheet) for sheet in form.sheets if sheet is not form.cover]
    if not any(now.get(table) for table in tables):
        return False
    return all(_content(now.get(table, ())) == _content(then.get(table, ())) for table in tables)


def _cell(report: Report, entity: str, field: str) -> str | None:
    """Cell of a key-value field."""
    cells = (one["cell"] for one in report.field_map if (one["entity"], one["field"]) == (entity, field))
    return next(cells, None)


def _figure(rows: Rows, rule: Mapping[str, Any]) -> int | None:
    """The figure that ``rule`` watches: a field of the one record, or a number of lines."""
    if "field" in rule:
        return rows[0][rule["field"]] if rows else None
    where = rule.get("where", {})
    return sum(all(row[name] == value for name, value in where.items()) for row in rows)


def _drops(report: Report, form: Form, then: Accepted) -> list[Issue]:
    """Figures that fell by more than the share that asks for a word."""
    settings = checks()["drops"]
    issues = []
    for rule in settings["figures"].get(form.code, []):
        sheet = form.sheet(rule["entity"])
        table = form.table(sheet)
        if table not in report.rows:
            continue
        before, after = (_figure(rows, rule) for rows in ((then.rows or {}).get(table, ()), report.rows[table]))
        if before is None or after is None or before < settings["from_count"]:
            continue
        if (before - after) * 100 > before * settings["over_pct"]:
            name = _name(report, sheet)
            cell = _cell(report, rule["entity"], rule["field"]) if "field" in rule else None
            issues.append(
                make_issue(
                    "count_dropped", sheet=name, cell=cell, header=rule["label_zh"], raw=str(after),
                    expected=f"{before}（{then.period}）", entity=rule["entity"], field=rule.get("field"),
                )
            )  # fmt: skip
    return issues


def _name(report: Report, sheet: Sheet) -> str:
    """What the sheet is called in this file."""
    return next((entry["sheet"] or "" for entry in report.field_map if entry["entity"] == sheet.entity), sheet.name_zh)


def _gone(rows: Rows, then: Rows, keys: Sequence[str]) -> list[Mapping[str, Any]]:
    """Entries of the last time that no key finds any more."""
    known = {(key, match_key(str(row[key]))) for row in rows for key in keys if row[key] is not None}
    return [row for row in then if not any((key, match_key(str(row[key]))) in known for key in keys if row[key])]


def _left_out(report: Report, form: Form, then: Accepted) -> list[Issue]:
    """Entries of a register that are gone: a query when they are many or all of one kind, else a note."""
    settings = checks()["left_out"]
    issues = []
    for entity, rule in settings["registers"].get(form.code, {}).items():
        sheet = form.sheet(entity)
        rows, before = report.rows.get(form.table(sheet)), (then.rows or {}).get(form.table(sheet), ())
        if rows is None or any(row[rule["keys"][0]] is None for row in rows):
            continue
        gone = _gone(rows, before, rule["keys"])
        if not gone:
            continue
        kept = {row[rule["kind"]] for row in rows}
        lost_kind = sum(row[rule["kind"]] not in kept for row in gone) >= settings["from_kind_count"]
        is_many = len(gone) >= settings["from_count"] and len(gone) * 100 >= len(before) * settings["from_pct"]
        names = [str(row[rule["keys"][0]]) for row in gone]
        listed = "、".join(names[:_MOST_NAMES]) + ("等" if len(names) > _MOST_NAMES else "")
        code = "rows_left_out" if lost_kind or is_many else "rows_gone"
        expected = f"{len(gone)} 项：{listed}"
        issues.append(make_issue(code, sheet=_name(report, sheet), expected=expected, kind=then.period, entity=entity))
    return issues


def compare_with_history(report: Report, history: History) -> Report:
    """The report with what its unit's last accepted one shows; one with errors is mended first and left as it is.

    A copy is refused and nothing else said of it; a nil return is a state of its own and compared with nothing.
    """
    then = history.before(report) if report.state == ACCEPTED else None
    if then is None or report.form is None:
        return report
    form = load_forms()[report.form]
    if _is_copy(form, report.rows, then.rows or {}):
        issue = make_issue("stale_copy", expected=then.period)
        seen = with_finding_keys(settled(replace(report, issues=[*report.issues, issue])))
        if all(one.severity != "error" for one in seen.issues):
            return seen
        return replace(report, state=REJECTED, reason=issue.code, issues=[seen.issues[-1]], rows={}, field_map=[])
    if not _has_lines(report):
        return report
    found = [*_drops(report, form, then), *_left_out(report, form, then)]
    return with_finding_keys(decided(replace(report, issues=[*report.issues, *found])))


def _has_lines(report: Report) -> bool:
    """Whether any list has a line: a report without is a nil return."""
    form = load_forms()[report.form or ""]
    return any(report.rows.get(form.table(sheet)) for sheet in form.sheets if sheet.is_list)


def accepted_report(report: Report, submission_id: str, unit_code: str | None) -> Accepted | None:
    """``report`` as those that follow it in the same batch may be compared with; None when it was not accepted."""
    if report.state != ACCEPTED or not (report.form and report.period and unit_code):
        return None
    is_nil = not _has_lines(report)
    return Accepted(submission_id, unit_code, report.form, report.period, None, is_nil, report.rows)
