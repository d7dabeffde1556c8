"""The truth about the projects of a street and its services (clauses 6a to 6h)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from samples.calendar import Period
from samples.street_context import Row, Workbook
from samples.topic import Case, Topic
from samples.truth import NOT_APPLICABLE, NOT_EVALUATED, Outcome, in_post, judged, unjudged
from samples.words import shape


def _is(name: str, value: object) -> bool:
    return value in shape()["classes"][name]


def _running(workbook: Workbook, period: Period) -> list[list[Row]]:
    """Projects in operation that have begun, each with all its rows."""
    found: dict[str, list[Row]] = {}
    for row in workbook["project"]:
        if _is("project_active", row["status"]) and row["started_on"] <= period.ends_on:
            found.setdefault(row["project_name"].replace(" ", "").lower(), []).append(row)
    return list(found.values())


def _largest(rows: Iterable[Row], field: str) -> Decimal:
    return max(Decimal(str(row.get(field) or 0)) for row in rows)


def _is_government(row: Row) -> bool:
    return _is("government_project", row["project_kind"]) or (row.get("contract_amount") or 0) > 0


def _is_newcomer(row: Row) -> bool:
    is_held = bool(row.get("with_hr_department")) and (row.get("session_count") or 0) > 0
    return _is("newcomer_programme", row["project_kind"]) and is_held


def _count(projects: list[list[Row]], counts: Callable[[Row], bool]) -> int:
    return sum(any(counts(row) for row in rows) for rows in projects)


def _counts(projects: list[list[Row]]) -> dict[str, Decimal | int]:
    """The rules that always have a figure."""
    rows = [row for project in projects for row in project]
    brands = {row["national_brand"] for row in rows if _is("landed_brand", row.get("national_brand"))}
    regional = [row for row in rows if _is("regional_brand", row["project_kind"])]
    contracts = [project for project in projects if any(map(_is_government, project))]
    return {
        "6a.parties": max((_largest(project, "party_count") for project in projects), default=Decimal(0)),
        "6b": len(brands),
        "6c.projects": _count(projects, lambda row: _is("regional_brand", row["project_kind"])),
        "6c.themes": len({row["theme"] for row in regional if _is("focus_theme", row.get("theme"))}),
        "6f.count": len(contracts),
        "6f.amount": sum((_largest(project, "contract_amount") for project in contracts), start=Decimal(0)),
    }


def _welcome(projects: list[list[Row]]) -> dict[str, Decimal | None]:
    """Attendance and satisfaction; None where there is nothing to divide by."""
    held = [project for project in projects if _largest(project, "session_count") > 0]
    sessions = sum(_largest(project, "session_count") for project in held)
    people = sum(_largest(project, "participant_count") for project in held)
    stated = [[row for row in project if row.get("satisfaction_pct") is not None] for project in projects]
    rates = [_largest(rows, "satisfaction_pct") for rows in stated if rows]
    return {
        "6a.attendance": Decimal(people) / sessions if sessions else None,
        "6a.satisfaction": sum(rates, start=Decimal(0)) / len(rates) if rates else None,
    }


def _newcomers(workbook: Workbook, projects: list[list[Row]]) -> int | str:
    """How many training programmes, or why they are not counted."""
    profile = workbook["profile"][0]
    outside = max(profile["migrant_youth_count"], profile["floating_youth_count"])
    if not profile["youth_count"]:
        return NOT_EVALUATED
    if Decimal(100 * outside) / profile["youth_count"] < shape()["parameters"]["6d.outside_youth_pct"]:
        return NOT_APPLICABLE
    return _count(projects, _is_newcomer)


def _volunteer_actions(workbook: Workbook, period: Period, projects: list[list[Row]]) -> int | str:
    """How many volunteer actions, or why they are not counted."""
    schools = {
        row["uscc"] or row["unit_name"]
        for row in workbook["unit"]
        if row["is_local"] and _is("school", row["unit_kind"])
    }
    volunteers = {
        (row["person_name"], row["phone_tail"])
        for row in workbook["person"]
        if in_post(row, period) and _is("volunteer", row["person_kind"])
    }
    parameters = shape()["parameters"]
    if len(schools) < parameters["6e.school_count"] and len(volunteers) < parameters["6e.volunteer_count"]:
        return NOT_APPLICABLE
    return _count(projects, lambda row: _is("volunteer_action", row["project_kind"]))


def _services(workbook: Workbook) -> Decimal | None:
    given = [_is("social_provider", row["provider_kind"]) for row in workbook["activity"]]
    return Decimal(100 * sum(given)) / len(given) if given else None


def _outcomes(case: Case) -> list[Outcome]:
    found: list[Outcome] = []
    if case.unit.level != "street":
        return found
    code = case.code
    for period, workbook in case.reported():
        projects = _running(workbook, period)
        figures: dict[str, Decimal | int | str | None] = {
            **_counts(projects),
            **_welcome(projects),
            "6d": _newcomers(workbook, projects),
            "6e": _volunteer_actions(workbook, period, projects),
            "6g": _services(workbook),
        }
        posts = workbook["profile"][0].get("media_post_count")
        figures["6h"] = NOT_EVALUATED if posts is None else posts
        for rule, figure in figures.items():
            if figure is None or isinstance(figure, str):
                found.append(unjudged(period.code, rule, code, code, figure or NOT_APPLICABLE))
            else:
                found.append(judged(period.code, rule, code, code, figure))
    return found


PROJECTS = Topic("projects", outcomes=_outcomes)
