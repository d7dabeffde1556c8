"""The truth about the work with youth organisations (clauses 2a to 2j) of streets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from samples.calendar import Period
from samples.street_context import Row, Workbook
from samples.topic import Case, Topic
from samples.truth import NOT_APPLICABLE, NOT_EVALUATED, Outcome, judged, unjudged
from samples.words import shape

HUB_FUNCTIONS = ("hub_contact_count", "hub_guidance_count", "hub_coordination_count")


def _is(name: str, value: object) -> bool:
    return value in shape()["classes"][name]


def _organisations(rows: Iterable[Row], counts: Callable[[Row], bool]) -> int:
    """Distinct organisations with a row that counts."""
    return len({row["uscc"] or row["org_name"] for row in rows if counts(row)})


def _joint(workbook: Workbook, period: Period) -> list[Row]:
    """Running projects with a partner."""
    return [
        row
        for row in workbook["project"]
        if _is("project_active", row["status"]) and row["started_on"] <= period.ends_on and row["partner_org_name"]
    ]


def _names(projects: Iterable[Row]) -> int:
    return len({row["project_name"] for row in projects})


def _cultivated(group: str) -> Callable[[Row], bool]:
    return lambda row: _is("org_cultivated", row["relation"]) and _is(group, row["target_group"])


def _counts(workbook: Workbook, period: Period) -> dict[str, int]:
    """The rules that are plain counts."""
    profile = workbook["profile"][0]
    orgs, joint = workbook["youth_org"], _joint(workbook, period)
    return {
        "2a": sum((profile[name] or 0) > 0 for name in HUB_FUNCTIONS),
        "2b.register": _organisations(orgs, lambda _: True),
        "2b.freshness": max(0, (period.ends_on - profile["counts_as_of"]).days),
        "2c": profile["online_group_count"],
        "2f.projects": _names(joint),
        "2f.government": _names(row for row in joint if _is("government_project", row["project_kind"])),
        "2g.migrants": _organisations(orgs, _cultivated("migrant_target")),
        "2g.graduates": _organisations(orgs, _cultivated("graduate_target")),
    }


def _shares(period: Period) -> dict[str, Callable[[Row], bool]]:
    """Which organisations count for the rules that take a share of all of them."""

    def is_contacted(row: Row) -> bool:
        day = row["last_contact_on"]
        return day is not None and period.starts_on <= day <= period.ends_on

    return {
        "2b.classified": lambda row: _is("named_org_category", row["org_category"]),
        "2d": is_contacted,
        "2e": lambda row: (row["service_count"] or 0) >= 1,
        "2j": lambda row: (row["joined_activity_count"] or 0) >= 1,
    }


def _conditional(code: str, period: Period, orgs: list[Row]) -> list[Outcome]:
    """The federation, which is owed where organisations are many, and League organisations, where they are eligible."""
    found = []
    if _organisations(orgs, lambda _: True) >= shape()["parameters"]["2h.org_count"]:
        joined = _organisations(orgs, lambda row: row["in_federation"])
        found.append(judged(period.code, "2h", code, code, joined))
    else:
        found.append(unjudged(period.code, "2h", code, code, NOT_APPLICABLE))
    eligible = _organisations(orgs, lambda row: row["is_eligible"])
    if eligible:
        with_league = _organisations(orgs, lambda row: row["is_eligible"] and row["has_league_org"])
        found.append(judged(period.code, "2i", code, code, Decimal(100 * with_league) / eligible))
    else:
        found.append(unjudged(period.code, "2i", code, code, NOT_APPLICABLE))
    return found


def _outcomes(case: Case) -> list[Outcome]:
    if case.unit.level != "street":
        return []
    code = case.code
    found: list[Outcome] = []
    for period, workbook in case.reported():
        found += [judged(period.code, rule, code, code, n) for rule, n in _counts(workbook, period).items()]
        orgs = workbook["youth_org"]
        total = _organisations(orgs, lambda _: True)
        for rule, counts in _shares(period).items():
            if total:
                found.append(judged(period.code, rule, code, code, Decimal(100 * _organisations(orgs, counts)) / total))
            else:
                found.append(unjudged(period.code, rule, code, code, NOT_EVALUATED))
        found += _conditional(code, period, orgs)
    return found


YOUTH_WORK = Topic("youth_work", outcomes=_outcomes)
