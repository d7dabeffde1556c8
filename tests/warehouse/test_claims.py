"""What two streets list at the same time, however far apart they are."""

from __future__ import annotations

from pathlib import Path

from tests.support.reports import AT, BELOW, DISTRICT
from tests.support.warehouse import SmallWarehouse

STREET_OF_ANOTHER_PROVINCE = "110101001"


def test_a_claim_across_provinces_has_nobody_to_decide_it_and_stops_no_night(tmp_path: Path) -> None:
    small = SmallWarehouse(tmp_path)
    listed = {"一": "911100000000000001", "二": "911100000000000002"}
    for unit_code, names in ((AT, "一二"), (BELOW, "二"), (STREET_OF_ANOTHER_PROVINCE, "一")):
        small.enrol(unit_code)
        rows = [{"unit_name": name, "uscc": listed[name], "is_member": True} for name in names]
        small.submit(unit_code, unit_code, "2025-Q1", {"unit": rows})
    small.build(select="+mart_claim")
    claims = small.rows("select uscc, unit_code, deciding_unit_code from marts.mart_claim order by all")
    assert claims == [
        (listed["一"], STREET_OF_ANOTHER_PROVINCE, None),
        (listed["一"], AT, None),
        *((listed["二"], unit_code, DISTRICT) for unit_code in sorted((AT, BELOW))),
    ]
