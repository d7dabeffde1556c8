"""Where things stand in a workbook: the form, its sheets, the header row, the columns, the end of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ingest.cells import Grid
from ingest.forms import Field, Form, Sheet, load_forms
from ingest.headerrows import Header, cell_text, find_header
from ingest.headers import (
    HeaderIndex,
    core_sheet_name,
    header_index,
    is_ignored_header,
    normal_sheet_name,
    sheet_names,
    stated_money_unit,
)
from ingest.settings import limits, word_pattern, words
from ingest.text import compact, trim

#: Very hidden sheet of our template: rows of key and value (form, template_version, unit_code, period).
META_SHEET = "_meta"
META_KEYS = ("form", "template_version", "unit_code", "period")

#: A row below the table with more cells than this is no remark.
MOST_REMARK_CELLS = 2

#: Share of a sheet's required headers that makes an unnamed sheet known.
SIGNATURE_SHARE = 0.6


@dataclass(frozen=True)
class Column:
    """Where a field stands: its column (list sheets) or its value cell (key-value sheets), counted from 0."""

    field: Field
    header: str
    row: int
    column: int
    header_column: int
    money_unit: str | None = None


@dataclass(frozen=True)
class LocatedSheet:
    """A sheet of the form, found in the workbook. ``first_row`` is the first row below the header (from 0).

    ``unknown`` are headers that are no field, ``titles`` the texts above the header, each with its row and column.
    """

    sheet: Sheet
    grid: Grid
    columns: dict[str, Column]
    header_row: int | None
    first_row: int
    unknown: tuple[tuple[int, int, str], ...] = ()
    repeated: tuple[Column, ...] = ()
    titles: tuple[tuple[int, int, str], ...] = ()


@dataclass
class Located:
    """The whole workbook: form, what the template's meta sheet says, sheets by entity, and what was left aside."""

    form: Form
    meta: dict[str, str]
    sheets: dict[str, LocatedSheet]
    hidden: list[Grid] = field(default_factory=list)
    unknown: list[Grid] = field(default_factory=list)
    second_covers: list[LocatedSheet] = field(default_factory=list)
    second_lists: list[tuple[LocatedSheet, LocatedSheet]] = field(default_factory=list)


def read_meta(grids: Iterable[Grid]) -> dict[str, str]:
    """What the template wrote into its meta sheet; empty when there is none."""
    for grid in grids:
        if grid.name == META_SHEET:
            pairs = ((row[0], row[1]) for row in grid.rows if len(row) > 1)
            return {str(key): trim(str(value)) for key, value in pairs if key in META_KEYS and value != ""}
    return {}


def _corner_unit(grid: Grid, header: Header) -> str | None:
    """Money unit stated above the table or in a remark below it, e.g. 单位：万元."""
    remarks = (row for row in grid.rows[header.bottom + 1 :] if sum(cell != "" for cell in row) <= MOST_REMARK_CELLS)
    for row in (*grid.rows[grid.first_row : header.top], *remarks):
        for cell in row:
            if isinstance(cell, str) and "单位" in cell:
                unit = stated_money_unit(cell) if "元" in cell else None
                if unit:
                    return unit
    return None


def locate_list(sheet: Sheet, grid: Grid, index: HeaderIndex) -> LocatedSheet:
    """Header row, columns and unknown columns of a register or event sheet."""
    header = find_header(grid, index)
    if header is None:
        return LocatedSheet(sheet, grid, {}, None, 0)
    bottom = header.bottom
    corner = _corner_unit(grid, header) if any(one.type == "money" for one in sheet.fields) else None
    columns: dict[str, Column] = {}
    for name, (at, text) in header.fields.items():
        field_ = sheet.field(name)
        unit = (stated_money_unit(text) or corner) if field_.type == "money" else None
        columns[name] = Column(field_, text, bottom, at, at, unit)
    taken = {column.column for column in columns.values()}
    unknown = tuple(
        (bottom, at, text)
        for at, cell in enumerate(grid.rows[bottom])
        if at not in taken and (text := cell_text(cell)) and not is_ignored_header(text)
    )
    titles = tuple(
        (row, at, text)
        for row in range(grid.first_row, header.top)
        for at, cell in enumerate(grid.rows[row])
        if (text := cell_text(cell))
    )
    return LocatedSheet(sheet, grid, columns, bottom, bottom + 1, unknown, titles=titles)


def locate_key_value(sheet: Sheet, grid: Grid, index: HeaderIndex) -> LocatedSheet:
    """Labels and value cells of a key-value sheet; the value stands to the right of its label."""
    columns: dict[str, Column] = {}
    repeated: list[Column] = []
    unknown: list[tuple[int, int, str]] = []
    for at, row in enumerate(grid.rows):
        row_known = False
        for column, cell in enumerate(row):
            if not (isinstance(cell, str) and cell):
                continue
            named = index.field(cell)
            if named is None:
                continue
            row_known = True
            unit = stated_money_unit(cell) if named.type == "money" else None
            place = Column(named, trim(cell), at, column + 1, column, unit)
            if named.name in columns:
                repeated.append(place)
            else:
                columns[named.name] = place
        label = cell_text(row[0]) if row else ""
        if label and not row_known and len(row) > 1 and row[1] != "" and not is_ignored_header(label):
            unknown.append((at, 0, label))
    first = min((column.row for column in columns.values()), default=None)
    return LocatedSheet(sheet, grid, columns, first, first or 0, tuple(unknown), tuple(repeated))


def locate_sheet(form: Form, sheet: Sheet, grid: Grid) -> LocatedSheet:
    """``sheet`` of ``form`` within ``grid``, by its layout."""
    index = header_index(form.code, sheet.entity)
    return locate_list(sheet, grid, index) if sheet.is_list else locate_key_value(sheet, grid, index)


def signature_share(located: LocatedSheet) -> float:
    """Share of the sheet's required headers that were found."""
    required = [one.name for one in located.sheet.fields if one.is_required]
    return sum(name in located.columns for name in required) / len(required)


def find_form(grids: Sequence[Grid], meta: dict[str, str]) -> Form | None:
    """The form by the template's meta sheet, else the one whose cover headers are found; None when none fits."""
    forms = load_forms()
    if meta.get("form") in forms:
        return forms[meta["form"]]
    best: tuple[float, Form] | None = None
    tops = [grid.top(limits()["read"]["cover_search_rows"]) for grid in grids]
    for form in forms.values():
        for grid in tops:
            located = locate_sheet(form, form.cover, grid)
            names_unit = form.unit_field in located.columns or form.period_field in located.columns
            share = signature_share(located)
            # Some of the labels may be missing, but a cover that names neither unit nor period is none.
            if names_unit and share >= SIGNATURE_SHARE and (best is None or share > best[0]):
                best = (share, form)
    return best[1] if best else None


def _title_entity(grid: Grid, names: dict[str, str]) -> str | None:
    """Entity by a title in the first rows of a sheet whose own name says nothing."""
    for row in grid.rows[grid.first_row :][:3]:
        for cell in row:
            if isinstance(cell, str) and cell:
                entity = names.get(normal_sheet_name(cell)) or names.get(core_sheet_name(cell))
                if entity:
                    return entity
    return None


def _assign(form: Form, grids: Sequence[Grid]) -> dict[str, Grid]:
    """Grid of every entity: by name, shortened name, title, then by headers; the first claim stands."""
    names = sheet_names(form.code)
    found: dict[str, Grid] = {}
    left = list(grids)
    tests: tuple[Callable[[Grid], str | None], ...] = (
        lambda grid: names.get(normal_sheet_name(grid.name)),
        lambda grid: names.get(core_sheet_name(grid.name)),
        lambda grid: _title_entity(grid, names),
    )
    for test in tests:
        for grid in list(left):
            entity = test(grid)
            if entity and entity not in found:
                found[entity] = grid
                left.remove(grid)
    missing = [sheet for sheet in form.sheets if sheet.entity not in found]
    claims = []
    for sheet in missing:
        for at, grid in enumerate(left):
            share = signature_share(locate_sheet(form, sheet, grid))
            if share >= SIGNATURE_SHARE:
                claims.append((-share, at, sheet.entity, grid))
    for _, _, entity, grid in sorted(claims, key=lambda claim: claim[:3]):
        if entity not in found and grid in left:
            found[entity] = grid
            left.remove(grid)
    return found


def _is_ignored(grid: Grid) -> bool:
    name = normal_sheet_name(grid.name)
    names = {name, word_pattern("sheet_number").sub("", name)}
    return name.startswith("_") or not names.isdisjoint(words()["ignored_sheets"])


def locate_workbook(grids: Sequence[Grid]) -> Located | None:
    """Find the form and its sheets; None when no form is recognised. Hidden sheets are never read as a report."""
    meta = read_meta(grids)
    visible = [grid for grid in grids if grid.is_visible and not _is_ignored(grid)]
    form = find_form(visible, meta)
    if form is None:
        return None
    assigned = _assign(form, visible)
    located = Located(form, meta, {})
    for sheet in form.sheets:
        if sheet.entity in assigned:
            located.sheets[sheet.entity] = locate_sheet(form, sheet, assigned[sheet.entity])
    located.hidden = [grid for grid in grids if not grid.is_visible and not _is_ignored(grid) and not grid.is_blank]
    used = {id(grid) for grid in assigned.values()}
    for grid in visible:
        if id(grid) in used or grid.is_blank:
            continue
        cover = locate_sheet(form, form.cover, grid.top(limits()["read"]["cover_search_rows"]))
        if signature_share(cover) >= SIGNATURE_SHARE and form.cover.entity in assigned:
            located.second_covers.append(cover)
        elif (pair := _second_list(located, grid)) is not None:
            located.second_lists.append(pair)
        else:
            located.unknown.append(grid)
    return located


def _second_list(located: Located, grid: Grid) -> tuple[LocatedSheet, LocatedSheet] | None:
    """(sheet that is read, this one) when ``grid`` is filled in like a list that is there but says other things.

    A copy of the same rows is only a copy.
    """
    if word_pattern("stale_sheet").search(compact(grid.name)):
        return None
    names = sheet_names(located.form.code)
    entity = names.get(core_sheet_name(grid.name)) or _title_entity(grid, names) or _by_contents(located.form, grid)
    first = located.sheets.get(entity or "")
    if first is None or not first.sheet.is_list:
        return None
    second = locate_sheet(located.form, first.sheet, grid)
    if signature_share(second) < SIGNATURE_SHARE:
        return None
    mine, theirs = (
        [row for row in one.grid.rows[one.first_row :] if any(cell != "" for cell in row)] for one in (first, second)
    )
    return (first, second) if theirs and mine != theirs else None


def _by_contents(form: Form, grid: Grid) -> str | None:
    """Entity of the list whose required headers all stand in ``grid``."""
    for sheet in form.sheets:
        if sheet.is_list and signature_share(locate_sheet(form, sheet, grid)) == 1:
            return sheet.entity
    return None
