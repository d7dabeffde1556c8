"""What a committee does for cooperation: courses, standards of the sectors, the rule on attending its study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samples.street_context import PeriodRows, Row, day_before, day_within, some_day
from samples.words import shape, words

if TYPE_CHECKING:
    from samples.committee import Committee

#: Share of the quarters in which every course is open to all.
ALL_OPEN = 0.5


def _mends_from(committee: Committee) -> int:
    """Index of the period from which the example committee does what it owes."""
    return (len(committee.periods) + 1) // 2


def course_rows(committee: Committee) -> PeriodRows:
    """Lines of 培训讲座 per period: all courses open, or one at least closed to youth organisations."""
    rng = committee.chance("courses")
    sheets: PeriodRows = [[] for _ in committee.periods]
    for period in committee.periods:
        all_open = period.index % 2 == 1 if committee.is_example else rng.random() < ALL_OPEN
        for place in range(rng.randint(1, 3)):
            sheets[period.index].append(
                {
                    "course_name": f"{period.code}{rng.choice(words()['courses'])}{place + 1}",
                    "held_on": some_day(rng, period),
                    "open_to_units": all_open or rng.random() < 0.7,
                    "open_to_youth_orgs": all_open or (place > 0 and rng.random() < 0.6),
                    "headcount": rng.choice((None, rng.randint(15, 200))),
                }
            )
    return sheets


def sector_rows(committee: Committee) -> PeriodRows:
    """Lines of 行业考核 per period; the example committee has all sectors included from the middle of the sample on."""
    rng = committee.chance("sectors")
    year = committee.periods[0].year - 1
    sheets: PeriodRows = [[] for _ in committee.periods]
    has_all = not committee.is_example and rng.random() < 0.3
    for place, sector in enumerate(rng.sample(words()["sectors"], rng.randint(2, 5))):
        is_included = has_all or (rng.random() < 0.6 and not (committee.is_example and place == 0))
        for period in committee.periods:
            is_now = is_included or (committee.is_example and period.index >= _mends_from(committee))
            number = f"{committee.unit.name}团联〔{year}〕{place + 3}号" if is_now else None
            sheets[period.index].append({"sector_name": sector, "is_included": is_now, "document_no": number})
    return sheets


def with_study_rule(committee: Committee, sheets: PeriodRows) -> PeriodRows:
    """The lines of 制度文件, where the example committee issues its rule on attending the study in mid-sample only."""
    if not committee.is_example:
        return sheets
    kind = shape()["classes"]["study_rule"][0]
    rng = committee.chance("study_rule")
    first = committee.periods[min(_mends_from(committee), len(committee.periods) - 1)]
    rule: Row = {
        "document_kind": kind,
        "title": f"{committee.unit.name}区域化大团建{kind}",
        "issued_on": day_within(rng, first.starts_on, first.day(0.9)),
        "stage_code": None,
    }
    if len(committee.periods) == 1:
        rule["issued_on"] = day_before(rng, first.starts_on, 5, 90)
    found = []
    for period, rows in zip(committee.periods, sheets, strict=True):
        others = [row for row in rows if row["document_kind"] != kind]
        found.append([*others, rule] if period.index >= first.index else others)
    return found
