"""A prefilled workbook holds what the unit last reported; sent back as it is it is accepted with the same registers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.batch import process_batch
from ingest.forms import load_forms
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.prefill import Prefill, prefill
from ingest.receive import receive
from ingest.template import write_workbook
from tests.support.workbooks import REGISTERS, REPORTS, check, report_workbook, typical_rows

NOON = datetime(2026, 1, 10, 4)
TODAY = date(2025, 7, 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger(home.ledger_url)
    yield opened
    opened.close()


def report(home: Home, ledger: Ledger, form: str, data: bytes, at: datetime = NOON) -> None:
    receive(
        home, ledger, data, channel="cli", channel_unit_code=REPORTS[form][0], file_name="a.xlsx", submitted_at=at,
        received_at=at,
    )  # fmt: skip
    for batch_id in ledger.plan_batches(10):
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=at)


def prefilled(home: Home, ledger: Ledger, form: str, period: str = "2025-Q2") -> Prefill:
    return prefill(home, ledger, load_forms()[form], REPORTS[form][0], period, registers=REGISTERS, today=TODAY)


def workbook(form: str, filled: Prefill, period: str = "2025-Q2") -> bytes:
    unit = REPORTS[form][0]
    name = REGISTERS.unit_names[unit]
    return write_workbook(load_forms()[form], unit_code=unit, unit_name=name, period=period, rows=filled.rows)


@pytest.mark.parametrize("form_code", ["street", "committee"])
def test_a_prefilled_workbook_sent_back_unchanged_is_accepted_with_the_same_registers(
    home: Home, ledger: Ledger, form_code: str
) -> None:
    form = load_forms()[form_code]
    data = report_workbook(form_code)
    report(home, ledger, form_code, data)
    first, second = check(data), check(workbook(form_code, prefilled(home, ledger, form_code)))
    assert (second.state, second.period) == ("accepted", "2025-Q2")
    for sheet in form.sheets:
        table = form.table(sheet)
        if sheet.layout == "event":
            assert second.rows[table] == []
        elif sheet is not form.cover:
            assert first.rows[table] != []
            assert second.rows[table] == first.rows[table]
    assert second.rows[form.table(form.cover)][0]["prepared_on"] == TODAY


def test_names_come_back_although_they_never_left_the_raw_store(home: Home, ledger: Ledger) -> None:
    report(home, ledger, "street", report_workbook())
    names = [record["person_name"] for record in typical_rows(load_forms()["street"])["person"]]
    assert [record["person_name"] for record in prefilled(home, ledger, "street").rows["person"]] == names
    lake = b"".join(path.read_bytes() for path in home.lake.rglob("*.parquet"))
    assert names[0].encode() not in lake


def test_the_last_accepted_report_counts_and_not_a_later_rejected_or_a_later_periods(
    home: Home, ledger: Ledger
) -> None:
    form = load_forms()["street"]
    rows = typical_rows(form)
    rows["venue"][0]["venue_name"] = "后来的阵地"
    report(home, ledger, "street", report_workbook())
    report(home, ledger, "street", report_workbook(rows=rows), datetime(2026, 1, 11, 4))
    rows["venue"][0]["opened_on"] = "2023-02-30"
    report(home, ledger, "street", report_workbook(rows=rows), datetime(2026, 1, 12, 4))
    filled = prefilled(home, ledger, "street")
    assert filled.period == "2025-Q1"
    assert filled.rows["venue"][0]["venue_name"] == "后来的阵地"
    assert prefilled(home, ledger, "street", "2025-Q1").period is None


def test_a_nil_return_does_not_empty_the_registers(home: Home, ledger: Ledger) -> None:
    report(home, ledger, "street", report_workbook())
    form, unit = load_forms()["street"], REPORTS["street"][0]
    nil = {"cover": [{"prepared_on": date(2025, 7, 2)}], "profile": typical_rows(form)["profile"]}
    data = write_workbook(form, unit_code=unit, unit_name=REGISTERS.unit_names[unit], period="2025-Q2", rows=nil)
    report(home, ledger, "street", data, datetime(2026, 1, 11, 4))
    assert [row["period"] for row in ledger.accepted(unit)] == ["2025-Q1", "2025-Q2"]
    filled = prefilled(home, ledger, "street", "2025-Q3")
    assert (filled.period, len(filled.rows["unit"])) == ("2025-Q1", 2)


def test_the_burden_counts_cells_asked_for_and_filled_in(home: Home, ledger: Ledger) -> None:
    form = load_forms()["street"]
    blank = prefilled(home, ledger, "street")
    key_value_count = sum(len(sheet.fields) for sheet in form.sheets if not sheet.is_list)
    assert (blank.period, blank.asked_count) == (None, key_value_count)
    report(home, ledger, "street", report_workbook(lines=2))
    filled = prefilled(home, ledger, "street")
    list_count = sum(2 * len(sheet.fields) for sheet in form.sheets if sheet.is_list)
    event_count = sum(2 * len(sheet.fields) for sheet in form.sheets if sheet.layout == "event")
    assert filled.asked_count == key_value_count + list_count
    # The remark on the cover is about last time.
    assert filled.prefilled_count == filled.asked_count - event_count - 1
    [decision] = [ledger.last_accepted("street", REPORTS["street"][0], "2025-Q2")]
    assert decision is not None
    landed = pq.read_table(home.lake / "burden" / f"period=2025-Q1/batch-{decision.batch_id}.parquet").to_pylist()
    assert [(row["sheet"], row["asked_count"], row["prefilled_count"]) for row in landed] == [
        (one.sheet, one.asked_count, one.prefilled_count) for one in filled.burden
    ]
    by_sheet = {one.sheet: one for one in filled.burden}
    assert (by_sheet["活动"].row_count, by_sheet["活动"].prefilled_count) == (2, 0)
