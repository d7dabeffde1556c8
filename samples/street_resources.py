"""What a street's venues and units do for its resources: some streets have all that is asked, others do not."""

from __future__ import annotations

from ingest.forms import load_code_lists
from samples.street_context import PeriodRows, Row, Street, day_before, day_within
from samples.words import shape

VISITS = ("migrant_visit_count", "graduate_visit_count", "idle_youth_visit_count")


def _is_one_of(street: Street, share: str) -> bool:
    """Whether the street belongs to the share of that name in the shape file."""
    limit: float = shape()["resources"][share]
    return street.chance(share).random() < limit


def with_shared_resources(street: Street, sheets: PeriodRows) -> PeriodRows:
    """The lines of 辖区单位, where all units of some streets share their venues or extend something."""
    all_share, all_extend = _is_one_of(street, "all_share"), _is_one_of(street, "all_extend")
    return [
        [
            {
                **row,
                "shares_venue": row["shares_venue"] or (all_share and row["has_venue"]),
                "extends_projects": row["extends_projects"] or all_extend,
            }
            for row in rows
        ]
        for rows in sheets
    ]


def with_honoured_pairs(street: Street, units: PeriodRows, sheets: PeriodRows) -> PeriodRows:
    """The lines of 结对帮扶, where all honoured units of some streets are paired."""
    if not _is_one_of(street, "all_pair"):
        return sheets
    rng = street.chance("honoured_pairs")
    agreed_on: dict[str, object] = {}
    found: PeriodRows = []
    for period, listed, rows in zip(street.periods, units, sheets, strict=True):
        paired = {row["unit_name"] for row in rows}
        more: list[Row] = []
        for unit in listed:
            name = unit["unit_name"]
            if unit["honour_kind"] not in shape()["classes"]["honoured_unit"] or name in paired:
                continue
            if name not in agreed_on:
                is_old = period.index == 0
                agreed_on[name] = day_before(rng, period.starts_on, 30, 700) if is_old else period.day(0.5)
            more.append({"unit_name": name, "agreed_on": agreed_on[name], "action_count": rng.randint(0, 4)})
        found.append([*rows, *more])
    return found


def with_party_linkage(street: Street, sheets: PeriodRows) -> PeriodRows:
    """The lines of 制度文件, where some streets issue what they lack on the fields of linkage in the first quarter."""
    if not _is_one_of(street, "all_linked"):
        return sheets
    rng = street.chance("party_linkage")
    first = street.periods[0]
    known = {row["document_kind"] for row in sheets[0]}
    more: list[Row] = []
    for place, kind in enumerate(shape()["classes"]["party_linkage_document"]):
        if kind not in known:
            more.append(
                {
                    "document_kind": kind,
                    "title": f"{street.plan.unit.name}{kind.replace('-', '')}办法",
                    "document_no": f"{street.stem}团〔{first.year}〕{place + 40}号",
                    "issued_on": day_within(rng, first.starts_on, first.day(0.9)),
                    "published_from": None,
                    "published_to": None,
                    "publication_scope": None,
                }
            )
    own = {row["document_kind"] for row in more}
    return [[*(row for row in rows if row["document_kind"] not in own), *more] for rows in sheets]


def with_used_venues(street: Street, sheets: PeriodRows) -> PeriodRows:
    """The lines of 青年阵地 with wider resources, groups that stay away, and a liaison station in some streets."""
    rng = street.chance("used_venues")
    station = shape()["classes"]["liaison_station"][0]
    is_station = rng.random() < shape()["resources"]["has_station"]
    resources = load_code_lists()["integrated_resource"]
    wide = sorted(rng.sample(resources, rng.randint(2, len(resources))), key=resources.index)
    found: PeriodRows = []
    for rows in sheets:
        lines = []
        for place, row in enumerate(rows):
            changes: Row = {"integrated_resources": wide} if place == 0 else {}
            if is_station and place == 1:
                changes["venue_kind"] = station
            for group in VISITS:
                if row.get(group) and rng.random() < shape()["resources"]["no_visits"]:
                    changes[group] = rng.choice((0, None))
            lines.append({**row, **changes})
        found.append(lines)
    return found
