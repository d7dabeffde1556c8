"""A report without a fault is accepted, and lands what was written, where it was written."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from ingest.forms import load_forms
from ingest.land import lake_schemas
from ingest.pseudonym import person_key
from tests.support.workbooks import (
    KEY,
    OTHER_STREET,
    REPORTS,
    STREET,
    check,
    column_of,
    edited,
    found,
    place_of,
    report_workbook,
    typical_rows,
    with_cell,
)


@pytest.mark.parametrize("form_code", sorted(REPORTS))
def test_a_faultless_report_is_accepted_without_any_finding(form_code: str) -> None:
    report = check(report_workbook(form_code), channel_unit=REPORTS[form_code][0])
    assert report.issues == []
    assert (report.state, report.reason, report.exit_code) == ("accepted", None, 0)
    assert (report.form, report.unit_code, report.period) == (form_code, *REPORTS[form_code])


@pytest.mark.parametrize("form_code", sorted(REPORTS))
def test_rows_fit_the_lake_and_none_is_lost(form_code: str) -> None:
    form = load_forms()[form_code]
    report = check(report_workbook(form_code, lines=3))
    schemas = lake_schemas()
    for sheet in form.sheets:
        rows = report.rows[form.table(sheet)]
        assert len(rows) == (3 if sheet.is_list else 1) == report.row_counts[sheet.entity]
        schema = schemas[form.table(sheet)]
        assert all({"submission_id", "unit_code", *row} == set(schema.names) for row in rows)
        pa.Table.from_pylist([{"submission_id": "s", "unit_code": "u", **row} for row in rows], schema=schema)


def test_values_arrive_typed() -> None:
    report = check(report_workbook())
    funding = report.rows["street_funding"][0]
    assert funding["amount"] == Decimal("20000.00")
    assert funding["received_on"] == date(2025, 2, 3)
    assert funding["fiscal_year"] == 2025
    assert report.rows["street_cover"][0]["street_code"] == STREET
    assert report.rows["street_unit"][0]["is_member"] is True
    assert report.rows["street_profile"][0]["league_member_count"] == 3


def test_a_row_says_its_sheet_and_line_and_the_field_map_its_column() -> None:
    data = report_workbook()
    report = check(data)
    assert report.rows["street_activity"][1]["sheet"] == "活动"
    row = report.rows["street_activity"][1]["row"]
    assert place_of(data, "活动", "活动名称", line=1) == f"{column_of(data, '活动', '活动名称')}{row}"
    entry = next(e for e in report.field_map if e["entity"] == "activity" and e["field"] == "held_on")
    assert entry["column_letter"] == column_of(data, "活动", "举办日期")
    assert entry["cell"] is None
    cover = next(e for e in report.field_map if e["entity"] == "cover" and e["field"] == "street_code")
    assert (cover["cell"], cover["column_letter"]) == (place_of(data, "封面", "街道代码"), None)


def test_persons_leave_only_as_pseudonyms() -> None:
    report = check(report_workbook())
    people = report.rows["street_person"]
    assert people[0]["person_key"] == person_key(KEY, "姓名1", "0000")
    assert people[0]["person_key"] != people[1]["person_key"]
    assert not {"person_name", "phone_tail"} & set(people[0])


def test_a_leader_named_elsewhere_gets_the_pseudonym_of_the_leaders_sheet() -> None:
    report = check(report_workbook("committee"))
    key = report.rows["committee_leader"][0]["person_key"]
    assert key == person_key(KEY, "姓名1", "0000")
    assert report.rows["committee_leader_link"][0]["person_key"] == key
    assert report.rows["committee_field_visit"][0]["person_key"] == key


def test_the_same_person_has_one_pseudonym_however_the_name_is_spaced() -> None:
    assert person_key(KEY, "张 三", "0001") == person_key(KEY, "张\u3000三\u200b", "０００１")
    assert person_key(KEY, "张三", "0001") != person_key(b"another key", "张三", "0001")
    with pytest.raises(ValueError, match="empty"):
        person_key(b"", "张三", "0001")


def test_the_json_report_has_exactly_the_documented_shape() -> None:
    data, place = with_cell("活动", "参与人次", "很多")
    shown = check(data).to_json()
    assert list(shown) == ["state", "form", "unit_code", "period", "reason", "problems", "issues", "rows"]
    keys = ["sheet", "cell", "header", "raw", "code", "severity", "message", "remedy", "finding_key"]
    assert [list(issue) for issue in shown["issues"]] == [keys]
    assert shown["issues"][0]["cell"] == place
    assert shown["rows"]["activity"] == 2
    assert json.loads(json.dumps(shown, ensure_ascii=False)) == shown


def test_a_report_without_events_is_accepted_as_nil() -> None:
    rows = typical_rows(load_forms()["street"])
    for sheet in load_forms()["street"].sheets:
        if sheet.is_list:
            rows[sheet.entity] = []
    report = check(report_workbook(rows=rows))
    assert (report.state, report.issues) == ("accepted", [])
    assert report.row_counts["activity"] == 0


def test_a_file_without_the_meta_sheet_is_known_by_its_cover() -> None:
    data = edited(report_workbook("committee"), lambda book: book.remove(book["_meta"]))
    report = check(data)
    assert (report.state, report.form) == ("accepted", "committee")


def test_the_unit_of_the_channel_must_be_the_unit_of_the_file() -> None:
    report = check(report_workbook(), channel_unit=OTHER_STREET)
    assert (report.state, report.reason, report.exit_code) == ("rejected", "unit_mismatch", 2)
    [issue] = found(report, "unit_mismatch")
    assert issue.cell == place_of(report_workbook(), "封面", "街道代码")
    assert OTHER_STREET in issue.message
