"""What is said about findings: explanations hold while the value stays, waivers are public, new checks only watch."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from ingest import issues as catalogue_of
from ingest.answers import findings_of
from ingest.batch import process_batch
from ingest.forms import load_forms
from ingest.home import Home
from ingest.issues import Issue, catalogue
from ingest.ledger import Ledger
from ingest.marking import mark_workbook
from ingest.receive import receive
from tests.support.workbooks import (
    DISTRICT,
    OTHER_STREET,
    PERIOD,
    REGISTERS,
    STREET,
    check,
    edited,
    report_workbook,
    typical_rows,
    with_cell,
)
from warehouse.freeze import freeze
from warehouse.remarks import RemarkError, explain_finding, grant_waiver, list_queries, list_waivers, revoke_waiver

NOON = datetime(2026, 1, 10, 4)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHEET, EXPLANATION_CELL = "填报问题", "I4"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger(home.ledger_url)
    yield opened
    opened.close()


def send(home: Home, ledger: Ledger, data: bytes, at: datetime = NOON, name: str = "a.xlsx") -> str:
    receipt, _ = receive(
        home, ledger, data, channel="cli", channel_unit_code=STREET, file_name=name, submitted_at=at, received_at=at
    )
    for batch_id in ledger.plan_batches(10):
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=at)
    return receipt.submission_id


def state_of(ledger: Ledger, submission_id: str) -> str:
    return ledger.decisions([submission_id])[0].state


def meetings(present: int, *, more_lines_first: int = 0) -> bytes:
    """A report in which more units came to the first meeting than were due."""
    rows = typical_rows(load_forms()["street"])
    first, second = rows["meeting"]
    first.update(unit_due_count=4, unit_present_count=present, leader_present_count=first["leader_due_count"])
    others = [{**second, "held_on": second["held_on"].replace(day=20 + n)} for n in range(more_lines_first)]  # type: ignore[attr-defined]
    rows["meeting"] = [*others, first, second]
    return report_workbook(rows=rows)


def asked(issues: list[Issue]) -> Issue:
    [issue] = [issue for issue in issues if issue.code == "part_exceeds_whole"]
    return issue


def explained(marked: bytes, text: str) -> bytes:
    return edited(marked, lambda book: book[SHEET].__setitem__(EXPLANATION_CELL, text))


def words_in(data: bytes) -> object:
    return openpyxl.load_workbook(BytesIO(data))[SHEET][EXPLANATION_CELL].value


def test_a_finding_keeps_its_key_when_its_line_moves_and_loses_it_with_the_value() -> None:
    first, moved = asked(check(meetings(9)).issues), asked(check(meetings(9, more_lines_first=1)).issues)
    assert first.cell != moved.cell
    assert first.finding_key == moved.finding_key
    assert asked(check(meetings(10)).issues).finding_key != first.finding_key


def test_a_person_cannot_be_guessed_from_a_key() -> None:
    rows = typical_rows(load_forms()["street"])
    rows["person"] = [rows["person"][0]] * 2
    data = report_workbook(rows=rows)
    one, other = (check(data, pseudonym_key=key) for key in (b"one", b"other"))
    keys = [[issue.finding_key for issue in found.issues if issue.code == "row_duplicate"] for found in (one, other)]
    assert len(keys[0]) == len(keys[1]) == 1
    assert keys[0] != keys[1]


def test_words_on_a_marked_workbook_that_comes_back_explain_its_findings_until_the_value_changes(
    home: Home, ledger: Ledger
) -> None:
    data = meetings(9)
    marked = mark_workbook(data, check(data).issues).data
    sent = send(home, ledger, explained(marked, "邀请了兄弟街道的单位"))
    [event] = ledger.explanations(NOON)
    issue = asked(findings_of(home, ledger.decisions([sent])[0]))
    assert (event["finding_key"], event["text"]) == (issue.finding_key, "邀请了兄弟街道的单位")
    assert (event["submission_id"], event["unit_code"], event["way"]) == (sent, STREET, "workbook")
    [query] = list_queries(home, sent, NOON)
    assert (query["state"], query["text"]) == ("explained", "邀请了兄弟街道的单位")
    later = send(home, ledger, meetings(9, more_lines_first=1), NOON + HOUR)
    assert [row["state"] for row in list_queries(home, later, NOON + HOUR)] == ["explained"]
    changed = send(home, ledger, meetings(10), NOON + 2 * HOUR)
    assert [row["state"] for row in list_queries(home, changed, NOON + 2 * HOUR)] == ["open"]


def test_words_about_a_value_that_was_changed_do_not_stay_on_the_marked_workbook() -> None:
    data = meetings(9)
    back = explained(mark_workbook(data, check(data).issues).data, "邀请了兄弟街道的单位")
    assert words_in(mark_workbook(back, check(back).issues).data) == "邀请了兄弟街道的单位"
    letters = [
        cell.coordinate for row in openpyxl.load_workbook(BytesIO(back))["会议"] for cell in row if cell.value == 9
    ]
    changed = edited(back, lambda book: [book["会议"].__setitem__(place, 8) for place in letters])
    assert len(letters) == 1
    assert words_in(mark_workbook(changed, check(changed).issues).data) is None


def test_an_explanation_of_another_unit_is_not_its_own(home: Home, ledger: Ledger) -> None:
    sent = send(home, ledger, meetings(9))
    for by in (OTHER_STREET, "440104", ""):
        with pytest.raises(RemarkError, match="cannot explain its report"):
            explain_finding(home, sent, "part_exceeds_whole", by=by, text="确认无误", now=NOON)
    assert ledger.explanations(NOON) == []


def test_a_query_is_named_by_key_check_or_cell_and_nothing_else_can_be_explained(home: Home, ledger: Ledger) -> None:
    sent = send(home, ledger, meetings(9))
    issue = asked(findings_of(home, ledger.decisions([sent])[0]))
    for finding in (issue.finding_key or "", issue.code, f"{issue.sheet}!{issue.cell}"):
        [event] = explain_finding(home, sent, finding, by=STREET, text="确认无误", now=NOON)
        assert event["finding_key"] == issue.finding_key
    assert len(ledger.explanations(NOON)) == 1
    with pytest.raises(RemarkError, match="no finding date_invalid"):
        explain_finding(home, sent, "date_invalid", by=STREET, text="确认无误", now=NOON)
    with pytest.raises(RemarkError, match="1 to 1000 characters"):
        explain_finding(home, sent, issue.code, by=STREET, text="  ", now=NOON)
    with pytest.raises(RemarkError, match="no decided submission"):
        explain_finding(home, "0", issue.code, by=STREET, text="确认无误", now=NOON)
    wrong = send(home, ledger, with_cell("青年阵地", "启用日期", "2023-02-30")[0], NOON + HOUR)
    with pytest.raises(RemarkError, match="an error is mended or waived"):
        explain_finding(home, wrong, "date_impossible", by=STREET, text="确认无误", now=NOON)


def test_the_findings_of_a_report_that_was_checked_before_there_were_keys_are_read(home: Home, ledger: Ledger) -> None:
    decision = ledger.decisions([send(home, ledger, meetings(9))])[0]
    path = home.lake / "issue" / f"period={PERIOD}" / f"batch-{decision.batch_id}.parquet"
    pq.write_table(pq.ParquetFile(path).read().drop_columns("finding_key"), path)
    issue = asked(findings_of(home, decision))
    assert (issue.severity, issue.finding_key) == ("query", None)
    assert [row["state"] for row in list_queries(home, decision.submission_id, NOON)] == ["open"]


def test_an_explanation_is_frozen_from_its_instant_on_without_the_words(home: Home, ledger: Ledger) -> None:
    sent = send(home, ledger, meetings(9))
    explain_finding(home, sent, "part_exceeds_whole", by=STREET, text="张三说的", now=NOON + DAY)
    tables = {}
    for known_at in (NOON, NOON + DAY):
        build = freeze(home, ledger, build_id=f"{known_at:%d}", started_at=known_at, known_at=known_at)
        tables[known_at] = pq.read_table(build.inputs / "explanation.parquet").to_pylist()
    assert tables[NOON] == []
    [row] = tables[NOON + DAY]
    assert row["submission_id"] == sent
    assert {"text", "explained_by"} & set(row) == set()


def wrong_code() -> bytes:
    return with_cell("辖区单位", "统一社会信用代码", "91440101MA0000000Z")[0]


def waive(
    home: Home, check_code: str = "uscc_invalid", scope: str = DISTRICT, first: str = PERIOD, **more: str
) -> None:
    options = {"by": "4401", "reason": "登记机关换证", "to_period": None, **more}
    grant_waiver(home, scope, check_code, from_period=first, now=NOON + HOUR, **options)  # type: ignore[arg-type]


def test_a_file_that_was_rejected_is_accepted_when_it_is_sent_again_after_a_waiver(home: Home, ledger: Ledger) -> None:
    data = wrong_code()
    rejected = send(home, ledger, data)
    assert state_of(ledger, rejected) == "rejected"
    assert send(home, ledger, data, NOON + timedelta(minutes=1)) == rejected
    waive(home)
    again = send(home, ledger, data, NOON + DAY)
    assert again != rejected
    assert state_of(ledger, again) == "accepted"
    [issue] = findings_of(home, ledger.decisions([again])[0])
    assert (issue.code, issue.severity) == ("uscc_invalid", "note")
    assert "广州市" in issue.remedy
    assert "登记机关换证" in issue.remedy
    assert send(home, ledger, data, NOON + 2 * DAY) == again


@pytest.mark.parametrize("terms", [{"scope": "440104"}, {"scope": OTHER_STREET}, {"first": "2025-Q2"}])
def test_a_waiver_for_others_or_for_later_lets_nothing_pass(home: Home, ledger: Ledger, terms: dict[str, str]) -> None:
    waive(home, **terms)
    assert state_of(ledger, send(home, ledger, wrong_code(), NOON + DAY)) == "rejected"


def test_a_waiver_leaves_other_errors_as_they_are(home: Home, ledger: Ledger) -> None:
    waive(home)
    data = edited(wrong_code(), lambda book: book["会议"].__setitem__("B3", "上旬"))
    assert state_of(ledger, send(home, ledger, data, NOON + DAY)) == "rejected"


def test_a_file_that_would_not_be_taken_is_taken_when_that_is_waived(home: Home, ledger: Ledger) -> None:
    name = f"{REGISTERS.unit_names[OTHER_STREET]}2025年第1季度报表.xlsx"
    assert state_of(ledger, send(home, ledger, report_workbook(), name=name)) == "rejected"
    waive(home, "file_name_contradicts")
    assert state_of(ledger, send(home, ledger, report_workbook(), NOON + DAY, name)) == "accepted"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"check_code": "value_missing"}, "nobody can waive value_missing"),
        ({"check_code": "no_such"}, "there is no check no_such"),
        ({"scope": "999999"}, "there is no unit 999999"),
        ({"by": "440104"}, "does not stand above"),
        ({"by": STREET, "scope": STREET}, "does not stand above"),
        ({"first": "2025"}, "is not a period"),
        ({"to_period": "2024-Q1"}, "would end with 2024-Q1"),
        ({"reason": " "}, "with a reason"),
    ],
)
def test_what_cannot_be_waived_is_refused_with_the_reason(home: Home, change: dict[str, str], message: str) -> None:
    with pytest.raises(RemarkError, match=message):
        waive(home, **change)
    assert list_waivers(home, NOON + DAY) == []


def test_a_revoked_waiver_lets_nothing_pass_any_more_and_what_was_accepted_under_it_stays(
    home: Home, ledger: Ledger
) -> None:
    waive(home)
    [waiver] = list_waivers(home, NOON + HOUR)
    under = send(home, ledger, wrong_code(), NOON + 2 * HOUR)
    revoke_waiver(home, waiver["waiver_id"], by="4401", reason="已换证", now=NOON + DAY)
    [listed] = list_waivers(home, NOON + DAY)
    assert [listed[name] for name in ("revoked_at", "revoked_by", "revocation_reason")] == [
        NOON + DAY,
        "广州市",
        "已换证",
    ]
    assert [row["revoked_at"] for row in list_waivers(home, NOON + 2 * HOUR)] == [None]
    other = edited(wrong_code(), lambda book: book["封面"].__setitem__("A40", "再报"))
    assert [state_of(ledger, one) for one in (under, send(home, ledger, other, NOON + 2 * DAY))] == [
        "accepted",
        "rejected",
    ]


def test_a_file_that_was_rejected_is_no_new_one_once_the_waiver_is_revoked(home: Home, ledger: Ledger) -> None:
    data = wrong_code()
    rejected = send(home, ledger, data)
    waive(home)
    [waiver] = list_waivers(home, NOON + HOUR)
    revoke_waiver(home, waiver["waiver_id"], by=DISTRICT[:4], reason="误批", now=NOON + 2 * HOUR)
    assert send(home, ledger, data, NOON + DAY) == rejected


def test_a_waiver_is_revoked_once_by_its_office_or_above_with_a_reason(home: Home) -> None:
    waive(home)
    [waiver] = list_waivers(home, NOON + HOUR)
    number = waiver["waiver_id"]
    for options, message in (
        ({"by": DISTRICT}, "has not granted"),
        ({"by": "4402"}, "has not granted"),
        ({"by": "999999"}, "there is no unit 999999"),
        ({"reason": " "}, "with a reason"),
    ):
        with pytest.raises(RemarkError, match=message):
            revoke_waiver(home, number, **{"by": "44", "reason": "已换证", **options}, now=NOON + DAY)
    with pytest.raises(RemarkError, match="there is no waiver 0"):
        revoke_waiver(home, "0", by="44", reason="已换证", now=NOON + DAY)
    revoke_waiver(home, number, by="44", reason="已换证", now=NOON + DAY)
    with pytest.raises(RemarkError, match="revoked already"):
        revoke_waiver(home, number, by="44", reason="已换证", now=NOON + DAY)


def test_a_build_knows_of_a_revocation_from_its_instant_on_and_makes_the_period_again(
    home: Home, ledger: Ledger
) -> None:
    send(home, ledger, wrong_code())
    waive(home)
    [waiver] = list_waivers(home, NOON + HOUR)
    revoke_waiver(home, waiver["waiver_id"], by="4401", reason="已换证", now=NOON + DAY)
    found = {}
    for known_at in (NOON + HOUR, NOON + DAY):
        build = freeze(home, ledger, build_id=f"{known_at:%d%H}", started_at=known_at, known_at=known_at)
        [row] = pq.read_table(build.inputs / "waiver.parquet").to_pylist()
        found[known_at] = row["revoked_at"]
    assert found == {NOON + HOUR: None, NOON + DAY: NOON + DAY}


@pytest.fixture
def active_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Sets the period from which a check counts, in the data."""

    def put(code: str, period: str) -> None:
        with catalogue_of.HANDLING_FILE.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        path = tmp_path / "handling.csv"
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, rows[0])
            writer.writeheader()
            writer.writerows([{**row, "active_from": period} if row["code"] == code else row for row in rows])
        monkeypatch.setattr(catalogue_of, "HANDLING_FILE", path)
        catalogue.cache_clear()

    yield put
    monkeypatch.undo()
    catalogue.cache_clear()


@pytest.mark.parametrize(("period", "counts"), [("2025-Q2", False), (PERIOD, True), ("2024-Q4", True)])
def test_a_check_in_shadow_is_recorded_apart_and_blocks_nothing(
    active_from: Callable[[str, str], None], period: str, counts: bool
) -> None:
    active_from("date_impossible", period)
    data, place = with_cell("青年阵地", "启用日期", "2023-02-30")
    report = check(data)
    assert report.state == ("rejected" if counts else "accepted")
    shown, apart = [[issue.cell for issue in found] for found in (report.issues, report.shadow)]
    assert (shown, apart) == (([place], []) if counts else ([], [place]))
    marked = openpyxl.load_workbook(BytesIO(mark_workbook(data, report.issues).data))["青年阵地"][place]
    assert (marked.comment is not None) == counts


def test_a_check_of_the_whole_file_can_be_in_shadow_too(active_from: Callable[[str, str], None]) -> None:
    name = f"{REGISTERS.unit_names[OTHER_STREET]}2025年第1季度报表.xlsx"
    assert check(report_workbook(), file_name=name).reason == "file_name_contradicts"
    active_from("file_name_contradicts", "2025-Q2")
    report = check(report_workbook(), file_name=name)
    assert (report.state, [issue.code for issue in report.shadow]) == ("accepted", ["file_name_contradicts"])


def later(value: object) -> object:
    """A day of the next quarter for a day."""
    return value.replace(month=value.month + 3) if isinstance(value, date) else value


def test_what_was_found_in_shadow_lands_in_a_table_of_its_own(
    home: Home, ledger: Ledger, active_from: Callable[[str, str], None]
) -> None:
    rows = typical_rows(load_forms()["street"], lines=8)
    send(home, ledger, report_workbook(rows=rows))
    rows = {name: [{key: later(value) for key, value in row.items()} for row in lines] for name, lines in rows.items()}
    rows["cover"][0]["period"] = "2025-Q2"
    rows["unit"] = rows["unit"][:1]
    for sheet in ("chair_term", "pairing"):
        rows[sheet] = [{**line, "unit_name": "单位名称1"} for line in rows[sheet]]
    active_from("rows_left_out", "2025-Q3")
    sent = send(home, ledger, report_workbook(rows=rows), NOON + DAY)
    decision = ledger.decisions([sent])[0]
    where = f"period=2025-Q2/batch-{decision.batch_id}.parquet"
    apart = pq.read_table(home.lake / "shadow_issue" / where).to_pylist()
    assert [row["issue_code"] for row in apart] == ["rows_left_out"]
    assert "rows_left_out" not in [issue.code for issue in findings_of(home, decision)]
