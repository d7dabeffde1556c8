"""A home that is destroyed comes back from its backup; a bad backup is told before anything is touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.nightly import build_and_publish
from cli.output import ExitCode
from ingest.home import HOME_VARIABLE, LEDGER_VARIABLE, Home
from ingest.ledger import Ledger
from ingest.ledger.tables import METADATA
from ingest.receive import store_raw
from tests.support.district import AFTERWARDS
from tests.support.night import tables_of
from tests.support.postgres import SUPERUSER, SUPERUSER_PASSWORD, private_postgres
from upkeep.backup import back_up
from upkeep.ledger_copy import write_ledger
from upkeep.repository import Repository, RepositoryError
from upkeep.restore import MARKER, RestoreError, restore
from upkeep.settings import settings
from warehouse.night import Night

NOW = datetime(2026, 11, 2, 1, 2, 3)
LATER = NOW + timedelta(days=1)


def files_of(home: Home) -> dict[str, bytes]:
    """What a backup keeps beside the ledger and the users."""
    folders = [*settings()["kept_folders"], settings()["secret_folder"]]
    paths = [path for folder in folders for path in (home.root / folder).rglob("*") if path.is_file()]
    return {path.relative_to(home.root).as_posix(): path.read_bytes() for path in paths if path != home.users}


def events_of(url: str, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    ledger = Ledger(url)
    write_ledger(ledger, folder)
    ledger.close()
    return {path.stem: path.read_bytes() for path in folder.iterdir()}


def test_a_destroyed_home_comes_back_and_the_next_night_publishes_the_same(district_home: Home, tmp_path: Path) -> None:
    (district_home.root / "outbox" / "440103001").mkdir(parents=True)
    (district_home.root / "outbox" / "440103001" / "2026-11-01.eml").write_bytes(b"mail")
    files, events = files_of(district_home), events_of(district_home.ledger_url, tmp_path / "before")
    tables = tables_of(district_home)
    assert {"raw", "lake", "programme", "receipt_keys", "secret", "outbox"} <= {name.split("/")[0] for name in files}
    back_up(district_home, tmp_path / "backups", now=NOW)
    shutil.rmtree(district_home.root)
    restored = restore(district_home, tmp_path / "backups")
    assert files_of(district_home) == files
    assert events_of(district_home.ledger_url, tmp_path / "after") == events
    assert restored.file_count == len(files)
    assert not (district_home.root / MARKER).exists()
    assert (district_home.root / "secret").stat().st_mode & 0o077 == 0
    build_and_publish(district_home, Night.at(AFTERWARDS), lambda _: None, full_refresh=False)
    assert tables_of(district_home) == tables


def test_a_second_backup_copies_only_what_is_new_and_old_ones_go(district_home: Home, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    first = back_up(district_home, target, now=NOW)
    assert first.copied_files == len({entry.sha256 for entry in first.made.entries})
    store_raw(district_home.raw, b"one more")
    second = back_up(district_home, target, now=LATER)
    assert (second.copied_files, second.copied_bytes) == (1, 8)
    third = back_up(district_home, target, now=LATER + timedelta(days=1), with_secrets=False, keep=1)
    assert (third.removed_sets, third.made.left_out) == (2, ("secret",))
    assert Repository(target).names() == [third.name]
    held = {path.name for path in (target / "files").glob("*/*")}
    assert held == {entry.sha256 for entry in third.made.entries}
    assert not [entry.path for entry in third.made.entries if entry.path.startswith("secret/")]


def test_a_ledger_of_sqlite_is_restored_into_postgresql(
    district_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = events_of(district_home.ledger_url, tmp_path / "before")
    back_up(district_home, tmp_path / "backups", now=NOW)
    with private_postgres() as server:
        url = f"postgresql+psycopg2://{SUPERUSER}:{SUPERUSER_PASSWORD}@127.0.0.1:{server.port}/postgres"
        monkeypatch.setenv(LEDGER_VARIABLE, url)
        elsewhere = Home(tmp_path / "elsewhere")
        restore(elsewhere, tmp_path / "backups")
        assert not (elsewhere.root / "ledger.db").exists()
        restored = events_of(url, tmp_path / "after")
    # The rows of a table have no order.
    for name in events:
        before, after = (pq.read_table(tmp_path / side / f"{name}.parquet").to_pylist() for side in ("before", "after"))
        assert sorted(map(repr, before)) == sorted(map(repr, after))
    assert set(restored) == set(METADATA.tables)


_KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from ingest.home import Home
from upkeep import {module}
seen = 0
original = {owner}.{name}
def counted(*given, **named):
    global seen
    seen += 1
    if seen == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*given, **named)
{owner}.{name} = counted
{call}
"""
_BACKUP = _KILLED.format(
    module="backup, repository",
    owner="repository.Repository",
    name="put",
    call="backup.back_up(Home(Path(sys.argv[2])), Path(sys.argv[3]), now=datetime(2026, 11, 2))",
)
_RESTORE = _KILLED.format(
    module="restore", owner="restore", name="_place", call="restore.restore(Home(Path(sys.argv[2])), Path(sys.argv[3]))"
)


def killed(program: str, at: int, home: Path, folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", program, str(at), str(home), str(folder)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_backup_that_is_killed_is_none_and_the_next_goes_on(district_home: Home, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    killed(_BACKUP, 30, district_home.root, target)
    assert Repository(target).names() == []
    with pytest.raises(RepositoryError, match="no finished backup"):
        restore(Home(tmp_path / "empty"), target)
    done = back_up(district_home, target, now=NOW)
    assert done.copied_files < len({entry.sha256 for entry in done.made.entries})
    restore(Home(tmp_path / "empty"), target)
    assert files_of(Home(tmp_path / "empty")) == files_of(district_home)


def test_a_restore_that_is_killed_goes_on_when_repeated(district_home: Home, tmp_path: Path) -> None:
    target, home = tmp_path / "backups", Home(tmp_path / "new")
    back_up(district_home, target, now=NOW)
    later = back_up(district_home, target, now=LATER).name
    killed(_RESTORE, 40, home.root, target)
    with pytest.raises(RestoreError, match="a restore of another backup broke off"):
        restore(home, target, name=Repository(target).names()[0])
    restore(home, target, name=later)
    assert files_of(home) == files_of(district_home)
    assert not list(home.root.rglob("*.part"))


def test_nothing_is_touched_by_a_damaged_backup_or_in_a_home_that_is_not_empty(
    district_home: Home, tmp_path: Path
) -> None:
    target, empty = tmp_path / "backups", Home(tmp_path / "new")
    done = back_up(district_home, target, now=NOW)
    with pytest.raises(RestoreError, match="holds something already"):
        restore(district_home, target)
    victim = next(entry for entry in done.made.entries if entry.path.startswith("raw/"))
    content = Repository(target).path_of(victim.sha256)
    whole = content.read_bytes()
    content.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(RestoreError, match=f"{victim.path} of backup {done.name} is damaged"):
        restore(empty, target)
    content.write_bytes(whole)
    listed = target / "sets" / f"{done.name}.json"
    listed.write_text(listed.read_text(encoding="utf-8").replace(victim.path, "raw/other"), encoding="utf-8")
    with pytest.raises(RepositoryError, match="is not what was written"):
        restore(empty, target)
    assert not empty.root.exists()


def test_a_folder_that_is_no_place_for_backups_is_refused(district_home: Home, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thing").touch()
    for wrong in (tmp_path / "other", district_home.root / "backups"):
        with pytest.raises(RepositoryError):
            back_up(district_home, wrong, now=NOW)
    with pytest.raises(RepositoryError, match="no folder of backups"):
        restore(Home(tmp_path / "new"), tmp_path / "other")
    repository = Repository(tmp_path / "backups")
    repository.create()
    with repository.lock(), pytest.raises(RepositoryError, match="another backup is writing"):
        back_up(district_home, repository.root, now=NOW)


def test_the_commands_save_put_back_and_tell(
    district_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner, target = CliRunner(), str(tmp_path / "backups")
    monkeypatch.setenv(HOME_VARIABLE, str(district_home.root))
    made = runner.invoke(app, ["backup", target, "--keep", "3", "--json"])
    assert made.exit_code == ExitCode.FINE
    told = json.loads(made.stdout)
    raw = next(path for path in district_home.raw.glob("*/*"))
    os.utime(raw, ns=(0, 0))
    raw.write_bytes(b"changed")
    again = runner.invoke(app, ["backup", target])
    assert again.exit_code == ExitCode.REPORT_HAS_ERRORS
    assert "1 raw files are not what was received" in again.stderr
    listed = runner.invoke(app, ["restore", target, "--list"])
    assert listed.stdout.startswith(told["set"])
    assert runner.invoke(app, ["restore", target]).exit_code == ExitCode.CANNOT_BE_TAKEN
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "new"))
    assert runner.invoke(app, ["backup", target]).exit_code == ExitCode.CANNOT_BE_TAKEN
    back = runner.invoke(app, ["restore", target, "--set", told["set"]])
    assert back.exit_code == ExitCode.FINE
    assert "jiedao nightly" in back.stdout
    assert runner.invoke(app, ["doctor", "--quick"]).exit_code == ExitCode.FINE
