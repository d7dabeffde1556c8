"""The doctor finds every damage that is done here, names what to do, and finds nothing in a home that is well."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.output import ExitCode
from ingest.home import HOME_VARIABLE, Home
from ingest.ledger import Ledger, Receipt
from tests.support.district import AFTERWARDS
from upkeep.checks import machine
from upkeep.doctor import diagnose
from upkeep.finding import LEVELS
from upkeep.restore import MARKER
from upkeep.settings import settings

NOW = AFTERWARDS + timedelta(hours=3)
CODES = set(settings()["doctor"]["findings"])


def on_ledger(home: Home, *statements: str) -> None:
    """Change the ledger as somebody with the file in hand could."""
    with closing(sqlite3.connect(home.root / "ledger.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def without_guard(table: str, statement: str) -> Callable[[Home], None]:
    """``statement`` with the guard of ``table`` out of the way for a moment."""

    def damage(home: Home) -> None:
        with closing(sqlite3.connect(home.root / "ledger.db")) as connection, connection:
            guard = f"{table}_no_DELETE"
            [(text,)] = connection.execute("select sql from sqlite_master where name = ?", [guard]).fetchall()
            connection.execute(f"drop trigger {guard}")
            connection.execute(statement)
            connection.execute(text)

    return damage


def first(folder: Path, pattern: str) -> Path:
    return next(path for path in sorted(folder.glob(pattern)) if path.is_file())


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def damage_blocks(path: Path) -> None:
    """Change a byte in many blocks of a database, past its headers."""
    data = bytearray(path.read_bytes())
    for at in range(20_000, len(data), 50_000):
        data[at] ^= 0xFF
    path.write_bytes(data)


def write_message(home: Home) -> None:
    ledger = Ledger(home.ledger_url)
    event = {
        "message_id": "m",
        "state": "written",
        "recorded_at": NOW,
        "unit_code": "440103001",
        "as_of_on": NOW.date(),
    }
    ledger.add_messages([{**event, "detail": None}])
    ledger.close()


def fail_night(home: Home) -> None:
    ledger = Ledger(home.ledger_url)
    ledger.add_build("b", "failed", recorded_at=NOW, known_at=NOW, detail="no room")
    ledger.close()


def add_release(home: Home) -> None:
    ledger = Ledger(home.ledger_url)
    event: dict[str, Any] = {"release_id": "S1-v1", "state": "preliminary", "stage_code": "S1", "version": 1}
    ledger.add_release(
        {**event, "recorded_at": NOW, "known_at": NOW, "appeals_until": None, "content_hash": "", "detail": ""}
    )
    ledger.close()


def break_release(home: Home) -> None:
    add_release(home)
    folder = home.root / "releases" / "S1" / "v1-preliminary"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")


def let_wait(home: Home) -> None:
    ledger = Ledger(home.ledger_url)
    raw = first(home.raw, "*/*")
    early = NOW - timedelta(hours=settings()["doctor"]["waiting_hours"] + 1)
    ledger.add_receipt(Receipt("w", "cli", "440103001", "x.xlsx", raw.name, raw.stat().st_size, early, early))
    ledger.close()


def of_other_models(home: Home) -> None:
    with duckdb.connect(str(home.published)) as connection:
        connection.execute("update meta.build set model_hash = 'another'")
        connection.execute("checkpoint")


DAMAGES: dict[str, list[Callable[[Home], object]]] = {
    "rights": [lambda home: home.raw.chmod(0o755)],
    "restoring": [lambda home: (home.root / MARKER).write_text("{}")],
    "ledger_closed": [lambda home: ((home.root / "ledger.db").unlink(), (home.root / "ledger.db").mkdir())],
    "ledger_damaged": [
        lambda home: damage_blocks(home.root / "ledger.db"),
        lambda home: (home.root / "ledger.db").write_bytes(b"no database" * 1000),
    ],
    "ledger_open": [lambda home: on_ledger(home, "drop trigger receipt_no_UPDATE")],
    "ledger_lines": [
        without_guard("receipt", "delete from receipt where rowid = (select min(rowid) from receipt)"),
        without_guard("signed_receipt", "delete from signed_receipt where rowid = 1"),
        without_guard("batch", "delete from batch where rowid = 1"),
    ],
    "signature": [
        lambda home: [key.unlink() for key in home.receipt_keys.glob("*.pem")],
        lambda home: on_ledger(
            home,
            "drop trigger signed_receipt_no_UPDATE",
            "update signed_receipt set document = replace(document, '\"accepted\"', '\"rejected\"')",
        ),
    ],
    "waiting": [let_wait],
    "raw_missing": [lambda home: first(home.raw, "*/*").unlink()],
    "raw_changed": [lambda home: flip(first(home.raw, "*/*")), lambda home: cut(first(home.raw, "*/*"))],
    "lake_missing": [lambda home: first(home.lake, "street_cover/*/*.parquet").unlink()],
    "lake_damaged": [lambda home: cut(first(home.lake, "street_activity/*/*.parquet"))],
    "unpublished": [lambda home: home.published.unlink()],
    "published_damaged": [
        lambda home: damage_blocks(home.published),
        lambda home: cut(home.published),
        lambda home: home.published_manifest.unlink(),
        lambda home: home.published_manifest.write_text('{"build_id": "another"}', encoding="utf-8"),
    ],
    "published_wal": [lambda home: home.published.with_name(home.published.name + ".wal").touch()],
    "published_other": [of_other_models],
    "night_failed": [fail_night],
    "release_missing": [add_release],
    "release_changed": [break_release],
    "key_missing": [lambda home: (home.root / "secret" / "pseudonym.key").unlink()],
    "outbox_missing": [write_message],
    "left_builds": [lambda home: (first(home.builds, "*/build.json").parent / "build.duckdb").write_bytes(b"x" * 5000)],
}
CASES = [(code, number) for code, damages in DAMAGES.items() for number in range(len(damages))]


def codes(home: Home, **given: Any) -> set[str]:
    return {one.code for one in diagnose(home, given.pop("now", NOW), **given)}


def test_a_home_that_is_well_has_no_findings(district: Path) -> None:
    assert diagnose(Home(district), NOW) == []
    assert diagnose(Home(district), NOW, quick=True) == []


@pytest.mark.parametrize(("code", "number"), CASES)
def test_a_damage_is_found(district_home: Home, code: str, number: int) -> None:
    DAMAGES[code][number](district_home)
    assert code in codes(district_home)


def test_what_only_a_whole_look_finds_is_passed_over_by_a_quick_one(district_home: Home) -> None:
    flip(first(district_home.raw, "*/*"))
    cut(first(district_home.lake, "street_activity/*/*.parquet"))
    assert codes(district_home, quick=True) == set()
    assert codes(district_home) == {"raw_changed", "lake_damaged"}


def test_a_missed_night_another_machine_and_a_full_disk_are_found(
    district: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = NOW + timedelta(hours=settings()["doctor"]["published_hours"])
    assert codes(Home(district), now=late) == {"published_old"}
    monkeypatch.setitem(settings()["doctor"], "free_bytes", 1 << 60)
    monkeypatch.setattr(machine.sys, "version_info", (3, 99, 0))
    monkeypatch.setattr(machine, "pinned", lambda: dict.fromkeys(settings()["doctor"]["packages"], "0"))
    assert codes(Home(district)) == {"space", "python", "package"}


def test_every_finding_has_a_level_a_remedy_and_a_test() -> None:
    assert {*DAMAGES, "published_old", "space", "python", "package"} == CODES
    for words in settings()["doctor"]["findings"].values():
        assert words["level"] in LEVELS
        assert words["remedy"]
    assert set(settings()["doctor"]["packages"]) <= set(machine.pinned())


def test_the_command_tells_the_worst_first_and_ends_as_it_is(
    district_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(district_home.root))
    district_home.raw.chmod(0o755)
    first(district_home.raw, "*/*").unlink()
    told = CliRunner().invoke(app, ["doctor", "--json"])
    assert told.exit_code == ExitCode.REPORT_HAS_ERRORS
    found = json.loads(told.stdout)
    assert found[0]["code"] == "raw_missing"
    assert [one["level"] for one in found] == sorted((one["level"] for one in found), key=LEVELS.index)
    words = CliRunner().invoke(app, ["doctor"])
    assert "put them back from the backup" in words.stdout
