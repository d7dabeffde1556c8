"""Receipts prove what was handed in and what was found, to anyone who has the public key, and to no one else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingest.answers import marked_files
from ingest.batch import process_batch
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.marking import mark_workbook
from ingest.receipts import known_keys, receipt_of, signer, verify_receipt
from ingest.receive import receive
from ingest.signing import PublicKey, SignatureError, Signer, canonical, new_private_pem
from tests.support.workbooks import REGISTERS, STREET, check, report_workbook, with_cell

NOON = datetime(2026, 1, 10, 4)
NIGHT = datetime(2026, 1, 10, 17, 30)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("JIEDAO_RECEIPT_KEY", raising=False)
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger(home.ledger_url)
    yield opened
    opened.close()


def send(home: Home, ledger: Ledger, data: bytes) -> str:
    receipt, _ = receive(
        home, ledger, data, channel="cli", channel_unit_code=STREET, file_name="张三.xlsx", submitted_at=NOON,
        received_at=NOON,
    )  # fmt: skip
    return receipt.submission_id


def decide(home: Home, ledger: Ledger, now: datetime = NIGHT) -> None:
    for batch_id in ledger.plan_batches(10):
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=now)


def signed(home: Home, ledger: Ledger, submission_id: str) -> dict[str, Any]:
    document = receipt_of(home, ledger, submission_id)
    assert document is not None
    return document


def text(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=4).encode()


def failure(document: dict[str, Any] | bytes, trusted: dict[str, PublicKey], workbook: bytes | None = None) -> str:
    with pytest.raises(SignatureError) as caught:
        verify_receipt(document if isinstance(document, bytes) else text(document), trusted, workbook)
    return caught.value.code


def test_a_file_has_a_received_receipt_at_once_and_one_of_the_decision_after_it(home: Home, ledger: Ledger) -> None:
    data = report_workbook()
    submission_id = send(home, ledger, data)
    receipt, _ = verify_receipt(text(signed(home, ledger, submission_id)), known_keys(home), data)
    assert (receipt["state"], receipt["submission_id"]) == ("received", submission_id)
    decide(home, ledger)
    receipt, _ = verify_receipt(text(signed(home, ledger, submission_id)), known_keys(home), data)
    assert (receipt["state"], receipt["unit_code"], receipt["period"]) == ("accepted", STREET, "2025-Q1")
    assert receipt["decided_at"] == "2026-01-10T17:30:00Z"
    assert {"entity": "venue", "sheet": "青年阵地", "rows": 2} in receipt["rows"]
    assert receipt["versions"]["form"] == "2026.1"


def test_the_receipt_of_a_rejected_report_names_codes_and_cells_but_not_what_they_held(
    home: Home, ledger: Ledger
) -> None:
    data, place = with_cell("工作力量", "手机号后四位", "13812345678")
    submission_id = send(home, ledger, data)
    decide(home, ledger)
    document = signed(home, ledger, submission_id)
    assert document["receipt"]["state"] == "rejected"
    assert {
        "severity": "error",
        "code": "phone_tail_invalid",
        "count": 1,
        "cells": [f"工作力量!{place}"],
    } in document["receipt"]["findings"]
    assert "13812345678" not in text(document).decode()
    assert "张三" not in text(document).decode()


def test_a_changed_value_a_changed_signature_another_key_and_another_workbook_are_told_apart(
    home: Home, ledger: Ledger
) -> None:
    data = report_workbook()
    document = signed(home, ledger, send(home, ledger, data))
    trusted = known_keys(home)
    changed = {**document, "receipt": {**document["receipt"], "state": "accepted"}}
    assert failure(changed, trusted) == "tampered"
    assert failure(changed, {}) == "tampered"
    value = document["signature"]["value"]
    forged = {**document, "signature": {**document["signature"], "value": value[:-4] + value[:2] + "=="}}
    assert failure(forged, trusted) == "tampered"
    stranger = Signer(new_private_pem())
    assert failure(stranger.sign(document["receipt"]), trusted) == "other_key"
    assert failure(document, {"x": stranger.public}) == "other_key"
    assert failure(document, trusted, data + b" ") == "other_workbook"
    assert failure(b"PK", trusted) == "unreadable"
    assert failure(b"{}", trusted) == "no_receipt"
    twice = text(document).replace(b'"state"', b'"state": "accepted", "state"', 1)
    assert failure(twice, trusted) == "unreadable"


def test_a_receipt_without_a_trusted_key_is_held_to_the_one_it_carries(home: Home, ledger: Ledger) -> None:
    document = signed(home, ledger, send(home, ledger, report_workbook()))
    _, key = verify_receipt(text(document), {})
    assert key == signer(home).public
    assert document["signature"]["key_id"] == key.key_id


def test_a_batch_that_is_run_again_leaves_receipt_and_decision_as_they_were(home: Home, ledger: Ledger) -> None:
    submission_id = send(home, ledger, report_workbook())
    [batch_id] = ledger.plan_batches(10)
    process_batch(home, ledger, batch_id, registers=REGISTERS, now=NIGHT)
    before = ledger.signed_receipt(submission_id)
    process_batch(home, ledger, batch_id, registers=REGISTERS, now=datetime(2026, 1, 11, 17, 30))
    assert before is not None
    assert ledger.signed_receipt(submission_id) == before


def test_a_crash_before_the_ledger_is_written_gives_the_same_receipt_afterwards(
    home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission_id = send(home, ledger, report_workbook())
    [batch_id] = ledger.plan_batches(10)
    written: list[dict[str, Any]] = []

    def crash(_self: Ledger, _decisions: object, receipts: dict[str, dict[str, Any]]) -> int:
        written.append(receipts[submission_id])
        raise OSError("power cut")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="power cut"):
        patched.setattr(Ledger, "add_decisions", crash)
        process_batch(home, ledger, batch_id, registers=REGISTERS, now=NIGHT)
    assert ledger.signed_receipt(submission_id) is None
    process_batch(home, ledger, batch_id, registers=REGISTERS, now=NIGHT)
    assert ledger.signed_receipt(submission_id) == written[0]["document"]


def test_a_new_key_signs_from_now_on_and_the_old_receipts_go_on_being_verified(home: Home, ledger: Ledger) -> None:
    submission_id = send(home, ledger, report_workbook())
    decide(home, ledger)
    old = signer(home).public
    (home.root / "secret" / "receipt_ed25519.pem").unlink()
    new = signer(home).public
    assert new != old
    assert set(known_keys(home)) == {old.key_id, new.key_id}
    assert verify_receipt(text(signed(home, ledger, submission_id)), known_keys(home))[1] == old


def test_the_key_is_for_its_owner_only_or_comes_from_the_environment(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer(home)
    assert (home.root / "secret" / "receipt_ed25519.pem").stat().st_mode & 0o777 == 0o600
    given = new_private_pem()
    monkeypatch.setenv("JIEDAO_RECEIPT_KEY", given.decode())
    assert signer(home).public == Signer(given).public


def test_what_is_signed_does_not_depend_on_order_or_spaces() -> None:
    assert canonical({"b": [1, None], "a": "街道"}) == '{"a":"街道","b":[1,null]}'.encode()


def test_the_marked_workbook_of_a_decision_is_made_on_demand_once_and_kept(home: Home, ledger: Ledger) -> None:
    data, place = with_cell("青年阵地", "启用日期", "2023-02-30")
    sent, clean, unreadable = (send(home, ledger, one) for one in (data, report_workbook(), b"<html>"))
    wanted = [sent, clean, unreadable, "nobody"]
    assert marked_files(home, ledger, wanted, registers=REGISTERS, later={}) == {}
    decide(home, ledger)
    paths = marked_files(home, ledger, wanted, registers=REGISTERS, later={})
    assert set(paths) == {sent, clean, unreadable}
    assert paths[sent].read_bytes() == mark_workbook(data, check(data, STREET).issues).data
    assert openpyxl.load_workbook(paths[sent])["青年阵地"][place].comment is not None
    assert openpyxl.load_workbook(paths[unreadable]).sheetnames == ["填报问题"]
    made = paths[sent].stat().st_mtime_ns
    assert marked_files(home, ledger, [sent], registers=REGISTERS, later={}) == {sent: paths[sent]}
    assert paths[sent].stat().st_mtime_ns == made
