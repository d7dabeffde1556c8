"""What makes streets differ in the work of their committee: plans, rotation, comments, members, double claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from samples.street_context import PeriodRows, Row, Street, day_within
from samples.street_units import Term, invent_unit
from samples.words import Namer, shape, words

#: Shares of the streets: all members include League building in their Party plan; comments are never counted; distant
#: units are members; the cover says why; a plan is made, made in the first quarter, published; the rotation stops; two
#: terms overlap; a volunteer leaves for good.
ALL_PLANNED, UNCOUNTED, DISTANT, EXPLAINED = 0.4, 0.15, 0.35, 0.5
PLANNED, PLANNED_EARLY, PUBLISHED = 0.8, 0.7, 0.7
STOPS, OVERLAPS, SHRINKS = 0.12, 0.15, 0.5
NOTE = "个别成员单位地址在邻近街道，经双方街道协商就近加入。"


def with_member_duties(street: Street, listed: PeriodRows) -> PeriodRows:
    """The lines of 辖区单位 with Party plans, members from elsewhere, and the unit that another street claims too."""
    rng = street.chance("member_duties")
    all_planned, has_distant = rng.random() < ALL_PLANNED, rng.random() < DISTANT
    claimed = [_claimed(street, pair) for pair in street.plan.claims]
    return [
        [
            {
                **row,
                "in_party_plan": all_planned or row["in_party_plan"],
                "is_member": row["is_member"] or (has_distant and not row["is_local"]),
            }
            for row in [*rows, *claimed]
        ]
        for rows in listed
    ]


def _claimed(street: Street, pair: str) -> Row:
    """The unit of which both streets of a pair say that it is theirs: one name, one credit code."""
    kind = "非公有制企业"
    unit = invent_unit(replace(street), street.shared_chance(pair), kind, is_local=True)
    # Drawn by the pair and not by the street, for a street may be in two pairs.
    name = "两江" + Namer(street.shared_chance(f"{pair} name")).brand(words()["unit_kinds"][kind]["suffixes"])
    return {**unit, "unit_name": name, "is_member": True, "support_item_count": 0, "last_contact_on": None}


def cover_rows(street: Street, listed: PeriodRows) -> PeriodRows:
    """The note on the cover, where a street explains its members from elsewhere."""
    explains = street.chance("cover").random() < EXPLAINED
    return [
        [{"note": NOTE}] if explains and any(row["is_member"] and not row["is_local"] for row in rows) else [{}]
        for rows in listed
    ]


def with_comments(street: Street, sheets: PeriodRows) -> PeriodRows:
    """The lines of 共建委员会; some streets never say how many comments came in."""
    if street.chance("comments").random() >= UNCOUNTED:
        return sheets
    silent = {"comment_received_count": None, "comment_answered_count": None}
    return [[{**row, **silent} for row in rows] for rows in sheets]


def with_rotation_faults(street: Street, terms: list[Term]) -> list[Term]:
    """The chair terms; in some streets they stop half-way, in some one begins before the last has ended."""
    rng = street.chance("rotation")
    if {"1i", "1j"} & set(street.plan.shortfalls):
        return terms
    fault = rng.random()
    if fault < STOPS:
        last = street.periods[len(street.periods) // 2].starts_on
        return [term for term in terms if term.end_on < last] or terms
    if fault < STOPS + OVERLAPS:
        early = timedelta(days=rng.randint(2, 5))
        return [
            replace(term, start_on=term.start_on - early, end_on=term.end_on - early) if place == 2 else term
            for place, term in enumerate(terms)
        ]
    return terms


def _plan(street: Street, year: int, day: date) -> Row:
    rng = street.chance(f"plan {year}")
    is_public = rng.random() < PUBLISHED
    first = day + timedelta(days=rng.randint(1, 6))
    return {
        "document_kind": shape()["classes"]["work_plan"][0],
        "title": f"{street.plan.unit.name}区域化团建{year}年度工作计划",
        "document_no": f"{street.stem}团〔{year}〕{rng.randint(20, 40)}号",
        "issued_on": day,
        "published_from": first if is_public else None,
        "published_to": first + timedelta(days=rng.choice((4, 6, 6, 9, 13))) if is_public else None,
        "publication_scope": rng.choice(("成员单位", "街道", "社会")) if is_public else None,
    }


def with_work_plans(street: Street, sheets: PeriodRows) -> PeriodRows:
    """The lines of 制度文件 with the work plans of most years, listed from their quarter on."""
    kind = shape()["classes"]["work_plan"][0]
    found = [[row for row in rows if row["document_kind"] != kind] for rows in sheets]
    for year in sorted({period.year for period in street.periods}):
        rng = street.chance(f"plan day {year}")
        late = 1 if rng.random() < PLANNED_EARLY else 4
        day = day_within(rng, date(year, late, 5), date(year, late + 2, 28))
        if rng.random() < PLANNED:
            for period in street.periods:
                if day <= period.ends_on and any(p.starts_on <= day <= p.ends_on for p in street.periods):
                    found[period.index].append(_plan(street, year, day))
    return found


def with_shrinking_staff(street: Street, sheets: PeriodRows) -> PeriodRows:
    """The lines of 工作力量; in some streets a fixed volunteer is gone from one quarter on and nobody follows."""
    rng = street.chance("shrinking")
    first = rng.randrange(len(sheets))
    if not first or rng.random() >= SHRINKS:
        return sheets
    lasting = [
        (row["person_name"], row["phone_tail"])
        for row in sheets[first - 1]
        if row["person_kind"] == "固定志愿者" and not row["is_off_establishment_member"] and row["end_on"] is None
    ]
    gone = lasting[:1]
    return [
        [row for row in rows if place < first or (row["person_name"], row["phone_tail"]) not in gone]
        for place, rows in enumerate(sheets)
    ]
