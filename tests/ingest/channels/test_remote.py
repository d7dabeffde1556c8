"""Folders of units on real servers, SFTP and S3: proof by folder, growing files, host keys, and nothing lost."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest

from ingest.channels.arrivals import Channel
from ingest.channels.collect import Collected, collect
from ingest.channels.settings import ChannelSettings, Connection, open_channel
from ingest.home import Home
from ingest.ledger import Ledger
from ingest.receive import raw_path
from tests.ingest.channels.conftest import write_contacts
from tests.support.sftp import SftpServer
from tests.support.workbooks import REGISTERS

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=1)
UNIT, DISTRICT = "440103001", "440103"
NAME = "报表[1] 终稿.xlsx"


@dataclass(frozen=True)
class Place:
    """A server with folders, as its users and as the channel see it."""

    files: Any
    root: str
    channel: Channel

    def put(self, path: str, data: bytes) -> None:
        if "s3" not in self.channel.kind:
            self.files.makedirs(os.path.dirname(f"{self.root}/{path}"), exist_ok=True)  # noqa: PTH120 - on the server
        self.files.pipe_file(f"{self.root}/{path}", data)

    def listing(self) -> list[str]:
        self.files.invalidate_cache()
        return sorted(path.removeprefix(f"{self.root}/") for path in self.files.find(self.root))


def sftp_settings(server: SftpServer, **options: Any) -> ChannelSettings:
    known = {"known_hosts": str(server.known_hosts), "quiet_seconds": 0.3}
    return ChannelSettings("sftp", server.url, None, {**known, **options})


@pytest.fixture(params=["sftp", "s3"])
def place(request: pytest.FixtureRequest, home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    if request.param == "sftp":
        server = request.getfixturevalue("sftp")
        monkeypatch.setenv("JIEDAO_CHANNEL_SFTP_KEY_FILE", str(server.client_key))
        channel = open_channel(home, sftp_settings(server), REGISTERS)
        yield Place(fsspec.filesystem("file", skip_instance_cache=True), str(server.folder), channel)
        return
    address = request.getfixturevalue("s3_server")
    monkeypatch.setenv("JIEDAO_CHANNEL_BUCKET_ACCESS_KEY", "only")
    monkeypatch.setenv("JIEDAO_CHANNEL_BUCKET_SECRET_KEY", "in-this-test")
    files = fsspec.filesystem("s3", key="only", secret="in-this-test", endpoint_url=address, skip_instance_cache=True)  # noqa: S106
    files.mkdir("reports")
    settings = ChannelSettings("bucket", "s3://reports/upload", None, {"endpoint_url": address})
    yield Place(files, "reports/upload", open_channel(home, settings, REGISTERS))
    files.rm("reports", recursive=True)


def test_a_file_in_a_units_folder_becomes_a_receipt_and_moves_to_done(home: Home, ledger: Ledger, place: Place) -> None:
    place.put(f"{UNIT}/{NAME}", b"content")
    [receipt] = collect(home, ledger, place.channel, now=NOW).received
    assert (receipt.channel, receipt.channel_unit_code, receipt.file_name) == (place.channel.kind, UNIT, NAME)
    assert abs(receipt.submitted_at - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=5)
    assert raw_path(home.raw, receipt.file_sha256).read_bytes() == b"content"
    taken = f"{UNIT}/done/{receipt.file_sha256[:12]}-{NAME}"
    assert place.listing() == [taken, f"{taken}.回执.txt"]
    assert receipt.submission_id in place.files.cat_file(f"{place.root}/{taken}.回执.txt").decode()
    assert collect(home, ledger, place.channel, now=NOW).received == ()


def test_the_next_quarters_report_of_the_same_name_does_not_replace_the_one_that_was_taken(
    home: Home, ledger: Ledger, place: Place
) -> None:
    for content in (b"first", b"second"):
        place.put(f"{UNIT}/{NAME}", content)
        assert len(collect(home, ledger, place.channel, now=NOW).received) == 1
    contents = {place.files.cat_file(f"{place.root}/{path}") for path in place.listing() if path.endswith(".xlsx")}
    assert contents == {b"first", b"second"}


def test_what_lies_in_no_units_folder_stays_and_is_named(home: Home, ledger: Ledger, place: Place) -> None:
    place.put("loose.xlsx", b"content")
    place.put(f"{UNIT}/a.xlsx.filepart", b"content")
    collected = collect(home, ledger, place.channel, now=NOW)
    assert (collected.received, collected.left) == ((), ("loose.xlsx (in no unit’s folder)",))
    assert place.listing() == [f"{UNIT}/a.xlsx.filepart", "loose.xlsx"]


def test_a_crash_before_the_file_moves_gives_the_same_receipt_again(
    home: Home, ledger: Ledger, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put(f"{UNIT}/{NAME}", b"content")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ingest.channels.remote.RemoteSession.acknowledge", crash)
        with pytest.raises(KeyboardInterrupt):
            collect(home, ledger, place.channel, now=NOW)
    [before] = ledger.pending()
    again = collect(home, ledger, place.channel, now=NOW + timedelta(hours=1))
    assert (again.received, again.seen_before) == ((), 1)
    assert ledger.pending() == [before]
    assert len(place.listing()) == 2


def test_a_folder_of_a_district_speaks_for_its_streets_where_the_registry_says_so(
    home: Home, ledger: Ledger, sftp: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAO_CHANNEL_SFTP_KEY_FILE", str(sftp.client_key))
    write_contacts(home, f"sftp,{DISTRICT},{DISTRICT},true,office,2025-01-01,,")
    (sftp.folder / DISTRICT).mkdir()
    (sftp.folder / DISTRICT / "a.xlsx").write_bytes(b"content")
    channel = open_channel(home, sftp_settings(sftp), REGISTERS)
    [receipt] = collect(home, ledger, channel, now=NOW).received
    assert ledger.scopes([receipt.submission_id]) == {receipt.submission_id: f"{DISTRICT}+"}


def grow(path: Path, stop: threading.Event) -> None:
    with path.open("ab") as stream:
        while not stop.is_set():
            stream.write(b"more")
            stream.flush()
            time.sleep(0.02)


def test_a_file_that_still_grows_is_left_until_it_is_whole(
    home: Home, ledger: Ledger, sftp: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAO_CHANNEL_SFTP_KEY_FILE", str(sftp.client_key))
    channel = open_channel(home, sftp_settings(sftp), REGISTERS)
    (sftp.folder / UNIT).mkdir()
    growing = sftp.folder / UNIT / "a.xlsx"
    growing.write_bytes(b"begin")
    stop = threading.Event()
    writer = threading.Thread(target=grow, args=(growing, stop))
    writer.start()
    try:
        collected = collect(home, ledger, channel, now=NOW)
    finally:
        stop.set()
        writer.join()
    assert (collected.received, collected.left) == ((), (f"{UNIT}/a.xlsx (still being written)",))
    [receipt] = collect(home, ledger, channel, now=NOW).received
    assert receipt.file_size > len(b"begin")


def test_a_link_on_the_server_is_not_followed_but_named(
    home: Home, ledger: Ledger, sftp: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAO_CHANNEL_SFTP_KEY_FILE", str(sftp.client_key))
    (sftp.folder / UNIT).mkdir()
    (sftp.folder / UNIT / "link.xlsx").symlink_to("/etc/hostname")
    collected = collect(home, ledger, open_channel(home, sftp_settings(sftp), REGISTERS), now=NOW)
    assert collected.received == ()
    [left] = collected.left
    assert left.endswith("link.xlsx (cannot be read: a link, which is not followed)")


def test_a_folder_with_a_name_that_is_not_utf_8_is_named_and_the_other_units_are_taken(
    home: Home, ledger: Ledger, sftp: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAO_CHANNEL_SFTP_KEY_FILE", str(sftp.client_key))
    for unit, name in ((UNIT, os.fsdecode("报表.xlsx".encode("gbk"))), ("440103002", "报表.xlsx")):
        (sftp.folder / unit).mkdir()
        (sftp.folder / unit / name).write_bytes(b"content")
    collected = collect(home, ledger, open_channel(home, sftp_settings(sftp), REGISTERS), now=NOW)
    assert [receipt.channel_unit_code for receipt in collected.received] == ["440103002"]
    assert collected.left == (f"{sftp.folder}/{UNIT} (cannot be read: a name in it is not in UTF-8)",)


def strangers_key(server: SftpServer, tmp_path: Path) -> ChannelSettings:
    strange = tmp_path / "known_hosts"
    strange.write_text("")
    return sftp_settings(server, known_hosts=str(strange))


def another_key(server: SftpServer, tmp_path: Path) -> ChannelSettings:
    wrong = tmp_path / "known_hosts"
    wrong.write_text(f"[127.0.0.1]:{server.port} {server.client_key.with_suffix('.pub').read_text()}")
    return sftp_settings(server, known_hosts=str(wrong))


@pytest.mark.parametrize(("settings_of", "told"), [(strangers_key, "known_hosts"), (another_key, "BadHostKey")])
def test_a_server_with_an_unknown_or_another_host_key_is_not_spoken_to(
    home: Home,
    ledger: Ledger,
    sftp: SftpServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings_of: Callable[[SftpServer, Path], ChannelSettings],
    told: str,
) -> None:
    monkeypatch.setenv("JIEDAO_CHANNEL_SFTP_KEY_FILE", str(sftp.client_key))
    collected = collect(home, ledger, open_channel(home, settings_of(sftp, tmp_path), REGISTERS), now=NOW)
    assert collected.failure is not None and told in collected.failure


def test_a_wrong_key_and_a_missing_server_fail_with_their_reason(home: Home, ledger: Ledger, sftp: SftpServer) -> None:
    settings = sftp_settings(sftp)
    stranger = Connection(extra={"key_filename": str(sftp.client_key.with_name("host_key"))})
    refused = collect(home, ledger, open_channel(home, settings, REGISTERS, stranger), now=NOW)
    assert refused.failure is not None and "Authentication" in refused.failure
    nobody = open_channel(home, settings, REGISTERS, Connection(port=1))
    missing = collect(home, ledger, nobody, now=NOW + timedelta(seconds=1))
    assert missing.failure is not None and "127.0.0.1:1" in missing.failure
    assert [event["state"] for event in ledger.collections()] == ["failed", "failed"]


def test_a_connection_gives_address_and_key(home: Home, ledger: Ledger, sftp: SftpServer) -> None:
    (sftp.folder / UNIT).mkdir()
    (sftp.folder / UNIT / "a.xlsx").write_bytes(b"content")
    elsewhere = sftp.url.replace(f"127.0.0.1:{sftp.port}", "nowhere.invalid")
    known = {"known_hosts": str(sftp.known_hosts), "quiet_seconds": 0}
    settings = ChannelSettings("sftp", elsewhere, "jiedao_sftp", known)
    connection = Connection("127.0.0.1", sftp.port, extra={"key_filename": str(sftp.client_key)})
    assert len(collect(home, ledger, open_channel(home, settings, REGISTERS, connection), now=NOW).received) == 1


def test_a_bucket_that_is_not_there_fails_with_its_reason(home: Home, ledger: Ledger, s3_server: str) -> None:
    settings = ChannelSettings("bucket", "s3://nowhere/upload", None, {"endpoint_url": s3_server})
    connection = Connection(login="only", password="in-this-test")  # noqa: S106
    collected = collect(home, ledger, open_channel(home, settings, REGISTERS, connection), now=NOW)
    assert collected.failure is not None and "s3://nowhere/upload" in collected.failure


def test_a_file_that_is_far_too_large_is_not_fetched_and_moves_aside(
    home: Home, ledger: Ledger, sftp: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEDAO_CHANNEL_SFTP_KEY_FILE", str(sftp.client_key))
    (sftp.folder / UNIT).mkdir()
    with (sftp.folder / UNIT / "a.xlsx").open("wb") as stream:
        stream.truncate(70 << 20)
    collected: Collected = collect(home, ledger, open_channel(home, sftp_settings(sftp), REGISTERS), now=NOW)
    assert [one.refusal.reason for one in collected.refused] == ["file_too_large"]
    [aside] = (sftp.folder / UNIT / "rejected").iterdir()
    assert aside.stat().st_size == 70 << 20
