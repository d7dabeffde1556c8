"""Pitfalls that only the last report shows: stale copies, implausible drops, what it had and this one lacks."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from ingest.batch import process_batch
from ingest.forms import load_forms
from ingest.history import History, accepted_report, compare_with_history
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.receive import receive
from ingest.report import Report
from ingest.template import write_workbook
from tests.support.workbooks import (
    REGISTERS,
    STREET,
    Rows,
    check,
    first_quarter_rows,
)

STREET_FORM = load_forms()["street"]


def _report(rows: Rows, period: str) -> bytes:
    return write_workbook(STREET_FORM, unit_code=STREET, unit_name="沙面街道", period=period, rows=rows)


def _check_after(before: Rows, rows: Rows) -> Report:
    """The report of 2025-Q2 of a unit whose report of 2025-Q1 has been accepted."""
    first = check(_report(before, "2025-Q1"))
    standing = accepted_report(first, "first", STREET)
    assert standing is not None, first.issues
    history = History(Path("nowhere"))
    history.add(standing)
    return compare_with_history(check(_report(rows, "2025-Q2")), history)


def _of_second_quarter(lines: int = 6) -> Rows:
    """The same with the events of the second quarter."""
    rows = first_quarter_rows(lines)
    rows["cover"] = [{"prepared_on": date(2025, 7, 2)}]
    for entity in ("activity", "meeting", "funding", "training", "award_opinion"):
        for line in rows[entity]:
            line.update({name: date(2025, 5, 6) for name in line if name in ("held_on", "received_on", "filed_on")})
    return rows


def _check_twice(tmp_path: Path, first: Rows, second: Rows) -> Report:
    """The second report as a night finds it after the first one has been accepted by another night."""
    home = Home(tmp_path).prepare()
    ledger = Ledger(home.ledger_url)
    for period, rows, now in (("2025-Q1", first, datetime(2025, 4, 3)), ("2025-Q2", second, datetime(2025, 7, 3))):
        receive(
            home, ledger, _report(rows, period), channel="cli", channel_unit_code=STREET, file_name="报表.xlsx",
            submitted_at=now, received_at=now,
        )  # fmt: skip
        [batch_id] = ledger.plan_batches(10)
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=now)
    [last] = [row for row in ledger.submissions(datetime(2026, 1, 1)) if row["period"] == "2025-Q2"]
    ledger.close()
    return Report(last["state"], last["reason"])


def test_p16_a_copy_of_the_last_report_with_a_new_cover_is_put_aside(tmp_path: Path) -> None:
    rows = first_quarter_rows()
    for entity in ("activity", "meeting", "funding", "training", "award_opinion"):
        rows[entity] = []
    report = _check_twice(tmp_path, rows, rows)
    assert (report.state, report.reason) == ("rejected", "stale_copy")


def test_p16_a_report_of_which_anything_is_new_is_no_copy(tmp_path: Path) -> None:
    rows = first_quarter_rows()
    report = _check_twice(tmp_path, rows, {**_of_second_quarter(), "person": rows["person"]})
    assert (report.state, report.reason) == ("accepted", None)


@pytest.mark.parametrize(
    ("entity", "change", "header"),
    [
        ("person", {"end_on": date(2025, 5, 1)}, "在任的工作力量人数"),
        ("unit", {"is_member": "否"}, "共建委员会成员单位数"),
    ],
)
def test_p29_a_drop_of_people_or_members_is_asked_about(entity: str, change: dict[str, object], header: str) -> None:
    rows = _of_second_quarter()
    for line in rows["person"]:
        line["end_on"] = None
    for line in rows[entity][:3]:
        line.update(change)
    report = _check_after(first_quarter_rows(), rows)
    assert [(issue.code, issue.header, issue.severity) for issue in report.issues] == [
        ("count_dropped", header, "query")
    ]
    assert "6（2025-Q1）" in report.issues[0].message


@pytest.mark.parametrize(("members", "is_asked"), [(70, False), (69, True), (100, False)])
def test_p29_only_more_than_the_stated_share_is_asked_about(members: int, is_asked: bool) -> None:
    before, rows = first_quarter_rows(), _of_second_quarter()
    for line in rows["person"]:
        line["end_on"] = None
    before["profile"][0]["league_member_count"], rows["profile"][0]["league_member_count"] = 100, members
    report = _check_after(before, rows)
    assert [issue.cell for issue in report.issues] == ["B4"] * is_asked


@pytest.mark.parametrize(
    ("left", "codes"), [(range(6), []), (range(1, 6), ["rows_gone"]), (range(3, 6), ["rows_left_out", "count_dropped"])]
)
def test_p30_units_that_the_last_report_had_are_missed(left: range, codes: list[str]) -> None:
    before, rows = first_quarter_rows(), _of_second_quarter()
    for line in (*before["unit"], *rows["unit"]):
        line["unit_kind"] = "学校"
    for line in rows["person"]:
        line["end_on"] = None
    rows["unit"] = [rows["unit"][at] for at in left]
    for entity in ("chair_term", "pairing"):
        rows[entity] = [rows[entity][at] for at in left]
    for line in rows["activity"]:
        line["term_no"] = None
    report = _check_after(before, rows)
    assert sorted(issue.code for issue in report.issues) == sorted(codes)
    missing = [issue.message for issue in report.issues if issue.code.startswith("rows_")]
    assert all("单位名称1" in message and "2025-Q1" in message for message in missing)


def test_p30_a_whole_kind_that_is_gone_is_asked_about() -> None:
    before, rows = first_quarter_rows(12), _of_second_quarter(12)
    for kind, lines in (("学校", slice(0, 2)), ("国有企业", slice(2, 12))):
        for line in (*before["unit"][lines], *rows["unit"][lines]):
            line["unit_kind"] = kind
    for line in rows["person"]:
        line["end_on"] = None
    for entity in ("unit", "chair_term", "pairing"):
        rows[entity] = rows[entity][2:]
    for line in rows["activity"]:
        line["term_no"] = None
    codes = [issue.code for issue in _check_after(before, rows).issues]
    assert codes == ["rows_left_out"]
