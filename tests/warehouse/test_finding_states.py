"""What became of a finding: open, explained, waived or only told; checks in shadow stand apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
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
            issue("row_duplicate", unit_code, "again", "query"),
        ]
        land_rows(small.lake_dir, "issue", PERIOD, unit_code, found)
        land_rows(small.lake_dir, "shadow_issue", PERIOD, unit_code, [issue("rows_gone", unit_code, "new", "error")])
    # A batch that was landed before findings had keys.
    old = pa.Table.from_pylist([issue("date_impossible", BELOW, "", "error")]).drop_columns("finding_key")
    pq.write_table(old, small.lake_dir / "issue" / f"period={PERIOD}" / "batch-old.parquet")
    said = {"explanation_id": "e", "finding_key": "asked", "submission_id": f"s{AT}", "unit_code": AT}
    small.explanations.append(
        {**said, "period": PERIOD, "form": "street", "issue_code": "part_exceeds_whole", "explained_at": GIVEN_AT,
         "way": "cli"}
    )  # fmt: skip
    small.waivers.append(
        {"waiver_id": "w", "scope_code": AT, "issue_code": "uscc_invalid", "from_period": PERIOD, "to_period": None,
         "office_code": DISTRICT, "office_name": "荔湾区", "reason": "换证", "recorded_at": GIVEN_AT}
    )  # fmt: skip
    decided_at = small.submissions[f"s{AT}"]["decided_at"]
    for waiver_id, scope, days in (("during", AT, (-2, 2)), ("before", BELOW, (-4, -2))):
        granted_at, revoked_at = (decided_at + timedelta(day) for day in days)
        small.waivers.append(
            {"waiver_id": waiver_id, "scope_code": scope, "issue_code": "row_duplicate", "from_period": PERIOD,
             "to_period": None, "office_code": DISTRICT, "office_name": "荔湾区", "reason": "误报",
             "recorded_at": granted_at, "revoked_at": revoked_at, "revoked_by": "广州市",
             "revocation_reason": "系统已更正"}
        )  # fmt: skip
    small.build(select="+mart_issue +mart_shadow_issue +mart_waiver +mart_submission_status")
    return small


def test_the_state_of_a_finding_says_whether_anybody_has_to_do_something(small: SmallWarehouse) -> None:
    columns = "unit_code, finding_key, severity, finding_state"
    states = small.rows(f"select {columns} from marts.mart_issue where finding_key is not null order by all")
    assert states == sorted(
        [
            (AT, "again", "query", "waived"),
            (AT, "asked", "query", "explained"),
            (AT, "silent", "query", "open"),
            (AT, "told", "note", "told"),
            (AT, "wrong", "error", "waived"),
            (BELOW, "again", "query", "open"),
            (BELOW, "asked", "query", "open"),
            (BELOW, "silent", "query", "open"),
            (BELOW, "told", "note", "told"),
            (BELOW, "wrong", "error", "open"),
        ]
    )


def test_a_finding_that_was_landed_before_there_were_keys_is_open(small: SmallWarehouse) -> None:
    columns = "unit_code, issue_code, finding_state"
    assert small.rows(f"select {columns} from marts.mart_issue where finding_key is null") == [
        (BELOW, "date_impossible", "open")
    ]


def test_the_status_counts_what_is_still_open(small: SmallWarehouse) -> None:
    counts = "unit_code, open_query_count, explained_count, waived_count"
    assert small.rows(f"select {counts} from marts.mart_submission_status order by all") == [
        (AT, 1, 1, 2),
        (BELOW, 3, 0, 0),
    ]


def test_a_waiver_is_public_with_office_and_reason(small: SmallWarehouse) -> None:
    columns = "scope_code, issue_code, office_name, reason, revoked_by, revocation_reason, finding_count"
    assert small.rows(f"select {columns} from marts.mart_waiver order by waiver_id") == [
        (BELOW, "row_duplicate", "荔湾区", "误报", "广州市", "系统已更正", 0),
        (AT, "row_duplicate", "荔湾区", "误报", "广州市", "系统已更正", 1),
        (AT, "uscc_invalid", "荔湾区", "换证", None, None, 1),
    ]


def test_checks_in_shadow_stand_in_a_mart_of_their_own(small: SmallWarehouse) -> None:
    assert small.rows("select unit_code, issue_code from marts.mart_shadow_issue order by all") == [
        (AT, "rows_gone"),
        (BELOW, "rows_gone"),
    ]
