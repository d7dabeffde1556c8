"""Twelve streets in two batches and two classes, their district and their city, through 2025: for papers of any shape.

``STREETS_OF_2025`` is the one place that says what they did; reports are made of it, and tests compute scores from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from expectations.judge import judge
from tests.support.papers import ON_TIME, PERIODS, grant
from tests.support.reports import (
    CITY,
    DISTRICT,
    PROVINCE,
    STREETS,
    Rows,
    active,
    leader,
    link,
    organisation,
    people,
    unit,
    venue,
)
from tests.support.warehouse import SmallWarehouse

MISSING, ON_TIME_, LATE = 0, 1, 2
LATE_BY_DAYS = 28
ALL_ON_TIME = (ON_TIME_,) * 4


@dataclass(frozen=True)
class Street:
    """What a street did: registers as they stand all year, events by quarter, money of the last quarter by payer."""

    cadres: int
    orgs: int
    venues: int
    activities: tuple[int, ...] = (0, 0, 0, 0)
    meetings: tuple[int, ...] = (0, 0, 0, 0)
    grants: tuple[str, ...] = ()
    reports: tuple[int, ...] = ALL_ON_TIME

    @property
    def reported(self) -> list[int]:
        """Numbers of the quarters of which a report came."""
        return [quarter for quarter, how in enumerate(self.reports) if how != MISSING]

    @property
    def is_last_known(self) -> bool:
        """Whether the state of its registers is known at the end of the year."""
        return self.reports[-1] != MISSING

    def count(self, how: int) -> int:
        """How many of its reports are missing, on time or late."""
        return self.reports.count(how)


STREETS_OF_2025 = dict(
    zip(
        STREETS,
        (
            Street(12, 3, 4, (3, 1, 2, 2), (1, 1, 1, 1), ("省", "市", "市")),
            Street(10, 2, 3, (1, 1, 1, 1), (1, 0, 1, 0), ("区",) * 3),
            Street(9, 2, 2, (0, 0, 1, 0)),
            Street(8, 1, 6, (9, 9, 9, 9), (2, 2, 2, 2), ("省", "省", "市", *("区",) * 5)),
            Street(11, 0, 0, reports=(ON_TIME_, MISSING, MISSING, ON_TIME_)),
            Street(10, 5, 5, (0, 2, 4, 0), reports=(MISSING, ON_TIME_, LATE, MISSING)),
            Street(10, 2, 3, (1, 1, 1, 1), (1, 0, 1, 0), ("区",) * 3),
            Street(3, 1, 1, reports=(MISSING,) * 4),
            Street(15, 4, 8, (1, 2, 3, 4), (1, 1, 1, 1)),
            Street(7, 2, 1, (5, 0, 0, 0), (4, 0, 0, 0)),
            Street(6, 3, 3, (1, 0, 0, 0), reports=(LATE,) * 4),
            Street(13, 6, 4, (0, 0, 0, 7), (0, 0, 0, 3), ("市",) * 4),
        ),
        strict=False,
    )
)
SECOND_BATCH = STREETS[8:12]
FIRST_CLASS = (*STREETS[:4], *STREETS[8:10])
#: The district's leaders are linked to six of its 22 streets.
LINKED = STREETS[:6]


def _rows(street: Street, quarter: int) -> Rows:
    day = date(2025, 3 * quarter + 2, 15)
    rows: dict[str, list[dict[str, Any]]] = {
        "committee": active(1),
        "person": people("专职团干部", street.cadres),
        "youth_org": [organisation(f"组织{number}") for number in range(street.orgs)],
        "venue": [{**venue(date(2024, 1, 1)), "venue_name": f"阵地{number}"} for number in range(street.venues)],
        "unit": [unit("一")],
        "activity": [{"activity_name": f"活动{n}", "held_on": day} for n in range(street.activities[quarter])],
        "meeting": [{"meeting_kind": "联席会议", "held_on": day} for _ in range(street.meetings[quarter])],
    }
    return {**rows, "funding": [grant(payer) for payer in street.grants]} if quarter == 3 else rows


def _committees(small: SmallWarehouse, quarter: int, period: str) -> None:
    """The district reports each quarter, the city all but the third, the province once."""
    by_leader = [link("街道", code, "a" if number < 4 else "b") for number, code in enumerate(LINKED)]
    classes = [
        {"street_code": code, "street_class": "一类" if code in FIRST_CLASS else "二类"} for code in STREETS[:12]
    ]
    of_district = {"leader": [leader("a"), leader("b")], "leader_link": by_leader, "street_class": classes}
    of_city = {
        "leader": [leader("c")],
        "leader_link": [link("区", DISTRICT, "c"), *(link("街道", code, "c") for code in STREETS[:3])],
    }
    for unit_code, rows in ((DISTRICT, of_district), (CITY, of_city), (PROVINCE, {})):
        if (unit_code, quarter) != (CITY, 2) and (unit_code != PROVINCE or quarter == 0):
            name = f"{unit_code}-{period}"
            small.submit(name, unit_code, period, rows, form="committee", submitted_at=ON_TIME[period])


def wide_programme(home: Path, records: list[dict[str, Any]]) -> SmallWarehouse:
    """All of it, judged, with the decisions ``records``."""
    small = SmallWarehouse(home, decision_records=records)
    for unit_code in (*STREETS[:12], DISTRICT, CITY, PROVINCE):
        small.enrol(unit_code)
        small.enrolment[-1]["batch_code"] = "B2" if unit_code in SECOND_BATCH else "B1"
    for quarter, period in enumerate(PERIODS):
        for unit_code, street in STREETS_OF_2025.items():
            if street.reports[quarter] != MISSING:
                at = ON_TIME[period]
                at = at.replace(day=LATE_BY_DAYS) if street.reports[quarter] == LATE else at
                small.submit(f"{unit_code}-{period}", unit_code, period, _rows(street, quarter), submitted_at=at)
        _committees(small, quarter, period)
    small.build(changed_periods=PERIODS, with_tests=False)
    judge(small.database, small.build_dir / "judged", gx_home=small.home / "gx", periods=PERIODS)
    return small
