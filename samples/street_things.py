"""The registers of what a street has: committee, documents, youth organisations, venues, projects."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from ingest.forms import load_code_lists
from samples.calendar import Period
from samples.street_context import PeriodRows, Row, Street, day_before, day_within, some_day
from samples.words import between, credit_code, shape, words

COMMITTEE_COUNTS = ("liaison_count", "coordination_count", "supervision_count")


def _pick(rng: random.Random, code_list: str) -> str:
    return rng.choice(load_code_lists()[code_list])


def committee_rows(street: Street) -> PeriodRows:
    """Lines of 共建委员会 per period: one in operation; where that falls short, none or two."""
    rng = street.chance("committee")
    founded_on = day_before(rng, street.periods[0].starts_on, 100, 1200)
    lead, secretariat = rng.choices(load_code_lists()["lead_unit"], (7, 2, 1), k=2)
    has_two = rng.random() < 0.5
    numbers = [f"{street.stem}团〔{founded_on.year}〕{rng.randint(1, 30)}号" for _ in range(2)]
    sheets = street.blank()
    for period in street.periods:
        counts = {name: rng.choice((None, rng.randint(0, 12))) for name in COMMITTEE_COUNTS}
        received = rng.randint(0, 6)
        row: Row = {
            "committee_name": f"{street.plan.unit.name}区域团组织共建委员会",
            "founded_on": founded_on,
            "document_no": numbers[0],
            "lead_unit": lead,
            "secretariat_unit": secretariat,
            **counts,
            "comment_received_count": received,
            "comment_answered_count": rng.randint(0, received),
            "status": shape()["classes"]["active"][0],
        }
        lines = [row]
        if street.plan.falls_short("3a", period.index):
            second = {**row, "committee_name": f"{street.plan.unit.name}青年共建委员会", "document_no": numbers[1]}
            lines = [row, second] if has_two else [{**row, "status": "已停止"}]
        sheets[period.index] = lines
    return sheets


def document_rows(street: Street) -> PeriodRows:
    """Lines of 制度文件 per period: those in force at the start and now and then a new one."""
    rng = street.chance("documents")
    kinds = rng.sample(load_code_lists()["street_document_kind"], between(rng, "documents"))
    if rng.random() < 0.4:
        kinds += [kind for kind in shape()["classes"]["cooperation_mechanism"] if kind not in kinds]
    if street.chance("mechanisms").random() < shape()["chances"]["mechanisms_complete"]:
        kinds += [kind for kind in shape()["classes"]["staffing_mechanism"] if kind not in kinds]
    sheets = street.blank()
    for place, kind in enumerate(kinds):
        first = street.periods[0] if place < 5 else rng.choice(street.periods)
        is_old = place < 5
        day = day_before(rng, first.starts_on, 10, 600) if is_old else day_within(rng, first.starts_on, first.day(0.7))
        is_public = rng.random() < 0.5
        row: Row = {
            "document_kind": kind,
            "title": f"{street.plan.unit.name}{kind.replace('-', '')}{rng.choice(words()['documents'])}",
            "document_no": f"{street.stem}团〔{day.year}〕{place + 1}号",
            "issued_on": day,
            "published_from": day + timedelta(days=1) if is_public else None,
            "published_to": day + timedelta(days=8) if is_public else None,
            "publication_scope": _pick(rng, "publication_scope") if is_public else None,
        }
        for period in street.periods[first.index :]:
            sheets[period.index].append(row)
    return sheets


def _youth_org(street: Street, rng: random.Random, period: Period, *, is_new: bool) -> Row:
    registration = _pick(rng, "youth_org_registration")
    is_registered = registration == "民政登记"
    eligible = rng.random() < 0.5
    members = rng.randint(8, 200)
    return {
        "org_name": street.stem + street.namer.brand(words()["youth_orgs"]),
        "uscc": credit_code(rng, "52", street.code[:6]) if is_registered else None,
        "org_category": _pick(rng, "youth_org_category"),
        "relation": _pick(rng, "youth_org_relation"),
        "registration": registration,
        "target_group": rng.choice((None, *load_code_lists()["target_group"])),
        "member_count": members,
        "is_eligible": eligible,
        "has_league_org": eligible and rng.random() < 0.6,
        "since": some_day(rng, period) if is_new else day_before(rng, period.starts_on, 30, 1000),
        "in_federation": rng.random() < 0.4,
    }


def youth_org_rows(street: Street) -> PeriodRows:
    """Lines of 青年社会组织 per period: enough, exactly enough, or too few until mended."""
    rng = street.chance("youth_orgs")
    bound = shape()["rules"]["3b"]["lower"]
    at_bound = "orgs_at_bound" in street.plan.boundaries
    first = street.periods[0]
    lasting = [
        _youth_org(street, rng, first, is_new=False) for _ in range(bound if at_bound else between(rng, "youth_orgs"))
    ]
    few = rng.randint(0, bound - 1)
    known = list(lasting)
    sheets = street.blank()
    for period in street.periods:
        if period.index and not at_bound and rng.random() < shape()["chances"]["org_joins"]:
            known.append(_youth_org(street, rng, period, is_new=True))
        shown = known[:few] if street.plan.falls_short("3b", period.index) else known
        sheets[period.index] = [
            {
                **org,
                "last_contact_on": some_day(rng, period) if org["since"] < period.starts_on else None,
                "service_count": rng.randint(0, 5),
                "joined_activity_count": rng.randint(0, 6),
            }
            for org in shown
        ]
    return sheets


def _venue(street: Street, rng: random.Random) -> Row:
    resources = load_code_lists()["integrated_resource"]
    kind = rng.choice(words()["venues"])
    return {
        "venue_name": street.stem + street.namer.brand([kind]),
        "venue_kind": kind,
        "build_mode": _pick(rng, "build_mode"),
        "area_m2": rng.choice((None, rng.randint(400, 9000) / 10)),
        "weekly_open_hours": rng.choice((20, 28, 35, 40, 48.5)),
        "is_open_to_all": rng.random() < 0.85,
        "opened_on": day_before(rng, street.periods[0].starts_on, 30, 2000),
        "status": shape()["classes"]["venue_open"][0],
        "government_funds": rng.choice((None, rng.randint(5, 80) * 1000)),
        "social_funds": rng.choice((None, rng.randint(1, 40) * 500)),
        "integrated_resources": sorted(rng.sample(resources, rng.randint(0, 3)), key=resources.index) or None,
    }


def _not_yet_open(row: Row, rng: random.Random, period: Period, *, is_announced: bool) -> Row:
    """A venue that does not count yet: still being built, or with an opening day after the end of the period."""
    opens_on = period.ends_on + timedelta(days=rng.randint(5, 60))
    return {**row, "opened_on": opens_on, "status": row["status"] if is_announced else "筹建"}


def venue_rows(street: Street) -> PeriodRows:
    """Lines of 青年阵地 per period; where that falls short all of them are closed or not open yet."""
    rng = street.chance("venues")
    venues = [_venue(street, rng) for _ in range(between(rng, "venues"))]
    is_announced = rng.random() < 0.5
    closed = _venue(street, rng) | {"status": "停用"} if rng.random() < 0.15 else None
    sheets = street.blank()
    for period in street.periods:
        lines: list[Row] = []
        for venue in venues:
            visits = rng.randint(40, 900)
            used: dict[str, Any] = {
                "hosted_org_count": rng.randint(0, 4),
                "visit_count": visits,
                "migrant_visit_count": visits // rng.randint(3, 9),
                "graduate_visit_count": visits // rng.randint(5, 20),
                "idle_youth_visit_count": visits // rng.randint(10, 40),
            }
            if street.plan.falls_short("3c", period.index):
                lines.append(_not_yet_open(venue, rng, period, is_announced=is_announced))
            else:
                lines.append({**venue, **used})
        sheets[period.index] = [*lines, closed] if closed else lines
    return sheets


def _project(street: Street, rng: random.Random) -> Row:
    kind = _pick(rng, "project_kind")
    return {
        "project_name": f"{street.stem}{street.namer.brand(words()['projects'])}",
        "project_kind": kind,
        "national_brand": _pick(rng, "national_brand") if kind == "全国品牌" else None,
        "theme": rng.choice((None, *load_code_lists()["project_theme"])),
        "party_count": rng.randint(1, 6),
        "partner_org_name": None,
        "with_hr_department": rng.random() < 0.3 if kind == "新市民培训计划" else None,
        "operation_mode": _pick(rng, "operation_mode"),
        "contract_amount": rng.randint(10, 90) * 1000 if kind == "政府青年事务" else None,
        "social_funds": rng.choice((None, rng.randint(2, 30) * 1000)),
        "started_on": day_before(rng, street.periods[0].starts_on, 10, 800),
        "status": shape()["classes"]["active"][0],
    }


def project_rows(street: Street) -> PeriodRows:
    """Lines of 服务项目 per period."""
    rng = street.chance("projects")
    projects = [_project(street, rng) for _ in range(between(rng, "projects"))]
    return [
        [
            {
                **project,
                "session_count": rng.randint(0, 8),
                "participant_count": rng.randint(0, 300),
                "satisfaction_pct": rng.choice((None, rng.randint(800, 1000) / 10)),
            }
            for project in projects
        ]
        for _ in street.periods
    ]
