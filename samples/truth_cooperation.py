"""The truth about joint meetings and cooperation (clauses 7a to 7k), of streets, districts and cities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from samples.calendar import Period
from samples.street_context import Row, Workbook
from samples.topic import Case, Topic
from samples.truth import NOT_APPLICABLE, NOT_EVALUATED, Outcome, judged, unjudged
from samples.words import shape

#: How many quarters before its own a figure looks back on.
LOOK_BACK = 4


def _is(name: str, value: object) -> bool:
    return value in shape()["classes"][name]


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(100 * part) / whole if whole else None


def _quarter(period: Period) -> int:
    return period.year * 4 + period.quarter


def _joint(workbook: Workbook) -> list[Row]:
    return [row for row in workbook["meeting"] if _is("joint_meeting", row["meeting_kind"])]


def _longest_gap(period: Period, reported: Sequence[tuple[Period, Workbook]]) -> int:
    """Longest time without a joint meeting that ends in the period; ``reported`` are the reports up to it."""
    looked_back = [(one, book) for one, book in reported if _quarter(period) - _quarter(one) <= LOOK_BACK]
    first_day = min(one.starts_on for one, _ in looked_back)
    days = sorted(
        row["held_on"]
        for _, book in looked_back
        for row in _joint(book)
        if first_day <= row["held_on"] <= period.ends_on
    )
    longest = timedelta(0)
    before = first_day
    for day in [*days, period.ends_on]:
        if day >= period.starts_on:
            longest = max(longest, day - before)
        before = day
    return longest.days


def _attendance(meetings: list[Row], present: str, due: str) -> Decimal | None:
    came = sum(min(row[present], row[due]) for row in meetings)
    return _share(came, sum(row[due] for row in meetings))


def _meetings(workbook: Workbook) -> dict[str, Decimal | int | None]:
    meetings = _joint(workbook)
    both = sum(row["unit_present_count"] > 0 and row["youth_org_present_count"] > 0 for row in meetings)
    with_party = sum(bool(row.get("party_leader_present")) for row in meetings)
    return {
        "7c.frequency": len(meetings),
        "7d.both": _share(both, len(meetings)),
        "7d.attendance": _attendance(meetings, "unit_present_count", "unit_due_count"),
        "7e": _attendance(meetings, "leader_present_count", "leader_due_count"),
        "7f": with_party if meetings else None,
    }


def _documents(workbook: Workbook, period: Period, name: str) -> list[Row]:
    return [
        row for row in workbook["document"] if _is(name, row["document_kind"]) and row["issued_on"] <= period.ends_on
    ]


def _street(workbook: Workbook, period: Period) -> dict[str, Decimal | int | None]:
    members = [row for row in workbook["unit"] if row["is_member"]]
    terms = [
        row for row in workbook["chair_term"] if row["start_on"] <= period.ends_on and row["end_on"] >= period.starts_on
    ]
    studied = {row["term_no"] for row in terms if (row.get("study_session_count") or 0) > 0}
    filed = workbook["award_opinion"]
    heard = [row for row in filed if row.get("opinion_on") and row["opinion_on"] < row["filed_on"]]
    return {
        **_meetings(workbook),
        "7a": _share(sum(row["has_duty"] for row in members), len(members)),
        "7b": len({row["document_kind"] for row in _documents(workbook, period, "cooperation_mechanism")}),
        "7h": _share(len(studied), len({row["term_no"] for row in terms})),
        "7k": _share(len(heard), len(filed)),
    }


def _committee(workbook: Workbook, period: Period, level: str) -> dict[str, Decimal | int | None]:
    courses = workbook["course"]
    is_open = sum(row["open_to_units"] and row["open_to_youth_orgs"] for row in courses)
    sectors = {row["sector_name"] for row in workbook["sector_standard"]}
    included = {row["sector_name"] for row in workbook["sector_standard"] if row["is_included"]}
    figures: dict[str, Decimal | int | None] = {
        f"7i.{level}": _share(is_open, len(courses)),
        f"7j.{level}": _share(len(included), len(sectors)),
    }
    if level == "district":
        figures["7g"] = len({row["title"] for row in _documents(workbook, period, "study_rule")})
    return figures


#: Registers that must not be empty: without them there is no figure.
REGISTER_RULES = frozenset({"7a", "7j.city", "7j.district"})


def _outcomes(case: Case) -> list[Outcome]:
    found: list[Outcome] = []
    if case.unit.level == "province":
        return found
    code = case.code
    so_far: list[tuple[Period, Workbook]] = []
    for period, workbook in case.reported():
        so_far.append((period, workbook))
        if case.unit.level == "street":
            figures = {**_street(workbook, period), "7c.gap": _longest_gap(period, so_far)}
        else:
            figures = _committee(workbook, period, case.unit.level)
        for rule, figure in figures.items():
            if figure is None:
                missing = NOT_EVALUATED if rule in REGISTER_RULES else NOT_APPLICABLE
                found.append(unjudged(period.code, rule, code, code, missing))
            else:
                found.append(judged(period.code, rule, code, code, figure))
    return found


COOPERATION = Topic("cooperation", outcomes=_outcomes)
