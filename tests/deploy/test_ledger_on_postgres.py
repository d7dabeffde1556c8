"""Every public method of every part of the ledger gives the same answers on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.ledger import Decision, Ledger, Receipt
from ingest.ledger.audit import AuditEvents
from ingest.ledger.builds import BuildEvents
from ingest.ledger.channels import ChannelEvents
from ingest.ledger.enrolment import EnrolmentEvents
from ingest.ledger.explanations import ExplanationEvents
from ingest.ledger.messages import MessageEvents
from ingest.ledger.offices import OfficeEvents
from ingest.ledger.standing import StandingReports
from ingest.ledger.store import Store
from ingest.ledger.submissions import SubmissionEvents
from ingest.ledger.tables import METADATA
from ingest.ledger.waivers import WaiverEvents
from tests.support.postgres import SUPERUSER, SUPERUSER_PASSWORD, Postgres, private_postgres

AT = datetime(2026, 4, 3, 1, 2, 3, 456789)
LATER = AT + timedelta(days=1)
STREET, OTHER = "440103001", "440103002"


def receipt(number: int, unit: str | None = STREET, at: datetime = AT) -> Receipt:
    return Receipt(f"s{number}", "mailbox", unit, "一季度 “报表”.xlsx", f"{number}" * 64, 5_000_000_000, at, at)


def decision(number: int, period: str = "2026-Q1", state: str = "accepted", unit: str | None = STREET) -> Decision:
    return Decision(f"s{number}", "b1", LATER, state, None, "street", unit, period, 0, 2, 3, 40)


def signed(number: int) -> dict[str, Any]:
    return {"submission_id": f"s{number}", "key_id": "k" * 16, "document": '{"回执": “”}'}


def origin(number: int, source: str, *, is_mail: bool = True) -> dict[str, Any]:
    return {
        "submission_id": f"s{number}", "source": source, "channel_name": "mail", "sender": "a@example.org",
        "scope": "440103+", "place": f"1/附件{number}.xlsx", "is_mail": is_mail,
    }  # fmt: skip


def refusal(source: str, place: str, *, is_mail: bool = True) -> dict[str, Any]:
    return {
        "source": source, "place": place, "channel_name": "mail", "sender": "a@example.org", "scope": "",
        "reason": "mail_without_report", "detail": "", "submitted_at": AT, "recorded_at": AT, "is_mail": is_mail,
    }  # fmt: skip


def review(number: int, kind: str, at: datetime) -> dict[str, Any]:
    return {
        "review_id": f"r{number}{kind}"[:16], "submission_id": f"s{number}", "unit_code": STREET, "form": "street",
        "period": "2026-Q1", "kind": kind, "reviewed_at": at, "reviewed_by": "440103", "reason": "数字“不符”",
    }  # fmt: skip


def lock(name: str, kind: str, at: datetime, period: str = "2026-Q1") -> dict[str, Any]:
    return {
        "lock_id": name, "period": period, "scope_code": "", "kind": kind, "effective_at": at, "recorded_at": at,
        "recorded_by": "440103", "reason": "",
    }  # fmt: skip


def submissions(ledger: Any) -> None:
    ledger.add_receipt(receipt(1))
    ledger.add_receipt(receipt(1))
    ledger.add_receipts([receipt(1), receipt(2, None), receipt(3, OTHER), receipt(4, STREET, LATER)])
    ledger.add_origins([origin(2, "m1")])
    ledger.receipts(["s2", "nobody"])
    ledger.receipts_of(STREET, "1" * 64)
    ledger.receipts_of("440103+", "2" * 64)
    ledger.pending()
    [first, *_] = sorted(ledger.plan_batches(2, {"s2": OTHER}))
    ledger.batch_members(first)
    ledger.add_decisions([decision(1), decision(2, state="rejected", unit=None)], {"s1": signed(1), "s2": signed(2)})
    ledger.add_decisions([decision(1, state="rejected")], {"s1": signed(1)})
    ledger.decisions(["s1", "s2", "s3"])
    ledger.signed_receipt("s1")
    ledger.signed_receipt("s3")
    ledger.plan_batches(2)
    ledger.submissions(AT)
    ledger.submissions(LATER)


def standing(ledger: Any) -> None:
    ledger.add_receipts([receipt(number, at=AT + timedelta(minutes=number)) for number in range(1, 6)])
    periods = ("2025-Q3", "2025-Q4", "2025-Q4", "2025-Q4", "2026-Q1")
    ledger.add_decisions(decision(number, period) for number, period in enumerate(periods, start=1))
    for number, kind in ((3, "approved"), (4, "returned"), (1, "withdrawn")):
        ledger.add_review(review(number, kind, LATER))
    ledger.accepted(STREET)
    ledger.last_accepted("street", STREET, "2026-Q1")
    ledger.last_accepted("street", STREET, "2025-Q4")
    for number in range(1, 7):
        ledger.is_superseded(f"s{number}")
    ledger.add_lock(lock("l1", "closed", AT, "2025-Q4"))
    ledger.last_accepted("street", STREET, "2026-Q1")


def channels(ledger: Any) -> None:
    ledger.add_origins([origin(1, "m1"), origin(2, "m1"), origin(3, "z1", is_mail=False), origin(4, "m3")])
    ledger.add_refusals([refusal("m1", "2/图.png"), refusal("m2", ""), refusal("f1", "", is_mail=False)])
    ledger.add_refusals([refusal("m2", "")])
    ledger.add_receipts([receipt(1), receipt(2), receipt(3)])
    ledger.origins("m1")
    ledger.scopes(["s1", "s3", "s9"])
    ledger.refusals()
    ledger.refusals("m1")
    ledger.mails(AT)
    ledger.mails(LATER)
    counts = dict.fromkeys(("received_count", "seen_before_count", "refused_count", "left_count"), 1)
    ledger.add_collection({"channel_name": "mail", "run_at": AT, "state": "failed", "detail": "连不上", **counts})
    ledger.collections()


def offices(ledger: Any) -> None:
    ledger.add_review(review(1, "returned", AT))
    ledger.add_review(review(1, "approved", LATER))
    ledger.reviews(AT)
    ledger.reviews(LATER)
    ledger.reviews_of(["s1", "s2"])
    ledger.add_lock(lock("l1", "closed", AT))
    ledger.add_lock(lock("l2", "exception", LATER))
    ledger.locks(AT)
    ledger.locks(LATER)
    record = {
        "record_id": "d1", "stage_code": "S1", "unit_code": STREET, "rule_id": None, "subject_key": None,
        "kind": "excuse", "outcome": None, "decided_at": AT, "decided_by": "440103", "reason": "查实",
    }  # fmt: skip
    ledger.add_decision_record(record)
    ledger.decision_records(AT - timedelta(1))
    appeal = {
        "appeal_id": "a1", "release_id": "S1-v1", "stage_code": "S1", "unit_code": STREET, "rule_id": "1i",
        "subject_key": f"{STREET}/第一届", "contested_outcome": "fail", "reason": "任期“填错”", "filed_at": AT,
        "filed_until": LATER,
    }  # fmt: skip
    ledger.add_appeal(appeal)
    ledger.add_appeal(appeal)
    ledger.appeals()
    decided = {"appeal_id": "a1", "decision": "upheld", "decided_at": LATER, "decided_by": "440103", "reason": "查实"}
    ledger.decide_appeal(decided, {**record, "record_id": "a1", "kind": "override", "outcome": "pass"})
    ledger.decide_appeal({**decided, "decision": "rejected"}, None)
    ledger.appeals()
    ledger.decision_records(LATER)
    release = {
        "release_id": "S1-v1", "state": "preliminary", "stage_code": "S1", "version": 1, "recorded_at": AT,
        "known_at": AT, "appeals_until": None, "content_hash": None, "detail": "",
    }  # fmt: skip
    ledger.add_release(release)
    ledger.add_release(release)
    ledger.releases()
    ledger.releases("S2")


def explanations(ledger: Any) -> None:
    event = {
        "explanation_id": "e1", "finding_key": "f" * 64, "submission_id": "s1", "unit_code": STREET,
        "period": "2026-Q1", "form": "street", "issue_code": "count_dropped", "explained_at": AT,
        "explained_by": STREET, "way": "marked",
        "text": "撤并“两所”学校",
    }  # fmt: skip
    ledger.add_explanations([event, {**event, "explanation_id": "e2", "unit_code": OTHER, "explained_at": LATER}])
    ledger.add_explanations([event])
    ledger.explanations(AT)
    ledger.explanations(LATER, OTHER)


def waivers(ledger: Any) -> None:
    waiver = {
        "waiver_id": "w1", "scope_code": "440103", "issue_code": "uscc_invalid", "from_period": "2026-Q1",
        "to_period": None, "office_code": "440103", "office_name": "荔湾区", "reason": "“三证合一”前",
        "recorded_at": LATER + timedelta(1),
    }  # fmt: skip
    ledger.add_waiver(waiver)
    ledger.add_waiver(waiver)
    ledger.add_decisions([decision(1, state="rejected"), decision(2, "2025-Q4", "rejected"), decision(3)])
    ledger.waivers(AT)
    ledger.waivers(LATER + timedelta(1))
    for number in range(1, 5):
        ledger.is_waived_since(f"s{number}")
    end = {"waiver_id": "w1", "office_code": "4401", "office_name": "广州市", "reason": "已换证"}
    for day in (2, 3):
        ledger.revoke_waiver({**end, "recorded_at": LATER + timedelta(day)})
    for day in (1, 2):
        ledger.waivers(LATER + timedelta(day))
    ledger.is_waived_since("s1")


def enrolment(ledger: Any) -> None:
    ledger.enrolment(AT)
    line = {"scope_code": "440103", "has_subtree": True, "batch_code": "“首批”", "to_period": None}
    for at, lines in ((AT, [line]), (LATER, [line]), (LATER, [])):
        ledger.note_enrolment(lines, at)
    for at in (AT - timedelta(1), AT, LATER):
        ledger.enrolment(at)


def builds(ledger: Any) -> None:
    for state in ("started", "failed", "published"):
        ledger.add_build("20260403T010203456789", state, recorded_at=AT, known_at=AT, detail="“查”")
    ledger.builds()


def messages(ledger: Any) -> None:
    message = {"message_id": "m1", "recorded_at": AT, "unit_code": STREET, "as_of_on": date(2026, 4, 3), "detail": None}
    line = {"unit_code": STREET, "line_key": "2026-Q1/“催报”", "message_id": "m1"}
    ledger.add_messages([{**message, "state": "written"}], [line])
    ledger.add_messages([{**message, "state": "failed", "detail": "SMTPDataError 451"}], [line])
    ledger.add_messages([{**message, "message_id": "m2", "unit_code": OTHER, "state": "written"}])
    reached = {"message_id": "m1", "recipient_key": "k" * 16, "recorded_at": LATER}
    ledger.add_messages((), reached=[reached, reached])
    ledger.reached(AT)
    ledger.reached(LATER + timedelta(days=1))
    ledger.messages()
    ledger.messages(OTHER)
    ledger.told_lines()
    for state, at in (("written", AT), ("failed", AT), ("failed", LATER), ("failed", LATER)):
        ledger.add_reply({"mail_sha256": "0" * 64, "state": state, "recorded_at": at, "detail": None})
    ledger.replies()


def audit(ledger: Any) -> None:
    ledger.add_audit_event(at=AT, user_name="clerk", event="upload", subject="s1")
    ledger.add_audit_event(at=LATER, user_name="", event="sign_in_refused")
    ledger.audit_events()


SCRIPTS: dict[type[Store], Callable[[Any], None]] = {
    SubmissionEvents: submissions, StandingReports: standing, ChannelEvents: channels, OfficeEvents: offices,
    ExplanationEvents: explanations, EnrolmentEvents: enrolment, WaiverEvents: waivers,
    BuildEvents: builds, MessageEvents: messages, AuditEvents: audit,
}  # fmt: skip


class Recorder:
    """A ledger that remembers which method was called and what it answered."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.answers: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            answer = getattr(self._ledger, name)(*arguments, **options)
            self.answers.append((name, answer))
            return answer

        return call


def methods(part: type[Store]) -> set[str]:
    return {name for name, value in vars(part).items() if inspect.isfunction(value) and not name.startswith("_")}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with private_postgres() as running:
        yield running


@pytest.fixture
def ledgers(postgres: Postgres, tmp_path: Path) -> Iterator[list[Ledger]]:
    """An empty ledger of each kind."""
    url = f"postgresql+psycopg2://{SUPERUSER}:{SUPERUSER_PASSWORD}@127.0.0.1:{postgres.port}/postgres"
    schema = f"test_{os.urandom(4).hex()}"
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    made = [Ledger(f"sqlite:///{tmp_path / 'ledger.db'}"), Ledger(f"{url}?options=-csearch_path%3D{schema}")]
    yield made
    for ledger in made:
        ledger.close()


def test_every_part_of_the_ledger_is_compared() -> None:
    parts = {part for part in Ledger.__mro__ if issubclass(part, Store)} - {Ledger, Store}
    assert parts == set(SCRIPTS)


@pytest.mark.parametrize("part", SCRIPTS, ids=lambda part: part.__name__)
def test_every_method_gives_the_same_answers_on_sqlite_and_postgresql(part: type[Store], ledgers: list[Ledger]) -> None:
    recorders = [Recorder(ledger) for ledger in ledgers]
    assert [ledger.engine.dialect.name for ledger in ledgers] == ["sqlite", "postgresql"]
    for recorder in recorders:
        SCRIPTS[part](recorder)
    on_sqlite, on_postgres = ([(name, _plain(answer)) for name, answer in one.answers] for one in recorders)
    assert on_postgres == on_sqlite
    assert methods(part) <= {name for name, _ in on_sqlite}
    reading = [answer for name, answer in on_sqlite if name in methods(part) and answer not in (None, [], {}, 0, False)]
    assert reading


def _plain(answer: Any) -> Any:
    """An answer without what is drawn by lot: the identity of an event of the audit."""
    if isinstance(answer, list):
        return [_plain(one) for one in answer]
    return {k: v for k, v in answer.items() if k != "event_id"} if isinstance(answer, dict) else answer


@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_no_table_can_be_changed_on_either(table: str, ledgers: list[Ledger]) -> None:
    for ledger in ledgers:
        for script in SCRIPTS.values():
            script(ledger)
        with ledger.engine.connect() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(METADATA.tables[table])).scalar_one()
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), ledger.engine.begin() as connection:
            connection.execute(sa.delete(METADATA.tables[table]))
