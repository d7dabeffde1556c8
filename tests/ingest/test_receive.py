"""Receiving: the bytes are safe before anything looks at them, and the same file is known again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.channels.collect import Collected, collect
from ingest.channels.folder import FolderChannel
from ingest.contacts import Contacts
from ingest.home import EmptyKeyError, Home
from ingest.ledger import Decision, Ledger
from ingest.receive import raw_path, receive, store_raw

NOW = datetime(2026, 1, 21, 17, 30)
UNIT = "440103001"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger(home.ledger_url)
    yield opened
    opened.close()


def put(home: Home, name: str, data: bytes, *, modified_at: datetime = NOW - timedelta(days=3)) -> Path:
    path = home.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    seconds = modified_at.replace(tzinfo=UTC).timestamp()
    os.utime(path, (seconds, seconds))
    return path


def collect_folder(home: Home, ledger: Ledger, *, now: datetime) -> Collected:
    return collect(home, ledger, FolderChannel("inbox", home.inbox, Contacts()), now=now)


def hand_in(home: Home, ledger: Ledger, data: bytes, at: datetime) -> tuple[str, bool]:
    receipt, is_new = receive(
        home,
        ledger,
        data,
        channel="cli",
        channel_unit_code=UNIT,
        file_name="a.xlsx",
        submitted_at=at,
        received_at=at,
    )
    return receipt.submission_id, is_new


def accept(ledger: Ledger, submission_id: str, at: datetime) -> None:
    ledger.add_decisions([Decision(submission_id, "b", at, "accepted", None, "street", UNIT, "2025-Q4", 0, 0, 0, 3)])


def test_a_copy_that_is_under_way_is_left_until_it_is_whole(
    home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.inbox / UNIT / "a.xlsx"
    path.parent.mkdir()
    path.write_bytes(b"PK first half")
    monkeypatch.setattr("ingest.channels.folder.time.sleep", lambda _: path.write_bytes(b"PK first half, second half"))
    collected = collect_folder(home, ledger, now=NOW)
    assert (collected.received, collected.left) == ((), (f"{UNIT}/a.xlsx (still being written)",))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert [receipt.file_size for receipt in collect_folder(home, ledger, now=NOW).received] == [26]


def test_links_and_what_programs_keep_for_themselves_are_no_reports(home: Home, ledger: Ledger) -> None:
    folder = home.inbox / UNIT
    folder.mkdir()
    (folder / "link.xlsx").symlink_to("/etc/hostname")
    names = ["Thumbs.db", "desktop.ini", "~$a.xlsx", "b.xlsx.crdownload", "c.xlsx.downloading"]
    for name in names:
        (folder / name).write_bytes(b"x")
    collected = collect_folder(home, ledger, now=NOW)
    assert (collected.received, collected.refused) == ((), ())
    assert collected.left == (f"{UNIT}/link.xlsx (a link, which is not followed)",)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "link.xlsx"])


def test_a_file_leaves_the_inbox_only_into_raw_store_and_ledger(home: Home, ledger: Ledger) -> None:
    path = put(home, f"{UNIT}/a.xlsx", b"content")
    [receipt] = collect_folder(home, ledger, now=NOW).received
    assert not path.exists()
    assert raw_path(home.raw, receipt.file_sha256).read_bytes() == b"content"
    assert ledger.pending() == [receipt]
    assert (receipt.channel_unit_code, receipt.submitted_at) == (UNIT, NOW - timedelta(days=3))


def test_a_crash_between_raw_store_and_receipt_loses_nothing(
    home: Home, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(home, f"{UNIT}/a.xlsx", b"content")

    def crash(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "add_receipts", crash)
        with pytest.raises(KeyboardInterrupt):
            collect_folder(home, ledger, now=NOW)
    assert path.exists()
    assert len(collect_folder(home, ledger, now=NOW).received) == 1


def test_the_same_content_from_the_same_sender_is_known_by_its_hash(home: Home, ledger: Ledger) -> None:
    put(home, f"{UNIT}/a.xlsx", b"content")
    put(home, f"{UNIT}/copy of a.xlsx", b"content", modified_at=NOW - timedelta(days=1))
    collected = collect_folder(home, ledger, now=NOW)
    assert (len(collected.received), collected.seen_before) == (1, 1)


def test_the_same_content_from_two_senders_is_two_submissions(home: Home, ledger: Ledger) -> None:
    put(home, f"{UNIT}/a.xlsx", b"content")
    put(home, "440103002/a.xlsx", b"content")
    assert len(collect_folder(home, ledger, now=NOW).received) == 2


def test_sending_an_older_report_again_after_another_was_accepted_is_a_new_submission(
    home: Home, ledger: Ledger
) -> None:
    first, _ = hand_in(home, ledger, b"A", NOW)
    accept(ledger, first, NOW)
    second, _ = hand_in(home, ledger, b"B", NOW + timedelta(hours=1))
    accept(ledger, second, NOW + timedelta(hours=1))
    again, is_new = hand_in(home, ledger, b"A", NOW + timedelta(hours=2))
    assert is_new
    assert again not in (first, second)


def test_a_file_in_no_units_folder_or_still_being_written_stays_where_it_is(home: Home, ledger: Ledger) -> None:
    loose = put(home, "loose.xlsx", b"1")
    growing = put(home, f"{UNIT}/a.xlsx.part", b"2")
    lock_file = put(home, f"{UNIT}/~$a.xlsx", b"3")
    collected = collect_folder(home, ledger, now=NOW)
    assert collected.received == ()
    assert collected.left == ("loose.xlsx (in no unit’s folder)",)
    assert loose.exists() and growing.exists() and lock_file.exists()


def test_a_file_whose_name_is_gbk_is_taken_under_its_chinese_name(home: Home, ledger: Ledger) -> None:
    folder = home.inbox / UNIT
    folder.mkdir()
    (folder / os.fsdecode("报表.xlsx".encode("gbk"))).write_bytes(b"content")
    [receipt] = collect_folder(home, ledger, now=NOW).received
    assert receipt.file_name == "报表.xlsx"
    assert not any(folder.iterdir())


def test_a_modification_time_in_the_future_is_not_believed(home: Home, ledger: Ledger) -> None:
    put(home, f"{UNIT}/a.xlsx", b"content", modified_at=NOW + timedelta(days=400))
    [receipt] = collect_folder(home, ledger, now=NOW).received
    assert receipt.submitted_at == NOW


def test_a_truncated_file_in_the_raw_store_is_written_anew(tmp_path: Path) -> None:
    digest = store_raw(tmp_path, b"content")
    raw_path(tmp_path, digest).write_bytes(b"con")
    assert store_raw(tmp_path, b"content") == digest
    assert raw_path(tmp_path, digest).read_bytes() == b"content"


def test_raw_files_are_for_their_owner_only(tmp_path: Path) -> None:
    digest = store_raw(tmp_path, b"content")
    assert raw_path(tmp_path, digest).stat().st_mode & 0o077 == 0


def test_the_pseudonym_key_is_the_same_for_all_who_ask_at_once_and_for_its_owner_only(tmp_path: Path) -> None:
    homes = [Home(tmp_path / str(number)) for number in range(20)]
    for home in homes:
        with ThreadPoolExecutor(8) as pool:
            keys = list(pool.map(lambda _, home=home: home.pseudonym_key(), range(8)))
        assert len(set(keys)) == 1
        assert len(keys[0]) == 64
        assert (home.root / "secret" / "pseudonym.key").stat().st_mode & 0o077 == 0
    assert len({home.pseudonym_key() for home in homes}) == 20


def test_an_empty_pseudonym_key_is_refused(home: Home) -> None:
    (home.root / "secret").mkdir()
    (home.root / "secret" / "pseudonym.key").write_bytes(b"\n")
    with pytest.raises(EmptyKeyError):
        home.pseudonym_key()
