"""What the checks between leaders and streets must find: joint meetings told by both sides, streets with a leader."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from samples.calendar import Period
from samples.hierarchy import Hierarchy
from samples.street import is_nil
from samples.topic import Case, Topic
from samples.truth import in_post
from samples.words import shape

ATTENDANCE_COLUMNS = (
    "unit_code",
    "held_on",
    "period",
    "visiting_leader_count",
    "meeting_count",
    "leader_present_count",
    "state",
)
COVERAGE_COLUMNS = ("district_committee_code", "unit_code", "period", "linked_leader_count", "state")
Line = tuple[object, ...]
Day = tuple[str, date]


def _class(name: str) -> Sequence[str]:
    found: Sequence[str] = shape()["classes"][name]
    return found


def _visits(case: Case) -> list[tuple[str, date, str]]:
    """Street, day and pseudonym of each leader of a committee at each joint meeting."""
    found = []
    for _, workbook in case.reported():
        tails = {leader["leader_name"]: leader["phone_tail"] for leader in workbook["leader"]}
        found += [
            (visit["street_code"], visit["held_on"], case.person_key(visit["leader_name"], tails[visit["leader_name"]]))
            for visit in workbook["field_visit"]
            if visit["visit_kind"] in _class("visit_joint_meeting")
        ]
    return found


def _meetings(case: Case) -> list[tuple[date, int]]:
    """Day and leaders present of each joint meeting of a street."""
    return [
        (row["held_on"], row["leader_present_count"] or 0)
        for _, workbook in case.reported()
        for row in workbook["meeting"]
        if row["meeting_kind"] in _class("joint_meeting")
    ]


def _links(case: Case) -> list[tuple[str, str, str]]:
    """Period, street and name of each leader of a committee who is linked to it."""
    return [
        (period.code, link["target_code"], link["leader_name"])
        for period, workbook in case.reported()
        for link in workbook["leader_link"]
        if link["target_kind"] in _class("street_target") and in_post(link, period)
    ]


def _facts(case: Case) -> dict[str, Any]:
    is_street = case.unit.level == "street"
    return {
        "nil": {period.code for period, workbook in case.reported() if is_nil(workbook)},
        "due": {period.code: workbook is not None for period, workbook in case.due()},
        "meetings": _meetings(case) if is_street else [],
        "visits": [] if is_street else _visits(case),
        "links": [] if is_street else _links(case),
    }


def _state(visiting: int, held: int, present: int, reports: Sequence[tuple[bool, bool]]) -> str:
    """``reports`` says of each report of the side that names fewer whether it came and whether it was nil."""
    if visiting == present:
        return "matched"
    if not reports or not all(came for came, _ in reports):
        return "one_side_not_reported"
    if any(nil for _, nil in reports):
        return "one_side_nil"
    if not held:
        return "visit_without_meeting"
    return "count_differs" if visiting else "meeting_without_visit"


def attendance_lines(hierarchy: Hierarchy, periods: Sequence[Period], facts: Mapping[str, Any]) -> list[Line]:
    """Lines of ``truth_attendance.csv``: each day with a leader at a joint meeting, as one side says."""
    visitors: dict[Day, set[str]] = defaultdict(set)
    held: Counter[Day] = Counter()
    present: Counter[Day] = Counter()
    for code, fact in facts.items():
        for street, day, person in fact["visits"]:
            visitors[street, day].add(person)
        for day, count in fact["meetings"]:
            held[code, day] += 1
            present[code, day] += count
    lines: list[Line] = []
    for street, day in sorted({*visitors, *(key for key, count in present.items() if count)}):
        period = next((one.code for one in periods if one.starts_on <= day <= one.ends_on), None)
        if period is None:
            continue
        counts = len(visitors[street, day]), held[street, day], present[street, day]
        above = [unit.code for unit in hierarchy.ancestors(street, "reporting_parent")]
        fewer = [facts[code] for code in ([street] if counts[0] > counts[2] else above) if code in facts]
        reports = [(fact["due"][period], period in fact["nil"]) for fact in fewer if period in fact["due"]]
        state = _state(*counts, reports)
        lines.append((street, day, period, *counts, state))
    return lines


def coverage_lines(hierarchy: Hierarchy, facts: Mapping[str, Any]) -> list[Line]:
    """Lines of ``truth_coverage.csv``: each street and the committee it reports to, where that has to report."""
    lines: list[Line] = []
    streets = sorted(unit.code for unit in hierarchy.units.values() if unit.level == "street")
    for street in streets:
        code = str(hierarchy.units[street].reporting_parent)
        fact = facts.get(code, {"due": {}})
        for period, is_reported in sorted(fact["due"].items()):
            count = len({name for one, target, name in fact["links"] if (one, target) == (period, street)})
            covered = "covered" if count else "one_side_nil" if period in fact["nil"] else "uncovered"
            lines.append((code, street, period, count, covered if is_reported else "one_side_not_reported"))
    return sorted(lines)


def truth_files(
    hierarchy: Hierarchy, periods: Sequence[Period], facts: Mapping[str, Any]
) -> Iterator[tuple[str, Sequence[str], list[Line]]]:
    """Name, columns and lines of the truth files of the checks between leaders and streets."""
    yield "truth_attendance.csv", ATTENDANCE_COLUMNS, attendance_lines(hierarchy, periods, facts)
    yield "truth_coverage.csv", COVERAGE_COLUMNS, coverage_lines(hierarchy, facts)


LEADER_CHECKS = Topic("leader_checks", facts=_facts)
