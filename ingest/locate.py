"""Where things stand in a workbook: the form, its sheets, the header row, the columns, the end of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ingest.cells import Cell, Grid
from ingest.forms import Field, Form, Sheet, load_forms
from ingest.headers import (
    HeaderIndex,
    core_sheet_name,
    header_index,
    is_ignored_header,
    normal_sheet_name,
    sheet_names,
    stated_money_unit,
)
from ingest.settings import limits, words
from ingest.text import compact, trim

#: Very hidden sheet of our template: rows of key and value (form, template_version, unit_code, period).
META_SHEET = "_meta"
META_KEYS = ("form", "template_version", "unit_code", "period")

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
    """A sheet of the form, found in the workbook. ``first_row`` is the first row below the header (from 0)."""

    sheet: Sheet
    grid: Grid
    columns: dict[str, Column]
    header_row: int | None
    first_row: int
    unknown: tuple[tuple[int, int, str], ...] = ()
    repeated: tuple[Column, ...] = ()


@dataclass
class Located:
    """The whole workbook: form, what the template's meta sheet says, sheets by entity, and what was left aside."""

    form: Form
    meta: dict[str, str]
    sheets: dict[str, LocatedSheet]
    hidden: list[Grid] = field(default_factory=list)
    unknown: list[Grid] = field(default_factory=list)
    second_covers: list[LocatedSheet] = field(default_factory=list)


def _text(cell: Cell) -> str:
    return trim(cell) if isinstance(cell, str) else ""


def read_meta(grids: Iterable[Grid]) -> dict[str, str]:
    """What the template wrote into its meta sheet; empty when there is none."""
    for grid in grids:
        if grid.name == META_SHEET:
            pairs = ((row[0], row[1]) for row in grid.rows if len(row) > 1)
            return {str(key): trim(str(value)) for key, value in pairs if key in META_KEYS and value != ""}
    return {}


def _matches(row: Sequence[Cell], index: HeaderIndex) -> dict[str, tuple[int, str]]:
    """Fields named in ``row``: field name -> (column, header text); the first of two equal headers counts."""
    found: dict[str, tuple[int, str]] = {}
    for column, cell in enumerate(row):
        if isinstance(cell, str) and cell:
            named = index.field(cell)
            if named is not None:
                found.setdefault(named.name, (column, trim(cell)))
    return found


def _joined_texts(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[tuple[str, ...]]:
    """Candidate headers per column of a two-row header, best first; merged upper cells reach to the right."""
    texts: list[tuple[str, ...]] = []
    group = ""
    for column, low in enumerate(lower):
        above, below = _text(upper[column]) if column < len(upper) else "", _text(low)
        if above:
            group = above
        if not below:
            texts.append((above,) if above else ())
        else:
            reach = above or group
            texts.append((f"{reach}/{below}", f"{reach}{below}", f"{reach}({below})", below) if reach else (below,))
    return texts


def _matches_joined(upper: Sequence[Cell], lower: Sequence[Cell], index: HeaderIndex) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for column, candidates in enumerate(_joined_texts(upper, lower)):
        for text in candidates:
            named = index.field(text)
            if named is not None:
                found.setdefault(named.name, (column, candidates[0]))
                break
    return found


def find_header(grid: Grid, index: HeaderIndex) -> tuple[int, int, dict[str, tuple[int, str]]] | None:
    """(first, last header row, fields found) of a list sheet, or None; title rows and notes above do not matter."""
    # A sheet of a text table begins where it stands in the file.
    top = grid.first_row
    rows = grid.rows[: top + limits()["read"]["header_search_rows"]]
    singles = [_matches(row, index) for row in rows]
    needed = min(2, len(index.sheet.fields))
    best: tuple[int, int, dict[str, tuple[int, str]]] | None = None
    for at, single in enumerate(singles):
        if len(single) >= needed and (best is None or len(single) > len(best[2])):
            best = (at, at, single)
    full = len(index.sheet.fields)
    if best is not None and len(best[2]) == full:
        return best
    for at in range(len(rows) - 1):
        if best is not None and at not in (best[0] - 1, best[0]):
            continue
        joined = _matches_joined(rows[at], rows[at + 1], index)
        enough = max(needed, len(singles[at]) + 1, len(singles[at + 1]) + 1)
        if len(joined) >= enough and (best is None or len(joined) > len(best[2])):
            best = (at, at + 1, joined)
    return best


def _corner_unit(grid: Grid, header_row: int) -> str | None:
    """Money unit stated above the table, e.g. 单位：万元."""
    for row in grid.rows[:header_row]:
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
    top, bottom, found = header
    corner = _corner_unit(grid, top) if any(one.type == "money" for one in sheet.fields) else None
    columns: dict[str, Column] = {}
    for name, (at, text) in found.items():
        field_ = sheet.field(name)
        unit = (stated_money_unit(text) or corner) if field_.type == "money" else None
        columns[name] = Column(field_, text, bottom, at, at, unit)
    taken = {column.column for column in columns.values()}
    unknown = tuple(
        (bottom, at, text)
        for at, cell in enumerate(grid.rows[bottom])
        if at not in taken and (text := _text(cell)) and not is_ignored_header(text)
    )
    return LocatedSheet(sheet, grid, columns, bottom, bottom + 1, unknown)


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
        label = _text(row[0]) if row else ""
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
    return name.startswith("_") or compact(name) in words()["ignored_sheets"]


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
        else:
            located.unknown.append(grid)
    return located
