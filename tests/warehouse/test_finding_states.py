"""What became of a finding: open, explained, waived or only told; checks in shadow stand apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ingest.land import land_rows
from tests.support.reports import AT, BELOW, DISTRICT
from tests.support.warehouse import SmallWarehouse

PERIOD = "2025-Q1"
GIVEN_AT = datetime(2025, 5, 1)


def issue(code: str, unit_code: str, key: str, severity: str) -> dict[str, Any]:
    texts = dict.fromkeys(("sheet", "cell", "header", "raw_value", "message", "remedy", "form"), "x")
    return {**texts, "submission_id": f"s{unit_code}", "unit_code": unit_code, "issue_code": code, "finding_key": key,
            "severity": severity}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    small = SmallWarehouse(tmp_path_factory.mktemp("states"))
    for unit_code in (AT, BELOW):
        small.enrol(unit_code)
        small.submit(f"s{unit_code}", unit_code, PERIOD, {"meeting": []})
        found = [
            issue("part_exceeds_whole", unit_code, "asked", "query"),
            issue("total_disagrees", unit_code, "silent", "query"),
            issue("uscc_invalid", unit_code, "wrong", "note" if unit_code == AT else "error"),
            issue("value_repaired", unit_code, "told", "note"),
        ]
        land_rows(small.lake_dir, "issue", PERIOD, unit_code, found)
        land_rows(small.lake_dir, "shadow_issue", PERIOD, unit_code, [issue("rows_gone", unit_code, "new", "error")])
    said = {"explanation_id": "e", "finding_key": "asked", "submission_id": f"s{AT}", "unit_code": AT}
    small.explanations.append(
        {**said, "period": PERIOD, "form": "street", "issue_code": "part_exceeds_whole", "explained_at": GIVEN_AT,
         "way": "cli"}
    )  # fmt: skip
    small.waivers.append(
        {"waiver_id": "w", "scope_code": AT, "issue_code": "uscc_invalid", "from_period": PERIOD, "to_period": None,
         "office_code": DISTRICT, "office_name": "荔湾区", "reason": "换证", "recorded_at": GIVEN_AT}
    )  # fmt: skip
    small.build(select="+mart_issue +mart_shadow_issue +mart_waiver +mart_submission_status")
    return small


def test_the_state_of_a_finding_says_whether_anybody_has_to_do_something(small: SmallWarehouse) -> None:
    states = small.rows("select unit_code, finding_key, severity, finding_state from marts.mart_issue order by all")
    assert states == sorted(
        [
            (AT, "asked", "query", "explained"),
            (AT, "silent", "query", "open"),
            (AT, "told", "note", "told"),
            (AT, "wrong", "error", "waived"),
            (BELOW, "asked", "query", "open"),
            (BELOW, "silent", "query", "open"),
            (BELOW, "told", "note", "told"),
            (BELOW, "wrong", "error", "open"),
        ]
    )


def test_the_status_counts_what_is_still_open(small: SmallWarehouse) -> None:
    counts = "unit_code, open_query_count, explained_count, waived_count"
    assert small.rows(f"select {counts} from marts.mart_submission_status order by all") == [
        (AT, 1, 1, 1),
        (BELOW, 2, 0, 0),
    ]


def test_a_waiver_is_public_with_office_and_reason(small: SmallWarehouse) -> None:
    sql = "select scope_code, issue_code, office_name, reason, finding_count from marts.mart_waiver"
    assert small.rows(sql) == [(AT, "uscc_invalid", "荔湾区", "换证", 1)]


def test_checks_in_shadow_stand_in_a_mart_of_their_own(small: SmallWarehouse) -> None:
    assert small.rows("select unit_code, issue_code from marts.mart_shadow_issue order by all") == [
        (AT, "rows_gone"),
        (BELOW, "rows_gone"),
    ]
