"""The workbooks of one street, one per period: what happened in it, put beside its registers."""

from __future__ import annotations

import random
from datetime import date, timedelta

from ingest.forms import load_code_lists
from samples.calendar import Period
from samples.funds import funding_rows
from samples.street_brands import brand_rows
from samples.street_committee import (
    cover_rows,
    with_comments,
    with_member_duties,
    with_rotation_faults,
    with_shrinking_staff,
    with_work_plans,
)
from samples.street_context import PeriodRows, Row, Street, Workbook, day_within, some_day
from samples.street_partners import with_partners
from samples.street_people import people
from samples.street_resources import (
    with_honoured_pairs,
    with_party_linkage,
    with_shared_resources,
    with_used_venues,
)
from samples.street_things import committee_rows, document_rows, project_rows, venue_rows, youth_org_rows
from samples.street_units import (
    LocalUnit,
    Term,
    award_rows,
    chair_terms,
    local_units,
    pairing_rows,
    term_rows,
    unit_rows,
)
from samples.words import between, words

#: Share of streets that have not counted their League members at first.
UNCOUNTED_SHARE = 0.15
#: Sheets that a nil report still fills in.
NIL_ENTITIES = ("cover", "profile")


def _activity(rng: random.Random, held_on: date, host: str, term_no: str | None, members: int) -> Row:
    participants = rng.randint(12, 260)
    return {
        "activity_name": f"{held_on.month}月{rng.choice(words()['activities'])}",
        "activity_kind": rng.choice(load_code_lists()["activity_kind"]),
        "held_on": held_on,
        "host_unit_name": host,
        "term_no": term_no,
        "provider_kind": rng.choice(load_code_lists()["provider_kind"]),
        "unit_count": rng.randint(1, max(1, members)),
        "youth_org_count": rng.choice((None, 0, 1, 2)),
        "participant_count": participants,
        "floating_participant_count": rng.choice((None, participants // rng.randint(2, 8))),
    }


def _chair_activities(rng: random.Random, period: Period, term: Term, *, is_due: bool, members: int) -> list[Row]:
    """What the chair does in one period; a silent one acts only after its term, which does not count."""
    first, last = max(term.start_on, period.starts_on), min(term.end_on, period.ends_on)
    if term.is_silent:
        if term.end_on < period.ends_on - timedelta(days=3) and rng.random() < 0.5:
            after = day_within(rng, term.end_on + timedelta(days=1), period.ends_on)
            return [_activity(rng, after, term.unit_name, None, members)]
        return []
    if not is_due and rng.random() < 0.3:
        return []
    # Some clerks state the term, some only the host: either will do.
    number = None if rng.random() < 0.2 else term.term_no
    return [_activity(rng, day_within(rng, first, last), term.unit_name, number, members)]


def _activity_rows(street: Street, units: list[LocalUnit], terms: list[Term], members: list[int]) -> PeriodRows:
    rng = street.chance("activities")
    # Units that take the chair host nothing outside their terms, or a silent term would not be silent.
    hosts = [f"{street.plan.unit.name}团工委", *(unit.record["unit_name"] for unit in units[8:12])]
    active: set[str] = set()
    sheets = street.blank()
    for period in street.periods:
        count = members[period.index]
        lines: list[Row] = []
        for term in terms:
            if term.start_on <= period.ends_on and term.end_on >= period.starts_on:
                is_due = term.end_on <= period.ends_on and term.term_no not in active
                found = _chair_activities(rng, period, term, is_due=is_due, members=count)
                active.update(term.term_no for _ in found)
                lines += found
        for _ in range(max(0, between(rng, "activities") - len(lines))):
            lines.append(_activity(rng, some_day(rng, period), rng.choice(hosts), None, count))
        sheets[period.index] = sorted(lines, key=lambda line: line["held_on"])
    return sheets


def _meeting_rows(street: Street, members: list[int]) -> PeriodRows:
    rng = street.chance("meetings")
    sheets = street.blank()
    for period in street.periods:
        due = members[period.index]
        leaders = rng.randint(0, 3)
        for _ in range(between(rng, "meetings")):
            row = {
                "meeting_kind": rng.choices(load_code_lists()["meeting_kind"], (6, 1, 2, 1))[0],
                "held_on": some_day(rng, period),
                "unit_due_count": due,
                "unit_present_count": rng.randint(due // 2, due),
                "youth_org_present_count": rng.randint(0, 3),
                "leader_due_count": leaders,
                "leader_present_count": rng.randint(0, leaders),
                "party_leader_present": rng.choice((None, True, False)),
            }
            sheets[period.index].append(row)
    return sheets


def _training_rows(street: Street) -> PeriodRows:
    rng = street.chance("training")
    return [
        [
            {
                "audience": rng.choice(load_code_lists()["training_audience"]),
                "training_kind": rng.choice(load_code_lists()["training_kind"]),
                "held_on": some_day(rng, period),
                "headcount": rng.randint(6, 80),
            }
            for _ in range(between(rng, "trainings"))
        ]
        for period in street.periods
    ]


def _profile_rows(street: Street, orgs: PeriodRows) -> PeriodRows:
    rng = street.chance("profile")
    youth = rng.randint(4000, 26000)
    basics = street.chance("basics")
    # Some streets have not counted their League members until a later quarter.
    member_pct = street.chance("members").randint(14, 23)
    uncounted_until = basics.randint(1, len(street.periods)) if basics.random() < UNCOUNTED_SHARE else 0
    sheets = street.blank()
    for period in street.periods:
        youth += rng.randint(-youth // 100, youth // 80)
        floating, known = youth * rng.randint(15, 60) // 100, rng.randint(20, 180)
        reached = youth * rng.randint(20, 70) // 100
        row: Row = {
            "counts_as_of": period.ends_on,
            "youth_count": youth,
            "league_member_count": youth * (member_pct + (rng.randint(12, 25) - 18) // 6) // 100,
            "floating_youth_count": floating,
            "migrant_youth_count": floating * rng.randint(30, 80) // 100,
            "youth_reached_count": reached,
            "floating_youth_reached_count": min(reached, floating) * rng.randint(10, 60) // 100,
            "floating_member_known_count": known,
            "floating_member_contacted_count": rng.randint(known // 3, known),
            "known_youth_org_count": max(rng.randint(3, 14), len(orgs[period.index])),
            "online_group_count": rng.randint(0, 9),
            "approved_post_count": rng.randint(1, 3),
            "pay_settled": rng.random() < 0.85,
        }
        row.update({name: rng.choice((None, rng.randint(0, 20))) for name in OPTIONAL_COUNTS})
        if period.index < uncounted_until:
            row["league_member_count"] = 0
        sheets[period.index].append(row)
    return sheets


OPTIONAL_COUNTS = (
    "media_account_count",
    "media_post_count",
    "hub_contact_count",
    "hub_guidance_count",
    "hub_coordination_count",
)


def street_workbooks(street: Street) -> list[Workbook]:
    """What the street would report in each period, by entity; the cover is left to the moment of submission."""
    units = local_units(street)
    terms = with_rotation_faults(street, chair_terms(street, units))
    listed = with_member_duties(street, with_shared_resources(street, unit_rows(street, units)))
    members = [sum(row["is_member"] for row in rows) for rows in listed]
    orgs = youth_org_rows(street)
    projects = [own + brands for own, brands in zip(project_rows(street), brand_rows(street), strict=True)]
    sheets: dict[str, PeriodRows] = {
        "profile": _profile_rows(street, orgs),
        "cover": cover_rows(street, listed),
        "committee": with_comments(street, committee_rows(street)),
        "unit": listed,
        "chair_term": term_rows(street, terms),
        "document": with_work_plans(street, with_party_linkage(street, document_rows(street))),
        "youth_org": orgs,
        "venue": with_used_venues(street, venue_rows(street)),
        "person": with_shrinking_staff(street, people(street)),
        "activity": _activity_rows(street, units, terms, members),
        "meeting": _meeting_rows(street, members),
        "funding": funding_rows(street),
        "project": with_partners(street, projects, orgs),
        "pairing": with_honoured_pairs(street, listed, pairing_rows(street, units)),
        "training": _training_rows(street),
        "award_opinion": award_rows(street, units),
    }
    return [{entity: rows[period.index] for entity, rows in sheets.items()} for period in street.periods]


def nil_workbook(workbook: Workbook) -> Workbook:
    """The same report with nothing in its lists."""
    return {entity: rows if entity in NIL_ENTITIES else [] for entity, rows in workbook.items()}


def is_nil(workbook: Workbook) -> bool:
    """Whether no list has a line: what the pipeline calls a nil report."""
    return not any(rows for entity, rows in workbook.items() if entity not in NIL_ENTITIES)
