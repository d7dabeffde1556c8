"""The truth about venues and resources (clauses 4a to 4k, 5a, 5c to 5g), from the words of each formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from samples.calendar import Period
from samples.street_context import Row, Workbook
from samples.topic import Case, Topic
from samples.truth import (
    INCOMPLETE,
    LAST_QUARTER,
    MEASURED,
    NOT_APPLICABLE,
    NOT_EVALUATED,
    PROVISIONAL,
    Outcome,
    judged,
    unjudged,
)
from samples.words import shape

VISITS = ("migrant_visit_count", "graduate_visit_count", "idle_youth_visit_count")
#: A figure, or why there is none.
Figure = Decimal | int | str


def _class(name: str) -> frozenset[str]:
    return frozenset(shape()["classes"][name])


def _share(part: int, whole: int) -> Figure:
    """Percentage; without a whole there is nothing to do."""
    return Decimal(100 * part) / whole if whole else NOT_APPLICABLE


def _money(rows: Iterable[Row], column: str) -> Decimal:
    return sum((Decimal(str(row.get(column) or 0)) for row in rows), start=Decimal(0))


def _issued(rows: Iterable[Row], kinds: frozenset[str], period: Period) -> list[Row]:
    return [row for row in rows if row["document_kind"] in kinds and row["issued_on"] <= period.ends_on]


def open_venues(workbook: Workbook, period: Period) -> list[Row]:
    """The venues in use on the last day of the period."""
    in_use = _class("venue_open")
    return [row for row in workbook["venue"] if row["status"] in in_use and row["opened_on"] <= period.ends_on]


def _of_venues(venues: Sequence[Row]) -> dict[str, Figure]:
    """What hangs on the open venues; counts of venues are 0 without one, shares and sums do not apply."""
    resources = {kind for row in venues for kind in row.get("integrated_resources") or ()}
    figures: dict[str, Figure] = {
        "4a": len({row["venue_kind"] for row in venues} & _class("platform_venue")),
        "4c": len(resources & _class("integrated_resource")),
        "4g": sum(row["venue_kind"] in _class("liaison_station") for row in venues),
        "4h": sum(row["build_mode"] in _class("joint_build_mode") for row in venues),
    }
    if not venues:
        rest = ("4b.government", "4b.social", "4b.social_share", "4e", "4j", "4k")
        return figures | dict.fromkeys(rest, NOT_APPLICABLE)
    government, social = _money(venues, "government_funds"), _money(venues, "social_funds")
    hosted = sum(row.get("hosted_org_count") or 0 for row in venues)
    return figures | {
        "4b.government": government,
        "4b.social": social,
        "4b.social_share": 100 * social / (government + social) if government + social else NOT_APPLICABLE,
        "4e": Decimal(hosted) / len(venues),
        "4j": _share(sum(bool(row["is_open_to_all"]) for row in venues), len(venues)),
        "4k": sum(any(row.get(group) for row in venues) for group in VISITS),
    }


def _of_units(workbook: Workbook, period: Period) -> dict[str, Figure]:
    """What the units share with the street; an empty list of units cannot be right."""
    pairs = [row for row in workbook["pairing"] if row["agreed_on"] <= period.ends_on]
    live: dict[str, Figure] = {"5e.live": _share(sum(row["action_count"] > 0 for row in pairs), len(pairs))}
    if not workbook["unit"]:
        return live | dict.fromkeys(("4i", "5d", "5e.paired"), NOT_EVALUATED)
    members = [row for row in workbook["unit"] if row["is_member"]]
    with_venue = [row for row in members if row["has_venue"]]
    extending = [row for row in members if row["shares_venue"] or row["extends_projects"] or row["extends_expertise"]]
    due = [row for row in workbook["unit"] if row["is_local"] and row["honour_kind"] in _class("honoured_unit")]
    paired = {row["unit_name"] for row in pairs}
    return live | {
        "4i": _share(sum(row["shares_venue"] for row in with_venue), len(with_venue)),
        "5d": _share(len(extending), len(members)),
        "5e.paired": _share(sum(row["unit_name"] in paired for row in due), len(due)),
    }


def _of_projects(workbook: Workbook, period: Period) -> dict[str, Figure]:
    running = [
        row
        for row in workbook["project"]
        if row["status"] in _class("project_running") and row["started_on"] <= period.ends_on
    ]
    as_project = [row for row in running if row["operation_mode"] in _class("project_mode")]
    on_market = [row for row in running if row["operation_mode"] in _class("market_mode")]
    return {
        "5g.project_based": len(as_project),
        "5g.market_based": len(on_market),
        "5g.social_money": _money([*as_project, *on_market], "social_funds"),
    }


def _of_street(workbook: Workbook, period: Period) -> dict[str, Figure]:
    """Every figure of a street in one period."""
    profile = workbook["profile"][0]
    known = profile["floating_member_known_count"]
    linkage = _issued(workbook["document"], _class("party_linkage_document"), period)
    return {
        **_of_venues(open_venues(workbook, period)),
        **_of_units(workbook, period),
        **_of_projects(workbook, period),
        "4d": len({row["activity_kind"] for row in workbook["activity"]} & _class("platform_activity")),
        "4f": _share(profile["floating_member_contacted_count"], known),
        "5c": len({row["document_kind"] for row in linkage}),
    }


def tilt_ratio(classes: Sequence[Row], allocations: Sequence[Row]) -> Figure:
    """Mean allocation to the streets with a kind of tilt over the mean to the others, those without money included."""
    flagged = {row["street_code"] for row in classes if row["tilt_kind"]}
    known = {row["street_code"] for row in [*classes, *allocations]}
    others = known - flagged
    to_flagged = _money([row for row in allocations if row["street_code"] in flagged], "amount")
    to_others = _money([row for row in allocations if row["street_code"] in others], "amount")
    if not flagged or not to_others:
        return NOT_APPLICABLE
    return to_flagged * len(others) / (to_others * len(flagged))


def _tilt(case: Case, period: Period, workbook: Workbook) -> tuple[Figure, str]:
    """The tilt of the year so far, and how final it is."""
    so_far = [one for one in case.periods if one.year == period.year and one.index <= period.index]
    reports = [report for one in so_far if (report := case.standing.workbooks[one.index]) is not None]
    allocations = [row for report in reports for row in report["allocation"] if row["fiscal_year"] == period.year]
    ratio = tilt_ratio(workbook["street_class"], allocations)
    if period.quarter < LAST_QUARTER:
        return ratio, PROVISIONAL
    return ratio, MEASURED if len(reports) == len(so_far) else INCOMPLETE


def _outcome(case: Case, period: Period, rule: str, figure: Figure, status: str = MEASURED) -> Outcome:
    if isinstance(figure, str):
        return unjudged(period.code, rule, case.code, case.code, figure)
    return judged(period.code, rule, case.code, case.code, figure, status)


def outcomes(case: Case) -> list[Outcome]:
    """Outcomes of the rules on venues and resources of one unit."""
    found = []
    for period, workbook in case.reported():
        if case.unit.level == "street":
            found += [_outcome(case, period, rule, figure) for rule, figure in _of_street(workbook, period).items()]
            continue
        figure, status = _tilt(case, period, workbook)
        found.append(_outcome(case, period, f"5a.{case.unit.level}", figure, status))
        if case.unit.level == "district":
            documents = _issued(workbook["document"], _class("resource_mechanism_document"), period)
            found.append(_outcome(case, period, "5f", len(documents)))
    return found


RESOURCES = Topic("resources", outcomes)
