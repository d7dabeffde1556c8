"""What a build depends on is frozen, and only what the news touches is made again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.home import Home
from ingest.ledger import Decision, Ledger, Receipt
from ingest.reviews import CLOSED, RETURNED
from warehouse.enrolment import UNENROLLED_BATCH, EnrolmentError, note_enrolment
from warehouse.freeze import Base, FrozenBuild, changed_periods, freeze, read_base
from warehouse.inputs import SCHEMAS

T_EARLY = datetime(2026, 1, 4)
T0 = datetime(2026, 1, 5)
T1 = datetime(2026, 2, 5)
T2 = datetime(2026, 3, 5)


def submission(submission_id: str, period: str) -> dict[str, Any]:
    return {"submission_id": submission_id, "period": period}


def base(known_at: datetime, submissions: dict[str, str], instants: tuple[tuple[str, datetime], ...] = ()) -> Base:
    return Base({"build_id": "b0", "known_at": known_at}, submissions, instants)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger(home.ledger_url)
    yield opened
    opened.close()


def decide(
    ledger: Ledger, submission_id: str, *, unit: str, period: str, at: datetime, state: str = "accepted"
) -> None:
    ledger.add_receipt(Receipt(submission_id, "folder", unit, "name of a file.xlsx", submission_id, 1, at, at))
    ledger.add_decisions([Decision(submission_id, "b", at, state, None, "street", unit, period, 0, 0, 0, 1)])


def rows_of(build: FrozenBuild, name: str) -> list[dict[str, Any]]:
    return duckdb.sql(f"select * from '{build.inputs / name}.parquet'").df().to_dict("records")


def test_without_news_nothing_is_made_again() -> None:
    known = base(T0, {"s1": "2025-Q4"})
    assert changed_periods(known, [submission("s1", "2025-Q4")], T1) == ()


def test_news_of_a_quarter_makes_it_and_the_quarters_that_look_back_on_it_due() -> None:
    known = base(T0, {"s1": "2025-Q1"})
    news = [submission("s1", "2025-Q1"), submission("s2", "2025-Q4")]
    assert changed_periods(known, news, T1) == ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4")


def test_a_deadline_that_has_passed_since_makes_its_period_due() -> None:
    known = base(T0, {}, (("2025-Q4", datetime(2026, 1, 20)), ("2026-Q1", datetime(2026, 4, 20))))
    assert changed_periods(known, [], T1)[0] == "2025-Q4"
    assert "2026-Q1" in changed_periods(known, [], T1)  # it looks back on 2025-Q4
    assert changed_periods(known, [], datetime(2026, 1, 19)) == ()


def test_going_back_in_time_makes_due_what_is_no_longer_known() -> None:
    known = base(T1, {"s1": "2025-Q4"})
    assert changed_periods(known, [], T0)[0] == "2025-Q4"


def test_a_feedback_makes_its_notice_and_the_notices_quarter_due() -> None:
    found = changed_periods(base(T0, {}), [submission("s1", "GD-2025-01")], T1)
    assert "GD-2025-01" in found
    assert "2025-Q4" in found


def test_frozen_inputs_hold_what_was_known_then_and_no_file_name(home: Home, ledger: Ledger) -> None:
    decide(ledger, "early", unit="440103001", period="2025-Q4", at=T0)
    decide(ledger, "late", unit="440103002", period="2025-Q4", at=T1)
    build = freeze(home, ledger, build_id="b1", started_at=T1, known_at=T0)
    [row] = rows_of(build, "submission")
    assert row["submission_id"] == "early"
    assert "file_name" not in row
    assert FrozenBuild.load(build.folder) == build


def test_a_unit_that_reports_without_being_enrolled_takes_part_from_its_first_accepted_period_on(
    home: Home, ledger: Ledger
) -> None:
    (home.programme / "enrolment.csv").write_text(
        "scope_code,has_subtree,batch_code,from_period,to_period\n440103,true,B1,2025-Q1,2025-Q4\n", encoding="utf-8"
    )
    decide(ledger, "inside", unit="440103001", period="2025-Q4", at=T0)
    decide(ledger, "outside", unit="440104001", period="2025-Q3", at=T0)
    decide(ledger, "refused", unit="440105001", period="2025-Q3", at=T0, state="rejected")
    build = freeze(home, ledger, build_id="b1", started_at=T1, known_at=T1)
    lines = {(row["scope_code"], row["batch_code"], row["from_period"]) for row in rows_of(build, "enrolment")}
    assert lines == {("440103", "B1", "2025-Q1"), ("440104001", UNENROLLED_BATCH, "2025-Q3")}


def test_the_first_build_makes_everything(home: Home, ledger: Ledger) -> None:
    build = freeze(home, ledger, build_id="b1", started_at=T1, known_at=T1)
    assert build.is_full_refresh
    assert build.base_build_id is None


def test_a_quarter_that_ended_since_is_made_due_at_shanghais_midnight(home: Home) -> None:
    with duckdb.connect(str(home.published)) as connection:
        connection.execute(
            "create schema meta; create schema core; create schema rulebook;"
            "create table meta.build as select 'b0' as build_id, timestamp '2025-12-31 12:00' as known_at;"
            "create table core.fct_submission (submission_id varchar, period varchar);"
            "create table core.dim_period as select '2025-Q4' as period, date '2025-12-31' as ends_on,"
            " timestamp '2026-01-20 16:00' as deadline_at;"
            "create table rulebook.notices (period varchar, deadline_at timestamp);"
            "create table rulebook.stages (last_period varchar, closes_on date);"
        )
    known = read_base(home.published)
    assert known is not None
    assert changed_periods(known, [], datetime(2025, 12, 31, 15, 59)) == ()
    assert changed_periods(known, [], datetime(2025, 12, 31, 16))[0] == "2025-Q4"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("440103,是,B1,2025-Q1,", "has_subtree is '是'"),
        ("440103,true,,2025-Q1,", "batch_code is missing"),
        ("440103,true,B1,2025年1季度,", "no quarter"),
    ],
)
def test_an_enrolment_that_cannot_be_understood_names_its_line(
    home: Home, ledger: Ledger, line: str, complaint: str
) -> None:
    text = f"scope_code,has_subtree,batch_code,from_period,to_period\n{line}\n"
    (home.programme / "enrolment.csv").write_text(text, encoding="utf-8")
    with pytest.raises(EnrolmentError, match=f"line 2: .*{complaint}"):
        freeze(home, ledger, build_id="b1", started_at=T1, known_at=T1)


def test_an_office_decision_since_the_published_build_makes_its_whole_stage_due() -> None:
    record = {"stage_code": "S1", "decided_at": datetime(2026, 1, 20)}
    found = changed_periods(base(T0, {}), [], T1, [record])
    assert set(found) >= {"2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"}
    assert changed_periods(base(T1, {}), [], datetime(2026, 3, 1), [record]) == ()


def test_frozen_inputs_hold_the_office_decisions_known_then(home: Home, ledger: Ledger) -> None:
    for record_id, at in (("r1", T0), ("r2", T1)):
        ledger.add_decision_record(
            {
                "record_id": record_id,
                "stage_code": "S1",
                "unit_code": "440103001",
                "rule_id": "3d",
                "subject_key": "440103001",
                "kind": "override",
                "outcome": "pass",
                "decided_at": at,
                "decided_by": "440103",
                "reason": "查实",
            }
        )
    build = freeze(home, ledger, build_id="b1", started_at=T1, known_at=T0)
    assert [row["record_id"] for row in rows_of(build, "decision_record")] == ["r1"]


HEADER = "scope_code,has_subtree,batch_code,from_period,to_period\n"


def enrol(home: Home, *unit_codes: str) -> None:
    lines = "".join(f"{unit_code},false,B1,2025-Q1,\n" for unit_code in unit_codes)
    (home.programme / "enrolment.csv").write_text(HEADER + lines, encoding="utf-8")


def test_a_list_of_who_takes_part_counts_from_the_night_that_reads_it_on(home: Home, ledger: Ledger) -> None:
    """Changed and changed back; what was known before the first night is what that night read."""
    for unit_codes, at in ((["440103001"], T0), (["440103001", "440103002"], T1), (["440103001"], T2)):
        enrol(home, *unit_codes)
        note_enrolment(home, ledger, at)
        note_enrolment(home, ledger, at + timedelta(hours=1))

    def enrolled(known_at: datetime) -> list[str]:
        build = freeze(home, ledger, build_id=f"b{known_at:%y%m%d}", started_at=T2, known_at=known_at)
        return [row["scope_code"] for row in rows_of(build, "enrolment")]

    both = ["440103001", "440103002"]
    assert [enrolled(at) for at in (datetime(2025, 1, 1), T0)] == [both[:1], both[:1]]
    assert [enrolled(at) for at in (T1, T2 - timedelta(seconds=1))] == [both, both]
    assert enrolled(T2) == both[:1]


def test_before_any_night_the_list_is_the_file_as_it_is(home: Home, ledger: Ledger) -> None:
    enrol(home, "440103001")
    build = freeze(home, ledger, build_id="b1", started_at=T1, known_at=T0)
    assert [row["scope_code"] for row in rows_of(build, "enrolment")] == ["440103001"]


def say(ledger: Ledger, at: datetime) -> None:
    """Everything that can be said about a report once it is accepted, at one instant."""
    who = {"unit_code": "440103001", "period": "2025-Q4", "form": "street"}
    explanation = {"explanation_id": f"e{at:%m}", "finding_key": "k", "submission_id": "s1", "issue_code": "drop"}
    ledger.add_explanations(
        [{**who, **explanation, "explained_at": at, "explained_by": "clerk", "way": "command", "text": "属实"}]
    )
    waiver = {"waiver_id": f"w{at:%m}", "scope_code": "440103", "issue_code": "drop", "from_period": "2025-Q1"}
    office = {"to_period": None, "office_code": "4401", "office_name": "市", "reason": "系统切换", "recorded_at": at}
    ledger.add_waiver({**waiver, **office})
    review = {"review_id": f"v{at:%m}", "submission_id": "s1", "kind": RETURNED, "reviewed_at": at}
    ledger.add_review({**who, **review, "reviewed_by": "440103", "reason": "请补"})
    lock = {"lock_id": f"l{at:%m}", "period": "2025-Q4", "scope_code": "", "kind": CLOSED, "recorded_at": at}
    ledger.add_lock({**lock, "effective_at": datetime(2026, 1, 3), "recorded_by": "4401", "reason": "封存"})
    claim = {"record_id": f"c{at:%m}", "stage_code": "S1", "unit_code": "440103001", "rule_id": None}
    decided = {"subject_key": "claim", "kind": "claim", "outcome": "shared", "decided_at": at}
    ledger.add_decision_record({**claim, **decided, "decided_by": "440103", "reason": "查实"})


def test_what_is_said_about_a_report_afterwards_is_not_known_before(home: Home, ledger: Ledger) -> None:
    decide(ledger, "s1", unit="440103001", period="2025-Q4", at=T_EARLY)
    untouched = freeze(home, ledger, build_id="b0", started_at=T1, known_at=T0 - timedelta(seconds=1))
    say(ledger, T0)
    before = freeze(home, ledger, build_id="b1", started_at=T1, known_at=T0 - timedelta(seconds=1))
    for name in set(SCHEMAS) - {"build"}:
        assert rows_of(before, name) == rows_of(untouched, name), name
    after = freeze(home, ledger, build_id="b2", started_at=T1, known_at=T0)
    assert [len(rows_of(after, name)) for name in ("explanation", "waiver", "decision_record")] == [1, 1, 1]
    [row] = rows_of(after, "submission")
    assert (row["review_kind"], row["is_locked"]) == (RETURNED, True)
    assert [row[name] for row in rows_of(before, "submission") for name in ("review_kind", "is_locked")] == [
        None,
        False,
    ]
