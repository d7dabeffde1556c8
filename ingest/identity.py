"""Who reports, and for when: read from the cover before anything else, because nothing can be judged without it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ingest.codes import parse_unit_code
from ingest.dates import parse_period
from ingest.forms import Form
from ingest.issues import Issue, make_issue
from ingest.locate import Column, Located, LocatedSheet
from ingest.names import unit_by_name
from ingest.parsed import BLANK, Context, Parsed, show
from ingest.registers import Registers, unit_level
from ingest.scope import covers, show_scope, sole_unit
from ingest.text import address
from ingest.values import parse_name

LEVEL_ZH = {"province": "省级", "city": "市级", "district": "区级", "street": "街道"}
_LEVEL_HINT = {"province": "省 2 位", "city": "市 4 位", "district": "区 6 位", "street": "街道 9 位"}


@dataclass
class Identity:
    """Unit and period of a report; ``issues`` say what is wrong with them, the first is the reason of rejection."""

    unit_code: str | None = None
    period: str | None = None
    issues: list[Issue] = field(default_factory=list)


def _raw(located: LocatedSheet | None, column: Column | None) -> tuple[object, str | None, str | None]:
    """(raw cell, address, sheet name) of a cover field."""
    if located is None or column is None:
        return "", None, located.grid.name if located else None
    rows = located.grid.rows
    row = rows[column.row]
    cell = row[column.column] if column.column < len(row) else ""
    trouble = located.grid.trouble.get((column.row, column.column))
    return (trouble.raw if trouble else cell), address(column.row, column.column), located.grid.name


@dataclass(frozen=True)
class _Place:
    """A cover field that identifies the report: what it holds and how to speak of it."""

    cell: object
    sheet: str | None
    address: str | None
    header: str
    entity: str
    field: str
    row: int | None

    def issue(self, code: str, expected: str = "", kind: str = "") -> Issue:
        raw = show(self.cell)[:80] if self.cell != "" else None  # type: ignore[arg-type]
        return make_issue(
            code, sheet=self.sheet, cell=self.address, header=self.header, raw=raw, expected=expected, kind=kind,
            entity=self.entity, field=self.field, row=self.row,
        )  # fmt: skip


def _place(located: Located, name: str) -> _Place:
    form = located.form
    sheet = located.sheets.get(form.cover.entity)
    column = sheet.columns.get(name) if sheet else None
    cell, where, title = _raw(sheet, column)
    row = column.row + 1 if column else None
    return _Place(cell, title, where, form.cover.field(name).header_zh, form.cover.entity, name, row)


def _levels(form: Form, names: dict[str, str]) -> str:
    return "、".join(names[level] for level in form.unit_levels)


def _check_unit(located: Located, context: Context, channel_unit: str | None, identity: Identity) -> None:
    form = located.form
    place = _place(located, form.unit_field)
    parsed = parse_unit_code(place.cell, context) if place.cell != "" else BLANK  # type: ignore[arg-type]
    if parsed.value is None:
        by_name = _unit_by_name(located, place, context, channel_unit)
        if by_name is not None:
            parsed = Parsed(by_name, "unit_by_name", by_name)
    if parsed == BLANK and located.meta.get("unit_code"):
        parsed = parse_unit_code(located.meta["unit_code"], context)
    if parsed == BLANK:
        identity.issues.append(place.issue("unit_missing", _levels(form, _LEVEL_HINT)))
        return
    if parsed.value is None:
        identity.issues.append(place.issue("unit_unknown", _levels(form, _LEVEL_HINT)))
        return
    identity.unit_code = parsed.value
    level = unit_level(parsed.value)
    if level not in form.unit_levels:
        identity.issues.append(place.issue("unit_level_wrong", _levels(form, LEVEL_ZH), LEVEL_ZH.get(level or "", "")))
    elif channel_unit is not None and not covers(channel_unit, parsed.value):
        identity.issues.append(place.issue("unit_mismatch", show_scope(channel_unit)))
    else:
        if parsed.issue is not None and (place.cell != "" or parsed.issue == "unit_by_name"):
            identity.issues.append(place.issue(parsed.issue, parsed.expected))
        _check_name(located, context, parsed.value, identity)


def _unit_by_name(located: Located, place: _Place, context: Context, channel_unit: str | None) -> str | None:
    """Code of the unit that the cover names instead of a code, looked up only beside the sender's own unit."""
    if located.form.unit_name_field is None:
        return None
    name = place.cell if place.cell != "" else _place(located, located.form.unit_name_field).cell
    near = sole_unit(channel_unit or "") or located.meta.get("unit_code", "")
    if not isinstance(name, str) or not name or near not in context.registers.unit_names:
        return None
    return unit_by_name(name, near, context.registers)


def _check_name(located: Located, context: Context, unit_code: str, identity: Identity) -> None:
    """The name on the cover must not be that of another unit nearby; one that no register knows says nothing."""
    if located.form.unit_name_field is None:
        return
    place = _place(located, located.form.unit_name_field)
    named = unit_by_name(place.cell, unit_code, context.registers) if isinstance(place.cell, str) else None
    if named is not None and named != unit_code:
        identity.issues.append(place.issue("unit_name_contradicts", context.registers.unit_names[unit_code]))


def _parse_period_or_notice(located: Located, cell: object, context: Context) -> Parsed:
    """A quarter, or for a form that answers a notice the notice's number."""
    if located.form.cover.field(located.form.period_field).type == "period":
        return parse_period(cell, context)  # type: ignore[arg-type]
    parsed = parse_name(cell, context)  # type: ignore[arg-type]
    notices = context.registers.notice_ids
    if parsed.value is None or parsed.value in notices:
        return parsed
    return Parsed(None, "notice_unknown", max(notices, default=""))


def _check_period(located: Located, context: Context, identity: Identity) -> None:
    place = _place(located, located.form.period_field)
    parsed = _parse_period_or_notice(located, place.cell, context) if place.cell != "" else BLANK
    if parsed == BLANK and located.meta.get("period"):
        parsed = _parse_period_or_notice(located, located.meta["period"], context)
    if parsed == BLANK:
        example = max(context.registers.notice_ids, default="") if place.field != "period" else "2026-Q3"
        identity.issues.append(place.issue("period_missing", example))
        return
    identity.period = parsed.value
    if parsed.issue is not None and place.cell != "":
        identity.issues.append(place.issue(parsed.issue, parsed.expected))


def _reading(located: Located, name: str, cell: object, context: Context) -> Any:
    """What a cover cell says about unit or period, as text when it cannot be read."""
    if name == located.form.unit_field:
        parsed = parse_unit_code(cell, context)  # type: ignore[arg-type]
    else:
        parsed = _parse_period_or_notice(located, cell, context)
    return parsed.value


def _others(located: Located, name: str, context: Context) -> list[tuple[LocatedSheet, Column]]:
    """Further places that name the unit or the period: a label that comes again, the next column, another cover."""
    cover = located.sheets[located.form.cover.entity]
    others = [(cover, column) for column in cover.repeated if column.field.name == name]
    if name in cover.columns:
        beside = replace(cover.columns[name], column=cover.columns[name].column + 1)
        # Beside a value there may be an explanation; only another unit or period counts.
        if _reading(located, name, _raw(cover, beside)[0], context) is not None:
            others.append((cover, beside))
    return others + [(second, second.columns[name]) for second in located.second_covers if name in second.columns]


def _check_single(located: Located, context: Context, identity: Identity) -> None:
    """Two covers, or a cover that names two units or two periods, are two reports."""
    form = located.form
    if form.cover.entity not in located.sheets:
        return
    for name in (form.unit_field, form.period_field):
        place = _place(located, name)
        mine = _reading(located, name, place.cell, context)
        for sheet, column in _others(located, name, context):
            cell, where, title = _raw(sheet, column)
            if cell == "" or show(cell) == show(place.cell):  # type: ignore[arg-type]
                continue
            if mine is not None and mine == _reading(located, name, cell, context):
                continue
            expected = f"“{place.header}”有两个：{show(place.cell)} 和 {show(cell)}"  # type: ignore[arg-type]
            issue = make_issue(
                "two_reports", sheet=title, cell=where, header=place.header, raw=show(cell)[:80],  # type: ignore[arg-type]
                expected=expected, entity=place.entity, field=name,
            )  # fmt: skip
            identity.issues.append(issue)
            return


def identify(located: Located, registers: Registers, channel_unit: str | None) -> Identity:
    """Unit and period of the report. ``channel_unit``: the scope that the channel vouches for, None when unknown."""
    identity = Identity()
    context = Context(registers)
    _check_single(located, context, identity)
    _check_unit(located, context, channel_unit, identity)
    _check_period(located, context, identity)
    # A file that cannot be taken is told so first; notes on repaired values follow.
    identity.issues.sort(key=lambda issue: issue.severity != "error")
    return identity
