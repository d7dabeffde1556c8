"""What a home's warehouse says of the checks between reports, in the shape of the sample's truth files."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

QUERIES = {
    "truth_claims.csv": (
        "select claims.thing_kind, claims.thing_key, listed.unit_code, claims.since_period, claims.last_period"
        " from crosschecks.int_claim__claimed as claims"
        " inner join (select distinct thing_kind, thing_key, unit_code from crosschecks.int_claim__listed) as listed"
        " using (thing_kind, thing_key)"
    ),
    "truth_reconciliation.csv": (
        "select unit_code, fiscal_year, fund_kind, payer_level, allocated_cny, received_cny, state"
        " from marts.mart_funding_reconciliation"
    ),
    "truth_attendance.csv": (
        "select unit_code, held_on, period, visiting_leader_count, meeting_count, leader_present_count, state"
        " from marts.mart_leader_attendance"
    ),
    "truth_coverage.csv": (
        "select district_committee_code, unit_code, period, linked_leader_count, state from marts.mart_street_coverage"
    ),
}


def differences(home: Path) -> dict[str, tuple[set[tuple[str, ...]], set[tuple[str, ...]]]]:
    """Per truth file the lines that only the truth has and those that only the published warehouse has."""
    found = {}
    with duckdb.connect(str(home / "published" / "warehouse.duckdb"), read_only=True) as connection:
        for name, query in QUERIES.items():
            with (home / "sample" / name).open(encoding="utf-8", newline="") as handle:
                truth = {tuple(line) for line in list(csv.reader(handle))[1:]}
            told = {tuple(str(value) for value in row) for row in connection.execute(query).fetchall()}
            found[name] = truth - told, told - truth
    return found
