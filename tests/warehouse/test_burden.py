"""How much a period asks of a unit: the workbook prefilled from the last report that lists anything."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from ingest.land import land_rows
from tests.support.reports import AT, BELOW
from tests.support.warehouse import SmallWarehouse


def submit(small: SmallWarehouse, unit_code: str, period: str, asked: int, kept: int, *, lines: int = 1) -> None:
    """An accepted report of two sheets that together ask for so many cells; nil without lines."""
    name = f"{unit_code}-{period}"
    meetings = [{"held_on": datetime(2025, 2, 3).date()}] * lines
    small.submit(name, unit_code, period, {"meeting": meetings}, submitted_at=datetime(2025, int(period[-1]) * 3, 28))
    whole = {"submission_id": name, "unit_code": unit_code, "form": "street", "layout": "register", "row_count": lines}
    sheets = [("基本情况", 10, 0), ("辖区单位", asked - 10, kept)]
    rows = [{**whole, "sheet": sheet, "asked_count": one, "prefilled_count": two} for sheet, one, two in sheets]
    land_rows(small.lake_dir, "burden", period, name, rows)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    small = SmallWarehouse(tmp_path_factory.mktemp("burden"))
    for unit_code in (AT, BELOW):
        small.enrol(unit_code)
    submit(small, AT, "2025-Q1", 400, 300)
    submit(small, AT, "2025-Q2", 40, 20, lines=0)
    submit(small, AT, "2025-Q3", 600, 550)
    submit(small, BELOW, "2025-Q2", 80, 60)
    small.submit("old", BELOW, "2025-Q3", {"meeting": [{"held_on": datetime(2025, 8, 3).date()}]})
    small.build(select="+mart_burden")
    return small


def test_a_period_asks_for_what_the_last_report_that_lists_anything_had(small: SmallWarehouse) -> None:
    columns = "period, prefilled_from, asked_count, prefilled_count, prefilled_pct"
    rows = small.rows(
        f"select {columns} from marts.mart_burden where unit_code = '{AT}' and period < '2026' order by period"
    )
    assert rows == [
        ("2025-Q1", None, 400, 0, Decimal("0.0")),
        ("2025-Q2", "2025-Q1", 400, 300, Decimal("75.0")),
        ("2025-Q3", "2025-Q1", 400, 300, Decimal("75.0")),
        ("2025-Q4", "2025-Q3", 600, 550, Decimal("91.7")),
    ]


def test_a_unit_without_any_report_yet_has_a_row_without_figures(small: SmallWarehouse) -> None:
    rows = small.rows(
        "select asked_count, prefilled_count, prefilled_pct from marts.mart_burden "
        f"where unit_code = '{BELOW}' and period = '2025-Q1'"
    )
    assert rows == [(None, 0, None)]
