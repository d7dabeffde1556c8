"""Youth organisations as partners in the projects of a street."""

from __future__ import annotations

from samples.street_context import PeriodRows, Street

#: Share of the projects that a youth organisation joins.
JOINED = 0.4


def with_partners(street: Street, projects: PeriodRows, orgs: PeriodRows) -> PeriodRows:
    """The lines of 服务项目, some of them with an organisation of the first period's register as partner."""
    rng = street.chance("partners")
    names = [org["org_name"] for org in orgs[0]]
    partners: dict[str, str | None] = {}
    for row in (row for rows in projects for row in rows):
        if row["project_name"] not in partners:
            partners[row["project_name"]] = rng.choice(names) if names and rng.random() < JOINED else None
    return [[{**row, "partner_org_name": partners[row["project_name"]]} for row in rows] for rows in projects]
