"""What two reports tell differently: a thing that two streets claim, and money that does not match."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from samples.plan import UnitPlan
from samples.street_context import Row, Workbook
from samples.words import load_yaml, shape, source

#: By claiming street: what it claims of which other street.
Claims = Mapping[str, tuple[str, str]]


@cache
def settings() -> Any:
    """The file ``crosschecks.yml``."""
    return load_yaml("crosschecks.yml")


def _can_claim(plan: UnitPlan) -> bool:
    """A street whose youth organisations are counted at a bound must not get another one."""
    return "3b" not in plan.shortfalls and "orgs_at_bound" not in plan.boundaries


def plan_claims(plans: Mapping[str, UnitPlan], seed: int) -> Claims:
    """Who claims what of whom: each kind at least once in a district, and a name that only looks like a claim."""
    by_parent: dict[str, list[str]] = {}
    for code in sorted(code for code, plan in plans.items() if plan.unit.level == "street"):
        by_parent.setdefault(str(plans[code].unit.admin_parent), []).append(code)
    kinds = settings()["claims"]["kinds"]
    found: dict[str, tuple[str, str]] = {}
    for parent, codes in sorted(by_parent.items()):
        able = [place for place in range(len(codes) - 1) if _can_claim(plans[codes[place]])]
        for turn, place in enumerate(able):
            drawn = source(seed, codes[place], "claims").random() < settings()["claims"]["share"]
            if drawn or (parent == min(by_parent) and turn < len(kinds)):
                found[codes[place]] = (kinds[turn % len(kinds)], codes[place + 1])
    parents = sorted(by_parent)
    if len(parents) > 1:
        free = [code for code in by_parent[parents[1]] if _can_claim(plans[code]) and code not in found]
        if free:
            found[free[0]] = (settings()["claims"]["elsewhere"], by_parent[parents[0]][-1])
    return found


def _spelled_otherwise(name: str) -> str:
    """The same name with brackets in it, as another clerk writes it."""
    return f"{name[:2]}({name[2:4]}){name[4:]}"


def _first(rows: Iterable[Row], fits: Callable[[Row], bool]) -> Row | None:
    return next((row for row in rows if fits(row)), None)


def _claimed_row(kind: str, theirs: Workbook) -> tuple[str, Row] | None:
    """Entity and row that the claiming street adds, made from a row of the other street."""
    if kind.startswith("member_unit"):
        unit = _first(theirs["unit"], lambda row: bool(row["is_member"] and row["uscc"] and row["is_local"]))
        if unit is None:
            return None
        # The name alone, in the same district, leads to the unit whose code the other street gives.
        name = _spelled_otherwise(unit["unit_name"])
        changed: Row = {"unit_name": name} if kind == "member_unit_code" else {"unit_name": name, "uscc": None}
        return "unit", {**unit, **changed}
    if kind == "person":
        person = _first(theirs["person"], lambda row: row["person_kind"] == "固定志愿者" and row["end_on"] is None)
        return ("person", {**person, "is_off_establishment_member": False, "community_code": None}) if person else None
    org = _first(theirs["youth_org"], lambda row: row["uscc"] is None)
    if org is None:
        return None
    is_elsewhere = kind == settings()["claims"]["elsewhere"]
    return "youth_org", org if is_elsewhere else {**org, "org_name": _spelled_otherwise(org["org_name"])}


def add_claims(
    claims: Claims, code: str, mine: Sequence[Workbook], workbooks_of: Callable[[str], Sequence[Workbook]]
) -> list[Workbook]:
    """The street's workbooks with what it claims of another one; ``workbooks_of`` gives those of the other."""
    if code not in claims:
        return list(mine)
    kind, other = claims[code]
    planted = []
    for own, theirs in zip(mine, workbooks_of(other), strict=True):
        claimed = _claimed_row(kind, theirs)
        planted.append({**own, claimed[0]: [*own[claimed[0]], claimed[1]]} if claimed else own)
    return planted


def _told_otherwise(rng: random.Random, row: Row) -> Row | None:
    """An allocation as the committee tells it: right, with another amount, or not at all."""
    money = settings()["money"]
    drawn = rng.random()
    if row["fund_kind"] not in money["kinds"] or drawn >= money["differs"] + money["not_allocated"]:
        return row
    return {**row, "amount": row["amount"] + money["difference"]} if drawn < money["differs"] else None


def misstate_allocations(seed: int, code: str, workbooks: Sequence[Workbook]) -> list[Workbook]:
    """A committee's workbooks with allocations that its streets tell otherwise; basic funds are left alone."""
    money = settings()["money"]
    basic = shape()["classes"]["basic_funds"]
    told = []
    for place, workbook in enumerate(workbooks):
        rng = source(seed, code, "misstated", place)
        rows = [kept for row in workbook["allocation"] if (kept := _told_otherwise(rng, row)) is not None]
        paid = [row for row in rows if row["fund_kind"] in basic]
        extra = [row for row in paid if rng.random() < money["only_allocated"]] or paid[:1]
        rows += [
            {**row, "fund_kind": money["only_allocated_kind"], "amount": Decimal(money["amount"])} for row in extra
        ]
        told.append({**workbook, "allocation": rows})
    return told
