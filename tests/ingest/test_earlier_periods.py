"""A report is held against the one that stands for an earlier period, however a night is cut into batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from ingest.batch import process_batch, senders_units
from ingest.forms import load_forms
from ingest.history import History
from ingest.home import Home
from ingest.ledger import Ledger, Receipt
from ingest.receive import receive
from ingest.report import Report
from ingest.template import write_workbook
from tests.support.workbooks import REGISTERS, typical_rows

STREET, OTHERS = "440103001", ("440103002", "440103003", "440103004")
NOW = datetime(2025, 7, 10)
EVENTS = ("activity", "meeting", "funding", "training", "award_opinion")


@cache
def report(period: str, prepared_on: date = date(2025, 7, 2), lines: int = 3) -> bytes:
    """Registers alone, no events: of two periods such reports are copies of one another."""
    form = load_forms()["street"]
    rows = typical_rows(form, lines)
    rows["profile"][0]["known_youth_org_count"] = lines
    rows["cover"] = [{"prepared_on": prepared_on}]
    for line in rows["person"]:
        line["end_on"] = None
    rows.update({entity: [] for entity in EVENTS})
    return write_workbook(form, unit_code=STREET, unit_name="沙面街道", period=period, rows=rows)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger(home.ledger_url)
    yield opened
    opened.close()


def send(home: Home, ledger: Ledger, data: bytes, at: datetime, unit: str | None = STREET) -> Receipt:
    receipt, _ = receive(
        home, ledger, data, channel="folder", channel_unit_code=unit, file_name="报表.xlsx", submitted_at=at,
        received_at=at,
    )  # fmt: skip
    return receipt


def fill(home: Home, ledger: Ledger) -> None:
    """What other units send, in front of the street and behind it."""
    for number, unit in enumerate(OTHERS):
        send(home, ledger, b"no workbook", NOW + timedelta(minutes=number), unit)


def process(
    home: Home, ledger: Ledger, size: int, order: Callable[[Sequence[str]], Sequence[str]], now: datetime
) -> None:
    units = senders_units(home, ledger, registers=REGISTERS)
    for batch_id in order(sorted(ledger.plan_batches(size, units))):
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=now)


def fates(ledger: Ledger) -> dict[str, tuple[str, str | None]]:
    """State and reason by period."""
    rows = ledger.submissions(datetime(2026, 1, 1))
    return {row["period"]: (row["state"], row["reason"]) for row in rows if row["unit_code"] == STREET}


COPY = {"2025-Q1": ("accepted", None), "2025-Q2": ("rejected", "stale_copy")}


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("order", [list, lambda ids: list(reversed(ids))], ids=["forwards", "backwards"])
@pytest.mark.parametrize("first", ["2025-Q1", "2025-Q2"])
def test_of_two_periods_in_one_night_the_later_one_is_held_against_the_earlier_one(
    home: Home, ledger: Ledger, size: int, order: Callable[[Sequence[str]], Sequence[str]], first: str
) -> None:
    fill(home, ledger)
    second = next(period for period in COPY if period != first)
    for minute, period in enumerate((first, second)):
        send(home, ledger, report(period), NOW + timedelta(minutes=minute))
    process(home, ledger, size, order, NOW + timedelta(hours=1))
    assert fates(ledger) == COPY


@pytest.mark.parametrize("order", [list, lambda ids: list(reversed(ids))], ids=["forwards", "backwards"])
def test_a_night_that_broke_off_after_its_plan_gives_the_same_answer_in_the_next_one(
    home: Home, ledger: Ledger, order: Callable[[Sequence[str]], Sequence[str]]
) -> None:
    fill(home, ledger)
    send(home, ledger, report("2025-Q1"), NOW)
    planned = ledger.plan_batches(2)
    send(home, ledger, report("2025-Q2"), NOW + timedelta(days=1))
    process(home, ledger, 2, order, NOW + timedelta(days=1, hours=1))
    assert fates(ledger) == COPY
    again = ledger.plan_batches(2)
    assert again == {} and set(planned) <= {row["batch_id"] for row in ledger.submissions(datetime(2026, 1, 1))}


@pytest.mark.parametrize("order", [list, lambda ids: list(reversed(ids))], ids=["forwards", "backwards"])
def test_what_an_office_hands_in_for_a_street_stands_beside_what_the_street_sends(
    home: Home, ledger: Ledger, order: Callable[[Sequence[str]], Sequence[str]]
) -> None:
    fill(home, ledger)
    by_office = send(home, ledger, report("2025-Q1"), NOW + timedelta(minutes=5), unit=None)
    origin = {
        "submission_id": by_office.submission_id, "source": "0" * 64, "channel_name": "inbox", "sender": "440103",
        "scope": "440103+", "place": "", "is_mail": False,
    }  # fmt: skip
    ledger.add_origins([origin])
    send(home, ledger, report("2025-Q2"), NOW)
    process(home, ledger, 1, order, NOW + timedelta(hours=1))
    assert fates(ledger) == COPY


def word(ledger: Ledger, submission_id: str, kind: str) -> None:
    ledger.add_review(
        {
            "review_id": kind[:16], "submission_id": submission_id, "unit_code": STREET, "form": "street",
            "period": "2025-Q1", "kind": kind, "reviewed_at": NOW + timedelta(hours=2), "reviewed_by": "440103",
            "reason": "查",
        }
    )  # fmt: skip


def lock(ledger: Ledger, at: datetime) -> None:
    ledger.add_lock(
        {
            "lock_id": "l1", "period": "2025-Q1", "scope_code": "440103", "kind": "closed", "effective_at": at,
            "recorded_at": at, "recorded_by": "440103", "reason": "",
        }
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["returned", "withdrawn", "approved"])
def test_a_report_that_was_sent_back_or_withdrawn_is_no_last_report(home: Home, ledger: Ledger, kind: str) -> None:
    first = send(home, ledger, report("2025-Q1"), NOW)
    process(home, ledger, 10, list, NOW + timedelta(hours=1))
    word(ledger, first.submission_id, kind)
    send(home, ledger, report("2025-Q2"), NOW + timedelta(days=1))
    process(home, ledger, 10, list, NOW + timedelta(days=2))
    assert fates(ledger)["2025-Q2"] == (COPY["2025-Q2"] if kind == "approved" else ("accepted", None))
    assert (ledger.last_accepted("street", STREET, "2025-Q2") is None) == (kind != "approved")
    assert ledger.is_superseded(first.submission_id) == (kind != "approved")


@pytest.mark.parametrize("is_one_night", [True, False])
def test_a_report_that_was_locked_out_is_no_last_report(home: Home, ledger: Ledger, is_one_night: bool) -> None:
    lock(ledger, NOW - timedelta(days=1))
    first = send(home, ledger, report("2025-Q1"), NOW)
    if not is_one_night:
        process(home, ledger, 10, list, NOW + timedelta(hours=1))
    send(home, ledger, report("2025-Q2"), NOW + timedelta(days=1))
    process(home, ledger, 10, list, NOW + timedelta(days=2))
    assert fates(ledger) == {"2025-Q1": ("accepted", None), "2025-Q2": ("accepted", None)}
    assert ledger.last_accepted("street", STREET, "2025-Q2") is None
    assert ledger.is_superseded(first.submission_id)


def test_what_was_accepted_before_a_report_that_was_sent_back_stands_again(home: Home, ledger: Ledger) -> None:
    first = send(home, ledger, report("2025-Q1"), NOW)
    second = send(home, ledger, report("2025-Q1", lines=4), NOW + timedelta(minutes=1))
    process(home, ledger, 10, list, NOW + timedelta(hours=1))
    asked = Report("accepted", None, "street", STREET, "2025-Q2")
    before = History(home.lake, ledger).before(asked)
    word(ledger, second.submission_id, "returned")
    after = History(home.lake, ledger).before(asked)
    assert before is not None and after is not None
    assert (before.submission_id, after.submission_id) == (second.submission_id, first.submission_id)
    assert not ledger.is_superseded(first.submission_id)
