"""What the checks between reports must find, worked out from the planned facts in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ingest.forms import load_forms
from ingest.template_layout import record_cell
from samples.crosschecks import settings
from samples.hierarchy import Hierarchy, Unit
from samples.outlying import ENTITY, FIELD
from samples.street import is_nil
from samples.topic import Case, Topic
from samples.words import shape

COMPARED_COLUMNS = ("unit_code", "period", "sheet", "cell", "issue_code")
CLAIM_COLUMNS = ("thing_kind", "thing_key", "unit_code", "since_period", "last_period")
RECONCILIATION_COLUMNS = (
    "unit_code",
    "fiscal_year",
    "fund_kind",
    "payer_level",
    "allocated_cny",
    "received_cny",
    "state",
)
Line = tuple[object, ...]
Money = dict[tuple[str, int, str, str], Decimal]


#: By kind of thing: the sheet that lists it, the field that names it, what the street is asked.
CLAIMED = {
    "member_unit": ("unit", "unit_name", "listed_elsewhere"),
    "youth_org": ("youth_org", "org_name", "listed_elsewhere"),
    "person": ("person", "person_name", "person_listed_elsewhere"),
}


def _place(entity: str, field: str, at: int) -> tuple[str, str]:
    """Sheet and cell of a field in the record at place ``at``."""
    sheet = load_forms()["street"].sheet(entity)
    return sheet.name_zh, record_cell(sheet, field, at)


def _listed(case: Case) -> list[tuple[str, str, str | None, str, int]]:
    """Period, kind, credit code, name (or pseudonym) and place of everything that a street lists."""
    found: list[tuple[str, str, str | None, str, int]] = []
    for period, workbook in case.reported():
        rows = [
            ("member_unit", row["uscc"], row["unit_name"], at)
            for at, row in enumerate(workbook["unit"])
            if row["is_member"]
        ]
        rows += [("youth_org", row["uscc"], row["org_name"], at) for at, row in enumerate(workbook["youth_org"])]
        rows += [
            ("person", None, case.person_key(row["person_name"], row["phone_tail"]), at)
            for at, row in enumerate(workbook["person"])
            if row["start_on"] <= period.ends_on and (row["end_on"] is None or row["end_on"] >= period.ends_on)
        ]
        found += [(period.code, *row) for row in rows]
    return found


def _outlying(case: Case) -> list[Line]:
    """Lines of ``truth_compared.csv`` for figures that are far too large."""
    return [
        (case.code, period.code, *_place(ENTITY, FIELD, at), "value_outlying")
        for period, workbook in case.reported()
        for at, row in enumerate(workbook[ENTITY])
        if row[FIELD] >= shape()["outlying"]["from"]
    ]


def _money(case: Case, entity: str) -> Money:
    """Sums by street, year, kind of fund and level of the payer."""
    is_street = case.unit.level == "street"
    sums: Money = defaultdict(Decimal)
    for _, workbook in case.reported():
        for row in workbook[entity]:
            street = case.code if is_street else row["street_code"]
            level = row["payer_level"] if is_street else settings()["levels"][case.unit.level]
            if level in settings()["levels"].values():
                sums[street, row["fiscal_year"], row["fund_kind"], level] += Decimal(row["amount"])
    return dict(sums)


def _facts(case: Case) -> dict[str, Any]:
    is_street = case.unit.level == "street"
    return {
        "silent_years": [period.year for period, workbook in case.due() if workbook is None],
        "nil_years": [period.year for period, workbook in case.reported() if is_nil(workbook)],
        "is_expected": any(True for _ in case.due()),
        "listed": _listed(case) if is_street else [],
        "outlying": _outlying(case) if is_street else [],
        "money": _money(case, "funding" if is_street else "allocation"),
    }


def _bare(name: str) -> str:
    bare = "".join(sign for sign in name.lower() if sign not in settings()["names"]["signs"])
    for ending in settings()["names"]["endings"]:
        if bare.endswith(ending):
            return bare.removesuffix(ending) or name.lower()
    return bare or name.lower()


def keyed(units: Mapping[str, Unit], facts: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, int]]:
    """Kind, key, period, street and place of everything listed; a name finds the only code of that name around it."""
    listed = [(code, *line) for code, fact in facts.items() for line in fact["listed"]]
    coded: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for code, period, kind, uscc, name, _ in listed:
        if uscc:
            coded[period, kind, str(units[code].admin_parent), _bare(name)].add(uscc)
    for code, period, kind, uscc, name, at in listed:
        place = str(units[code].admin_parent)
        if kind == "person":
            yield kind, f"{place}|{name}", period, code, at
            continue
        codes = coded[period, kind, place, _bare(name)]
        yield kind, uscc or (min(codes) if len(codes) == 1 else f"{place}|{_bare(name)}"), period, code, at


def claim_lines(units: Iterable[Unit], facts: Mapping[str, Any]) -> list[Line]:
    """Lines of ``truth_claims.csv``: each street that lists what another one lists in the same period."""
    streets: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for kind, key, period, code, _ in keyed({unit.code: unit for unit in units}, facts):
        streets[kind, key][period].add(code)
    lines: list[Line] = []
    for (kind, key), by_period in streets.items():
        shared = sorted(period for period, codes in by_period.items() if len(codes) > 1)
        if shared:
            lines += [(kind, key, code, shared[0], shared[-1]) for code in sorted(set().union(*by_period.values()))]
    return sorted(lines, key=str)


def compared_lines(units: Iterable[Unit], facts: Mapping[str, Any]) -> list[Line]:
    """Lines of ``truth_compared.csv``: what a street is asked once the reports of the others are known."""
    first: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for kind, key, period, code, at in keyed({unit.code: unit for unit in units}, facts):
        there = first[kind, key, period]
        there[code] = min(at, there.get(code, at))
    lines: list[Line] = [line for fact in facts.values() for line in fact["outlying"]]
    for (kind, _, period), streets in first.items():
        entity, field, asked = CLAIMED[kind]
        if len(streets) > 1:
            lines += [(code, period, *_place(entity, field, at), asked) for code, at in streets.items()]
    return sorted(lines, key=str)


def _is_silent(fact: Mapping[str, Any], year: int) -> bool:
    return not fact["is_expected"] or any(silent >= year for silent in fact["silent_years"])


def _was_nil(fact: Mapping[str, Any], year: int) -> bool:
    return any(nil >= year for nil in fact["nil_years"])


def _state(
    allocated: Decimal, received: Decimal, street: Mapping[str, Any] | None, payer: Mapping[str, Any] | None, year: int
) -> str:
    if allocated == received:
        return "agrees"
    less, fewer = (street, received) if allocated > received else (payer, allocated)
    if less is None or _is_silent(less, year):
        return "one_side_not_reported"
    if fewer == 0 and _was_nil(less, year):
        return "one_side_nil"
    if received == 0:
        return "only_allocated"
    return "only_received" if allocated == 0 else "differs"


def reconciliation_lines(hierarchy: Hierarchy, facts: Mapping[str, Any]) -> list[Line]:
    """Lines of ``truth_reconciliation.csv``: what committees and streets say of the same money."""
    allocated: Money = {}
    received: Money = {}
    payers: dict[tuple[str, int, str, str], str] = {}
    for code, fact in sorted(facts.items()):
        is_street = hierarchy.units[code].level == "street"
        for key, amount in fact["money"].items():
            side = received if is_street else allocated
            side[key] = side.get(key, Decimal(0)) + amount
            if not is_street:
                payers.setdefault(key, code)
    names = settings()["levels"]
    lines: list[Line] = []
    for key in sorted(allocated.keys() | received.keys()):
        street, year = key[0], key[1]
        above = {names[unit.level]: unit.code for unit in hierarchy.ancestors(street, "reporting_parent")}
        paid, got = allocated.get(key, Decimal(0)), received.get(key, Decimal(0))
        payer = payers.get(key, above.get(key[3], ""))
        state = _state(paid, got, facts.get(street), facts.get(payer), year)
        lines.append((*key, f"{paid:.2f}", f"{got:.2f}", state))
    return lines


def truth_files(
    units: Sequence[Unit], hierarchy: Hierarchy, facts: Mapping[str, Any]
) -> Iterator[tuple[str, Sequence[str], list[Line]]]:
    """Name, columns and lines of the truth files of the checks between reports."""
    yield "truth_claims.csv", CLAIM_COLUMNS, claim_lines(units, facts)
    yield "truth_compared.csv", COMPARED_COLUMNS, compared_lines(units, facts)
    yield "truth_reconciliation.csv", RECONCILIATION_COLUMNS, reconciliation_lines(hierarchy, facts)


CROSSCHECKS = Topic("crosschecks", facts=_facts)
