"""Rows of reports for tests of the rule book: streets at, below and above every threshold, leaders and their links."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

STREETS = [f"440103{number:03}" for number in range(1, 23)]
AT, BELOW, ABOVE, EMPTY, SILENT = STREETS[:5]
DISTRICT, CITY, PROVINCE, CITY_WITHOUT_DISTRICTS = "440103", "4401", "44", "4419"
QUARTERS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
Rows = dict[str, list[dict[str, Any]]]


def people(kind: str, count: int, *, is_off_establishment: bool = False, first: int = 0) -> list[dict[str, Any]]:
    """Posts of ``count`` different people."""
    return [
        {
            "person_key": f"p{number}",
            "person_kind": kind,
            "is_off_establishment_member": is_off_establishment,
            "start_on": date(2025, 3, 31),
            "end_on": None,
        }
        for number in range(first, first + count)
    ]


def organisation(name: str, relation: str = "联系", uscc: str | None = None) -> dict[str, Any]:
    """A youth social organisation."""
    return {"org_name": name, "uscc": uscc, "relation": relation}


def venue(opened_on: date = date(2025, 3, 31), status: str = "正常") -> dict[str, Any]:
    """A youth venue."""
    return {"venue_name": "青年之家", "status": status, "opened_on": opened_on}


def unit(name: str, *, is_member: bool = True, is_local: bool = True, kind: str = "学校") -> dict[str, Any]:
    """A unit in the area."""
    return {"unit_name": name, "unit_kind": kind, "is_local": is_local, "is_member": is_member}


def payment(amount: str, year: int = 2025, kind: str = "基本工作经费") -> dict[str, Any]:
    """Money that arrived."""
    return {"fiscal_year": year, "fund_kind": kind, "payer_level": "区", "amount": Decimal(amount)}


def active(count: int) -> list[dict[str, Any]]:
    """So many committees in operation, and one that has ended."""
    return [{"committee_name": f"{number}", "status": "在运行"} for number in range(count)] + [
        {"committee_name": "旧", "status": "已停止"}
    ]


def at_thresholds() -> Rows:
    """A street that meets every quota exactly; two people stand in two rows."""
    cadres = people("专职团干部", 1) + people("兼职团干部", 9, is_off_establishment=True, first=1)
    return {
        "committee": active(1),
        "youth_org": [organisation("甲"), organisation("乙", "培育"), organisation("甲")],
        "venue": [venue(), venue(opened_on=date(2025, 4, 1)), venue(status="停用")],
        "person": [
            *cadres,
            *people("兼职团干部", 2, is_off_establishment=True, first=1),
            *people("青年社工", 1, first=20),
        ],
        "unit": [
            unit("一"),
            unit("二"),
            unit("外", is_local=False, is_member=False),
            unit("他", kind="其他", is_member=False),
        ],
    }


def one_below() -> Rows:
    """A street that misses every quota by one; some would do but have left or have not begun."""
    gone = {**people("专职团干部", 1, is_off_establishment=True, first=30)[0], "end_on": date(2025, 3, 30)}
    coming = {**people("青年社工", 1, first=31)[0], "start_on": date(2025, 4, 1)}
    return {
        "committee": active(0),
        "youth_org": [organisation("甲", "联系并培育", "X"), organisation("改了名的甲", "联系并培育", "X")],
        "venue": [venue(opened_on=date(2025, 4, 1)), venue(status="筹建")],
        "person": [
            *people("专职团干部", 1),
            *people("兼职团干部", 8, is_off_establishment=True, first=1),
            gone,
            coming,
        ],
        "unit": [unit("一"), unit("二"), unit("三", is_member=False)],
    }


def one_above() -> Rows:
    """A street with more than it needs, which is wrong only for committees."""
    return {
        "committee": active(2),
        "youth_org": [organisation("甲"), organisation("乙"), organisation("丙", "联系并培育")],
        "venue": [venue(), venue()],
        "person": [
            *people("专职团干部", 1),
            *people("兼职团干部", 10, is_off_establishment=True, first=1),
            *people("专职志愿者", 2, first=20),
            *people("固定志愿者", 1, first=20),
        ],
        "unit": [unit("一")],
    }


def link(target_kind: str, target_code: str, leader: str = "a", end_on: date | None = None) -> dict[str, Any]:
    """A link of a committee's leader."""
    start_on = date(2025, 1, 1)
    return {
        "person_key": leader,
        "target_kind": target_kind,
        "target_code": target_code,
        "start_on": start_on,
        "end_on": end_on,
    }


def leader(key: str, end_on: date | None = None) -> dict[str, Any]:
    """A leader of a committee."""
    return {"person_key": key, "post": "副书记", "start_on": date(2024, 1, 1), "end_on": end_on}
