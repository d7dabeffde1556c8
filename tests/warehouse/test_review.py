"""The level above reviews, a unit withdraws, an office locks: who may, what it does, and from when it is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest.batch import process_batch
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.receipts import receipt_of
from ingest.receive import receive
from tests.support.warehouse import SmallWarehouse
from tests.support.workbooks import DISTRICT, PERIOD, REGISTERS, STREET, report_workbook, with_cell
from warehouse.freeze import Base, changed_periods, freeze
from warehouse.review import ReviewError, close, deadline_of, except_unit, list_reviews, review, withdraw

NOON = datetime(2026, 1, 10, 4)
DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger(home.ledger_url)
    yield opened
    opened.close()


def send(home: Home, ledger: Ledger, data: bytes, at: datetime = NOON) -> str:
    receipt, _ = receive(
        home, ledger, data, channel="cli", channel_unit_code=STREET, file_name="a.xlsx", submitted_at=at,
        received_at=at,
    )  # fmt: skip
    for batch_id in ledger.plan_batches(10):
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=at)
    return receipt.submission_id


def frozen(home: Home, ledger: Ledger, known_at: datetime) -> dict[str, dict[str, object]]:
    build = freeze(home, ledger, build_id=f"{known_at:%d%H}", started_at=known_at, known_at=known_at)
    rows = pq.read_table(build.inputs / "submission.parquet").to_pylist()
    return {row["submission_id"]: row for row in rows}


def test_a_review_is_known_from_its_instant_on_and_the_last_one_counts(home: Home, ledger: Ledger) -> None:
    sent = send(home, ledger, report_workbook())
    review(home, sent, "returned", by=DISTRICT, reason="缺经费表", now=NOON + DAY)
    review(home, sent, "approved", by=DISTRICT, reason="已核实", now=NOON + 2 * DAY)
    assert frozen(home, ledger, NOON)[sent]["review_kind"] is None
    known = frozen(home, ledger, NOON + DAY)[sent]
    assert (known["review_kind"], known["review_reason"], known["reviewed_by"]) == ("returned", "缺经费表", DISTRICT)
    known = frozen(home, ledger, NOON + 2 * DAY)[sent]
    assert (known["review_kind"], known["reviewed_at"]) == ("approved", NOON + DAY)


@pytest.mark.parametrize("by", [STREET, "440104", "440103002", "44010", "nobody"])
def test_only_a_unit_above_may_review(home: Home, ledger: Ledger, by: str) -> None:
    sent = send(home, ledger, report_workbook())
    with pytest.raises(ReviewError, match="does not stand above"):
        review(home, sent, "approved", by=by, reason="", now=NOON)
    assert ledger.reviews(NOON) == []


def test_what_was_rejected_withdrawn_or_never_sent_is_not_reviewed(home: Home, ledger: Ledger) -> None:
    rejected = send(home, ledger, with_cell("青年阵地", "启用日期", "2023-02-30")[0])
    with pytest.raises(ReviewError, match="rejected by the checks"):
        review(home, rejected, "approved", by=DISTRICT, reason="", now=NOON)
    with pytest.raises(ReviewError, match="no decided submission"):
        review(home, "0", "approved", by=DISTRICT, reason="", now=NOON)
    sent = send(home, ledger, report_workbook())
    with pytest.raises(ReviewError, match="with a reason"):
        review(home, sent, "returned", by=DISTRICT, reason=" ", now=NOON)
    with pytest.raises(ReviewError, match="which alone can withdraw"):
        withdraw(home, sent, by=DISTRICT, reason="x", now=NOON)
    withdraw(home, sent, by=STREET, reason="报错了", now=NOON)
    with pytest.raises(ReviewError, match="has been withdrawn"):
        review(home, sent, "approved", by=DISTRICT, reason="", now=NOON + DAY)


def test_a_report_that_was_sent_back_or_withdrawn_may_be_sent_again_as_it_was(home: Home, ledger: Ledger) -> None:
    data = report_workbook()
    sent = send(home, ledger, data)
    assert send(home, ledger, data, NOON + DAY) == sent
    withdraw(home, sent, by=STREET, reason="报错了", now=NOON + DAY)
    again = send(home, ledger, data, NOON + 2 * DAY)
    assert again != sent
    kinds = [(row["submission_id"], row["review_kind"]) for row in list_reviews(home, NOON + 3 * DAY, DISTRICT)]
    assert kinds == [(sent, "withdrawn"), (again, None)]


def test_what_comes_after_the_lock_is_kept_and_told_so_and_counts_once_an_exception_is_recorded(
    home: Home, ledger: Ledger
) -> None:
    before = send(home, ledger, report_workbook())
    close(home, PERIOD, by="4401", reason="本期汇总", now=NOON + DAY)
    late = send(home, ledger, report_workbook(lines=3), NOON + 2 * DAY)
    receipt = receipt_of(home, ledger, late)
    assert receipt is not None
    assert receipt["receipt"]["state"] == "accepted"
    assert receipt["receipt"]["findings"][0]["code"] == "period_locked"
    with pytest.raises(ReviewError, match="is locked for"):
        withdraw(home, before, by=STREET, reason="x", now=NOON + 2 * DAY)
    known = frozen(home, ledger, NOON + 2 * DAY)
    assert (known[before]["is_locked"], known[late]["is_locked"]) == (False, True)
    except_unit(home, PERIOD, STREET, until=NOON + 5 * DAY, by="4401", reason="台风", now=NOON + 3 * DAY)
    assert frozen(home, ledger, NOON + 3 * DAY)[late]["is_locked"] is False
    assert frozen(home, ledger, NOON + 2 * DAY)[late]["is_locked"] is True


def test_a_period_is_not_locked_before_its_deadline(home: Home) -> None:
    assert deadline_of("2025-Q1") == datetime(2025, 4, 20, 16)
    assert deadline_of("GD-2025-01") == datetime(2025, 10, 12, 4)
    with pytest.raises(ReviewError, match="can be locked once its deadline is over"):
        close(home, "2025-Q1", by="4401", reason="x", now=datetime(2025, 4, 20, 16))
    with pytest.raises(ReviewError, match="no period of the reporting calendar"):
        close(home, "2025", by="4401", reason="x", now=NOON)
    with pytest.raises(ReviewError, match="there is no unit"):
        except_unit(home, "2025-Q1", "9", until=NOON, by="4401", reason="x", now=NOON)
    for by in ("440104", STREET):
        with pytest.raises(ReviewError, match="does not stand above"):
            except_unit(home, PERIOD, STREET, until=NOON, by=by, reason="x", now=NOON)
    with pytest.raises(ReviewError, match="does not stand above"):
        close(home, PERIOD, by="440104", reason="x", now=NOON, scope=DISTRICT)
    with pytest.raises(ReviewError, match="there is no unit 市里"):
        close(home, PERIOD, by="市里", reason="x", now=NOON)


def test_a_word_between_two_builds_makes_its_period_and_those_that_look_back_on_it_again() -> None:
    q2_due = datetime(2025, 7, 20, 16)
    base = Base({"known_at": NOON}, {}, (("2025-Q2", q2_due), ("2025-Q1", datetime(2025, 4, 20, 16))))
    assert changed_periods(base, [], NOON + DAY) == ()
    assert changed_periods(base, [], NOON + DAY, (), [("2025-Q1", NOON - DAY)]) == ()
    assert changed_periods(base, [], NOON + DAY, (), [("2025-Q1", NOON + DAY)])[0] == "2025-Q1"
    # A report that still waits for its review waits a day longer each day, until the next quarter is due.
    waiting = Base({"known_at": q2_due - DAY}, {}, base.instants)
    assert "2025-Q1" in changed_periods(waiting, [], q2_due - DAY, (), [("2025-Q1", datetime(2025, 5, 1))])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    """A district with a street for each fate."""
    warehouse = SmallWarehouse(tmp_path_factory.mktemp("reviews"))
    warehouse.enrol(DISTRICT, has_subtree=True)
    first, second = datetime(2025, 4, 1), datetime(2025, 4, 10)
    spoken = second + DAY
    warehouse.submit("approved", "440103001", PERIOD, submitted_at=first, review_kind="approved", reviewed_at=spoken)
    warehouse.submit("older", "440103002", PERIOD, submitted_at=first)
    warehouse.submit("returned", "440103002", PERIOD, submitted_at=second, review_kind="returned", reviewed_at=spoken)
    warehouse.submit("sent-back", "440103003", PERIOD, submitted_at=second, review_kind="returned", reviewed_at=spoken)
    warehouse.submit("withdrawn", "440103004", PERIOD, submitted_at=second, review_kind="withdrawn")
    warehouse.submit("locked", "440103005", PERIOD, submitted_at=datetime(2025, 6, 1), is_locked=True)
    warehouse.build(select="+int_street_report__review +dim_roster")
    return warehouse


def test_each_fate_is_a_state_of_its_own_and_what_stood_before_stands_again(built: SmallWarehouse) -> None:
    rows = built.rows(
        "select unit_code, state, submission_id, is_reported from core.dim_roster "
        f"where period = '{PERIOD}' and unit_code between '440103001' and '440103006' order by unit_code"
    )
    assert rows == [
        ("440103001", "nil", "approved", True),
        ("440103002", "nil", "older", True),
        ("440103003", "returned", "sent-back", False),
        ("440103004", "withdrawn", "withdrawn", False),
        ("440103005", "locked", "locked", False),
        ("440103006", "missing", None, False),
    ]
    states = dict(built.rows("select submission_id, submission_state from core.fct_submission"))
    assert states["returned"] == "returned"
    assert states["older"] == "standing"


def test_the_wait_for_a_review_is_that_of_the_reviews(built: SmallWarehouse) -> None:
    rows = built.rows(
        "select submission_id, lag_day_count, is_reviewed from indicators.int_street_report__review order by all"
    )
    # The older report stands without a review: it waits until the next quarter is due.
    until_next_deadline = (datetime(2025, 7, 20, 16) + timedelta(hours=8) - datetime(2025, 4, 1)).days
    assert rows == [
        ("approved", 10, True),
        ("older", until_next_deadline, False),
        ("returned", 1, True),
        ("sent-back", 1, True),
    ]
