"""A small programme in which every reading of every ruling judges somebody otherwise than the reading in force.

Each street stands for one ruling and is called after it; leaders of a city and of one without districts stand for the
rest. All report the last quarter of 2025, so that the money of the year is known.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from ingest.home import Home
from tests.support.programme import accept, publish
from tests.support.reports import (
    CITY,
    CITY_WITHOUT_DISTRICTS,
    DISTRICT,
    STREETS,
    Rows,
    leader,
    link,
    organisation,
    payment,
    people,
    unit,
)

PERIOD = "2025-Q4"
REPORTED_AT = datetime(2026, 1, 10)
NIGHT = datetime(2026, 2, 1)

RELATION, CADRES, WORKER, TERM, ADDRESS, CATEGORY, FUNDS, PAID, PROJECTS = STREETS[:9]
#: The leader of the city links three streets, one of them outside her district.
CITY_LEADER, BARE_LEADER = f"{CITY}/a", f"{CITY_WITHOUT_DISTRICTS}/c"
TERM_SUBJECT = f"{TERM}/1"


def _allocation(street_code: str, amount: str, kind: str = "基本工作经费") -> dict[str, Any]:
    row = {**payment(amount, kind=kind), "street_code": street_code, "paid_on": date(2025, 11, 1)}
    del row["payer_level"]
    return row


def _categorised(name: str, category: str) -> dict[str, Any]:
    return {**organisation(name), "org_category": category}


#: What each street reports; what is not listed is empty.
REPORTS: dict[str, Rows] = {
    RELATION: {"youth_org": [organisation("甲"), organisation("乙", "培育")]},
    CADRES: {"person": people("专职团干部", 1) + people("兼职团干部", 9, is_off_establishment=True, first=1)},
    WORKER: {"person": people("青年社工", 1) + people("固定志愿者", 1)},
    # Three months to the day, 91 days after its beginning.
    TERM: {
        "unit": [unit("一")],
        "chair_term": [
            {"term_no": "1", "unit_name": "一", "start_on": date(2025, 10, 1), "end_on": date(2025, 12, 31)}
        ],
    },
    ADDRESS: {"cover": [{"note": "单位已迁出，仍参加共建"}], "unit": [unit("一"), unit("外", is_local=False)]},
    CATEGORY: {"youth_org": [_categorised("甲", "公益类"), _categorised("乙", "其他")]},
    # Received what was not recorded as paid, the other way round, and enough only together with projects.
    FUNDS: {"funding": [payment("20000")]},
    PAID: {"funding": [payment("1000")]},
    PROJECTS: {"funding": [payment("12000"), payment("8000", kind="项目经费")]},
}
ALLOCATIONS = [_allocation(PAID, "20000"), _allocation(PROJECTS, "15000"), _allocation(PROJECTS, "5000", "项目经费")]


def programme_of_rulings(root: Path) -> Home:
    """The home of all of them after one night."""
    home = Home(root).prepare()
    lines = [f"{code},false,B1,{PERIOD}," for code in (*REPORTS, DISTRICT, CITY, CITY_WITHOUT_DISTRICTS)]
    (home.programme / "enrolment.csv").write_text(
        "\n".join(["scope_code,has_subtree,batch_code,from_period,to_period", *lines, ""]), encoding="utf-8"
    )
    for code, rows in REPORTS.items():
        accept(home, code, code, rows, at=REPORTED_AT, period=PERIOD)
    streets = [link("街道", code) for code in (*STREETS[:2], "440104001")]
    bare = [link("街道", code, "c") for code in ("441900003", "441900004", "441900005")]
    committees: dict[str, Rows] = {
        DISTRICT: {"leader": [leader("d")], "allocation": ALLOCATIONS},
        CITY: {"leader": [leader("a")], "leader_link": [link("区", DISTRICT), *streets]},
        CITY_WITHOUT_DISTRICTS: {"leader": [leader("c")], "leader_link": bare},
    }
    for code, rows in committees.items():
        accept(home, code, code, rows, at=REPORTED_AT, period=PERIOD, form="committee")
    publish(home, NIGHT)
    return home


Change = dict[tuple[str, str], tuple[int | None, int | None, str, str]]
#: By ruling and choice: which findings change, by rule and subject, their values and outcomes before and after.
CHANGES: dict[tuple[str, str], Change] = {
    ("3b.relation", "contacted_and_cultivated"): {
        ("3b", RELATION): (2, 0, "pass", "fail"),
        ("3b", CATEGORY): (2, 0, "pass", "fail"),
    },
    ("3d.off_establishment", "not_counted"): {("3d", CADRES): (10, 1, "pass", "fail")},
    ("3e.same_person", "not_shared"): {("3e", WORKER): (1, 0, "pass", "fail")},
    ("1i.term_length", "days"): {("1i", TERM_SUBJECT): (3, 91, "pass", "fail")},
    ("5b.funds", "allocated"): {
        ("5b", f"{FUNDS}/2025"): (20000, 0, "pass", "fail"),
        ("5b", f"{PAID}/2025"): (1000, 20000, "fail", "pass"),
        ("5b", f"{PROJECTS}/2025"): (12000, 15000, "fail", "fail"),
    },
    ("5b.funds", "received_with_projects"): {("5b", f"{PROJECTS}/2025"): (12000, 20000, "fail", "pass")},
    ("5b.funds", "allocated_with_projects"): {
        ("5b", f"{FUNDS}/2025"): (20000, 0, "pass", "fail"),
        ("5b", f"{PAID}/2025"): (1000, 20000, "fail", "pass"),
        ("5b", f"{PROJECTS}/2025"): (12000, 20000, "fail", "pass"),
    },
    ("R1d.streets", "inside_districts"): {
        ("R1d.streets", CITY_LEADER): (3, 2, "pass", "fail"),
        ("R1d.streets", BARE_LEADER): (3, 0, "pass", "fail"),
    },
    ("R1d.no_districts", "judged"): {("R1d.districts", BARE_LEADER): (None, 0, "not_applicable", "fail")},
    ("1b.outside", "never"): {("1b.address", ADDRESS): (100, 50, "pass", "fail")},
    ("2b.category", "other_counted"): {("2b.classified", CATEGORY): (50, 100, "fail", "pass")},
}
