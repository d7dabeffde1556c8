"""The workbooks of a district, city or provincial committee: leaders, whom they are linked to, what they paid."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ingest.forms import load_code_lists
from samples.calendar import Period
from samples.committee_cooperation import course_rows, sector_rows, with_study_rule
from samples.committee_documents import with_programme
from samples.committee_incentives import with_incentive_measure
from samples.committee_resources import classified_streets, with_resource_mechanism
from samples.funds import Payment
from samples.hierarchy import Unit
from samples.plan import UnitPlan
from samples.street_context import PeriodRows, Row, Workbook, day_before, day_within, some_day
from samples.tilt import tilt_of
from samples.words import Namer, shape, source, words

LEVEL_NAMES = {"province": "省级", "city": "市级", "district": "区级"}
DISTRICT_LINK, STREET_LINK = "区", "街道"
CLASSES = (1, 2, 1)


@dataclass
class Committee:
    """One committee while its workbooks are being invented.

    ``districts`` and ``streets`` are the codes it may be linked to; ``is_example`` makes it the one whose links go
    wrong for certain; ``payments`` are what it paid; ``stages`` gives the stage of each period.
    """

    seed: int
    plan: UnitPlan
    periods: Sequence[Period]
    districts: Sequence[str]
    streets: Sequence[str]
    payments: Sequence[Payment]
    is_example: bool
    stages: Mapping[str, str]
    namer: Namer = field(init=False)

    def __post_init__(self) -> None:
        """Names depend on the committee alone."""
        self.namer = Namer(source(self.seed, self.unit.code, "names"))

    @property
    def unit(self) -> Unit:
        """The committee's unit."""
        return self.plan.unit

    def chance(self, topic: str) -> random.Random:
        """The stream of chance of one topic of this committee."""
        return source(self.seed, self.unit.code, topic)


@dataclass
class Seat:
    """A seat among the leaders: its holder and the targets linked to it, which a successor takes over."""

    holder: Row
    post: str
    districts: list[str]
    streets: list[str]
    linked_on: date


def _some(rng: random.Random, codes: Sequence[str], count: int) -> list[str]:
    return rng.sample(list(codes), min(count, len(codes)))


def _city_links(committee: Committee, rng: random.Random, place: int) -> tuple[list[str], list[str]]:
    """One or two districts and three to five streets; for some too few or too many."""
    rules = shape()["rules"]
    wrong = shape()["committees"]["links_wrong"]
    low, high = rules["R1d.districts"]["lower"], rules["R1d.districts"]["upper"]
    count = rng.randint(low, high)
    if (committee.is_example and place == 1) or rng.random() < wrong:
        count = rng.choice((low - 1, high + 1))
    districts = _some(rng, committee.districts, count)
    low, high = rules["R1d.streets"]["lower"], rules["R1d.streets"]["upper"]
    # Both ends of what is allowed occur in every committee.
    count = (low, high)[place % 2] if place >= 3 else rng.randint(low, high)
    if (committee.is_example and place == 2) or rng.random() < wrong:
        count = rng.choice((low - 1, high + 1))
    return districts, _some(rng, committee.streets, count)


def _district_links(committee: Committee, rng: random.Random, seats: int) -> list[list[str]]:
    """The streets of a district shared out among its leaders; for some a leader has none or a street nobody."""
    shares = shape()["committees"]
    streets = list(committee.streets)
    if len(streets) > 1 and (committee.is_example or rng.random() < shares["street_uncovered"]):
        streets.pop(rng.randrange(len(streets)))
    idle = [(committee.is_example and place == 1) or rng.random() < shares["links_wrong"] for place in range(seats)]
    busy = [place for place in range(seats) if not idle[place]] or [0]
    links: list[list[str]] = [[] for _ in range(seats)]
    for place in range(max(len(busy), len(streets))):
        target = streets[place % len(streets)]
        if target not in links[busy[place % len(busy)]]:
            links[busy[place % len(busy)]].append(target)
    return links


def _leader(committee: Committee, rng: random.Random, start_on: date, post: str) -> Row:
    return {
        "leader_name": committee.namer.person(),
        "phone_tail": f"{rng.randrange(10_000):04d}",
        "post": post,
        "start_on": start_on,
        "end_on": None,
    }


def _seats(committee: Committee, rng: random.Random) -> list[Seat]:
    count = rng.randint(*shape()["committees"]["leaders"][committee.unit.level])
    first_day = committee.periods[0].starts_on
    shared = _district_links(committee, rng, count) if committee.unit.level == "district" else []
    seats = []
    for place in range(count):
        post = words()["posts"][place]
        holder = _leader(committee, rng, day_before(rng, first_day, 100, 1200), post)
        districts, streets = ([], shared[place]) if shared else _city_links(committee, rng, place)
        seats.append(
            Seat(holder, post, districts, streets, max(holder["start_on"], day_before(rng, first_day, 10, 90)))
        )
    return seats


def _link_rows(seat: Seat, end_on: date | None) -> list[Row]:
    targets = [(DISTRICT_LINK, code) for code in seat.districts] + [(STREET_LINK, code) for code in seat.streets]
    return [
        {
            "leader_name": seat.holder["leader_name"],
            "target_kind": kind,
            "target_code": code,
            "start_on": seat.linked_on,
            "end_on": end_on,
        }
        for kind, code in targets
    ]


def _past_link(committee: Committee, rng: random.Random, seat: Seat, period: Period) -> list[Row]:
    """A link that ended during the period: on the list, but not in force at its end."""
    free = [code for code in committee.streets if code not in seat.streets]
    if not free or rng.random() > 0.1:
        return []
    ended = {"target_kind": STREET_LINK, "target_code": rng.choice(free), "end_on": period.day(rng.uniform(0.2, 0.8))}
    return [{"leader_name": seat.holder["leader_name"], "start_on": seat.linked_on, **ended}]


def _leaders(committee: Committee) -> tuple[PeriodRows, PeriodRows]:
    """Lines of 领导班子 and 联系点 per period; a successor takes over the links with the seat."""
    rng = committee.chance("leaders")
    seats = _seats(committee, rng)
    leaders: PeriodRows = [[] for _ in committee.periods]
    links: PeriodRows = [[] for _ in committee.periods]
    for period in committee.periods:
        for seat in seats:
            if seat.holder["start_on"] < period.starts_on and rng.random() < shape()["chances"]["person_leaves"]:
                leaves_on = period.day(rng.uniform(0.3, 0.7))
                leaders[period.index].append(seat.holder | {"end_on": leaves_on})
                links[period.index] += _link_rows(seat, leaves_on)
                seat.linked_on = leaves_on + timedelta(days=1)
                seat.holder = _leader(committee, rng, seat.linked_on, seat.post)
            leaders[period.index].append(dict(seat.holder))
            links[period.index] += _link_rows(seat, None)
            if seat.linked_on < period.starts_on:
                links[period.index] += _past_link(committee, rng, seat, period)
        if committee.is_example and period.index + 1 >= (len(committee.periods) + 1) // 2:
            _mend(committee, seats)
    return leaders, links


def _mend(committee: Committee, seats: list[Seat]) -> None:
    """Later in the sample a district gives its idle leader the streets that nobody had."""
    if committee.unit.level == "district":
        covered = {code for seat in seats for code in seat.streets}
        left = [code for code in committee.streets if code not in covered]
        for seat in seats:
            if not seat.streets:
                seat.streets = left or [committee.streets[0]]


def _visit_rows(committee: Committee, leaders: PeriodRows) -> PeriodRows:
    rng = committee.chance("visits")
    sheets: PeriodRows = [[] for _ in committee.periods]
    for period in committee.periods:
        for leader in leaders[period.index]:
            for code in _some(rng, committee.streets, rng.randint(0, 3)):
                last = leader["end_on"] or period.ends_on
                first = max(leader["start_on"], period.starts_on)
                row = {
                    "leader_name": leader["leader_name"],
                    "street_code": code,
                    "visit_kind": rng.choice(load_code_lists()["visit_kind"]),
                    "held_on": day_within(rng, first, last),
                }
                sheets[period.index].append(row)
    return sheets


def _allocation_rows(committee: Committee) -> PeriodRows:
    sheets: PeriodRows = [[] for _ in committee.periods]
    for payment in committee.payments:
        sheets[payment.index].append(
            {
                "street_code": payment.street_code,
                "fiscal_year": payment.fiscal_year,
                "fund_kind": payment.fund_kind,
                "amount": payment.amount,
                "paid_on": payment.paid_on,
            }
        )
    return sheets


def _class_rows(committee: Committee) -> PeriodRows:
    """Classes of the streets, and what each is given more for."""
    sheets: PeriodRows = [[] for _ in committee.periods]
    rng = committee.chance("classes")
    for code in classified_streets(committee):
        street_class = rng.choices(load_code_lists()["street_class"], CLASSES)[0]
        tilt = tilt_of(committee.seed, code)
        for period in committee.periods:
            inspected = some_day(rng, period) if rng.random() < 0.5 else None
            sheets[period.index].append(
                {"street_code": code, "street_class": street_class, "tilt_kind": tilt, "last_inspected_on": inspected}
            )
    return sheets


def _document_rows(committee: Committee) -> PeriodRows:
    rng = committee.chance("documents")
    kinds = load_code_lists()["committee_document_kind"]
    chosen = rng.sample(kinds, rng.randint(3, len(kinds)))
    first = committee.periods[0]
    rows: list[Row] = [
        {
            "document_kind": kind,
            "title": f"{committee.unit.name}区域化大团建{kind}",
            "issued_on": day_before(rng, first.starts_on, 5, 400),
            "stage_code": committee.stages.get(first.code) if rng.random() < 0.6 else None,
        }
        for kind in chosen
    ]
    return [rows for _ in committee.periods]


def committee_workbooks(committee: Committee) -> list[Workbook]:
    """What the committee would report in each period, by entity; the cover holds its level."""
    leaders, links = _leaders(committee)
    documents = with_incentive_measure(committee, _document_rows(committee))
    sheets: dict[str, PeriodRows] = {
        "cover": [[{"unit_level": LEVEL_NAMES[committee.unit.level]}] for _ in committee.periods],
        "leader": leaders,
        "leader_link": links,
        "field_visit": _visit_rows(committee, leaders),
        "allocation": _allocation_rows(committee),
        "street_class": _class_rows(committee),
        "course": course_rows(committee),
        "document": with_programme(
            committee, with_resource_mechanism(committee, with_study_rule(committee, documents))
        ),
        "sector_standard": sector_rows(committee),
    }
    return [{entity: rows[period.index] for entity, rows in sheets.items()} for period in committee.periods]
