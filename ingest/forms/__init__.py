"""The forms as data: what a sheet is called, which fields it has, which values a code list allows.

A form is a folder beside this file:

- ``form.yml``    code, Chinese name, template version, which cover fields name unit, period and the day of filling in;
- ``sheets.csv``  one line per sheet, in workbook order;
- ``fields.csv``  one line per field, in column order;
- ``aliases.csv`` other names under which clerks write a sheet or a header.

Nothing in the code knows a form, a sheet or a field by name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FORMS_DIR = Path(__file__).parent

#: Privacy class of fields that never leave the raw store; they become one ``person_key``.
PSEUDONYMISED = "pseudonymised"


@dataclass(frozen=True)
class Field:
    """One column of a list sheet, or one line of a key-value sheet."""

    name: str
    header_zh: str
    type: str
    is_required: bool
    code_list: str | None
    clauses: tuple[str, ...]
    privacy: str
    aliases: tuple[str, ...] = ()

    @property
    def is_private(self) -> bool:
        """Whether the value is personal and may only leave as part of a pseudonym."""
        return self.privacy == PSEUDONYMISED


@dataclass(frozen=True)
class Sheet:
    """One sheet of a form. ``layout`` is ``key_value``, ``register`` or ``event``."""

    entity: str
    name_zh: str
    layout: str
    title_zh: str
    guide_zh: str
    fields: tuple[Field, ...]
    aliases: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        """Whether the sheet holds rows (register or event) and not one record."""
        return self.layout != "key_value"

    @property
    def private_fields(self) -> tuple[Field, ...]:
        """The fields that identify a person, in column order."""
        return tuple(field for field in self.fields if field.is_private)

    def field(self, name: str) -> Field:
        """Return the field called ``name``; raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.entity} has no field {name}")


@dataclass(frozen=True)
class Form:
    """One form: an ordered set of sheets, the first of which is its cover."""

    code: str
    name_zh: str
    template_version: str
    unit_field: str
    unit_name_field: str | None
    period_field: str
    unit_levels: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    prepared_field: str | None = None

    @property
    def cover(self) -> Sheet:
        """The sheet that says who reports and for when."""
        return self.sheets[0]

    @property
    def own_fields(self) -> frozenset[str]:
        """Fields of the cover that the template fills in itself: whose report it is, for when, made from what."""
        own = (self.unit_field, self.unit_name_field, self.period_field, "template_version")
        return frozenset(name for name in own if name)

    def sheet(self, entity: str) -> Sheet:
        """Return the sheet of ``entity``; raises KeyError."""
        for sheet in self.sheets:
            if sheet.entity == entity:
                return sheet
        raise KeyError(f"{self.code} has no sheet for {entity}")

    def table(self, sheet: Sheet) -> str:
        """Name of the lake table that holds the rows of ``sheet``, e.g. ``street_activity``."""
        return f"{self.code}_{sheet.entity}"


def _read_csv(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def _load_aliases(path: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in _read_csv(path):
        key = (row["entity"], row["field"])
        found[key] = (*found.get(key, ()), row["alias_zh"])
    return found


def _load_form(folder: Path) -> Form:
    head = yaml.safe_load((folder / "form.yml").read_text(encoding="utf-8"))
    aliases = _load_aliases(folder / "aliases.csv")
    fields: dict[str, list[Field]] = {}
    for row in _read_csv(folder / "fields.csv"):
        fields.setdefault(row["entity"], []).append(
            Field(
                name=row["field"],
                header_zh=row["header_zh"],
                type=row["type"],
                is_required=row["presence"] == "R",
                code_list=row["code_list"] or None,
                clauses=tuple(row["clauses"].split(",")) if row["clauses"] else (),
                privacy=row["privacy"],
                aliases=aliases.get((row["entity"], row["field"]), ()),
            )
        )
    sheets = tuple(
        Sheet(
            entity=row["entity"],
            name_zh=row["sheet_zh"],
            layout=row["layout"],
            title_zh=row["title_zh"],
            guide_zh=row["guide_zh"],
            fields=tuple(fields[row["entity"]]),
            aliases=aliases.get((row["entity"], ""), ()),
        )
        for row in _read_csv(folder / "sheets.csv")
    )
    return Form(
        code=head["code"],
        name_zh=head["name_zh"],
        template_version=str(head["template_version"]),
        unit_field=head["unit_field"],
        unit_name_field=head["unit_name_field"],
        period_field=head["period_field"],
        unit_levels=tuple(head["unit_levels"]),
        sheets=sheets,
        prepared_field=head.get("prepared_field"),
    )


@cache
def load_forms() -> dict[str, Form]:
    """All forms by code, in alphabetical order of their folders."""
    folders = sorted(path.parent for path in FORMS_DIR.glob("*/form.yml"))
    forms = (_load_form(folder) for folder in folders)
    return {form.code: form for form in forms}


@cache
def load_code_lists() -> dict[str, tuple[str, ...]]:
    """Allowed values of every code list, in the order in which a drop-down shows them."""
    lists: dict[str, tuple[str, ...]] = {}
    for row in _read_csv(FORMS_DIR / "code_lists.csv"):
        lists[row["code_list"]] = (*lists.get(row["code_list"], ()), row["value_zh"])
    return lists
