"""Commands that keep the state of an installation: ``backup``, ``restore`` and ``doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import ExitCode, fail, print_json, say, tell_progress
from cli.stage import AsJson
from ingest.home import Home
from warehouse.instants import utc_now


def backup(
    folder: Annotated[Path, typer.Argument(help="Folder of the backups, on another disk; made on first use.")],
    keep: Annotated[
        int | None, typer.Option(min=1, help="Keep only so many of the newest backups there.", show_default="all")
    ] = None,
    secrets: Annotated[
        bool, typer.Option("--secrets/--no-secrets", help="With keys and portal users, or without.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Save ledger, raw store, lake, releases, outbox and keys; only what is new is copied."""
    from upkeep.backup import back_up
    from upkeep.repository import RepositoryError

    home = Home.from_environment()
    if not home.root.exists():
        fail(f"there is no home in {home.root}: set JIEDAO_HOME", ExitCode.CANNOT_BE_TAKEN)
    try:
        done = back_up(home, folder, now=utc_now(), with_secrets=secrets, keep=keep, progress=tell_progress)
    except RepositoryError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except OSError as error:
        fail(f"the backup broke off, earlier ones stay: {error}", ExitCode.OUR_FAILURE)
    if as_json:
        print_json(
            {
                "set": done.name,
                "files": len(done.made.entries),
                "bytes": done.made.size,
                "events": sum(done.made.rows.values()),
                "copied_files": done.copied_files,
                "copied_bytes": done.copied_bytes,
                "removed_sets": done.removed_sets,
                "damaged": list(done.damaged),
            }
        )
    else:
        say(
            f"{folder}: {done.name}, {len(done.made.entries)} files and {sum(done.made.rows.values())} events; "
            f"{done.copied_files} files copied ({done.copied_bytes / 2**20:.1f} MB)"
        )
    if done.damaged:
        fail(
            f"{len(done.damaged)} raw files are not what was received: run `jiedao doctor`", ExitCode.REPORT_HAS_ERRORS
        )


def restore(
    folder: Annotated[Path, typer.Argument(help="Folder of the backups.")],
    name: Annotated[str | None, typer.Option("--set", help="Which backup.", show_default="the newest")] = None,
    list_only: Annotated[bool, typer.Option("--list", help="Only show which backups there are.")] = False,
) -> None:
    """Put a backup into an empty home; the next nightly run makes the warehouse again."""
    from upkeep.ledger_copy import ForeignLedgerError
    from upkeep.repository import Repository, RepositoryError
    from upkeep.restore import RestoreError
    from upkeep.restore import restore as put_back

    home = Home.from_environment()
    try:
        if list_only:
            repository = Repository(folder)
            repository.require()
            for one in repository.names():
                made = repository.read(one)
                say(f"{one}  {len(made.entries)} files, {made.size / 2**20:.1f} MB, {sum(made.rows.values())} events")
            return
        done = put_back(home, folder, name=name, progress=tell_progress)
    except (RepositoryError, RestoreError, ForeignLedgerError) as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except OSError as error:
        fail(f"the restore broke off, repeat it: {error}", ExitCode.OUR_FAILURE)
    say(f"{home.root}: {done.file_count} files and {done.event_count} events of {done.name}")
    if done.made.left_out:
        say("that backup is without keys: put them into secret/ before the next run")
    say("jiedao nightly makes the warehouse again")


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Pass over what must read every byte.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look whether everything is there and whole, and say what to do: 0 well, 1 something is bad. Changes nothing."""
    from upkeep.doctor import diagnose

    home = Home.from_environment()
    if not home.root.exists():
        fail(f"there is no home in {home.root}: set JIEDAO_HOME", ExitCode.CANNOT_BE_TAKEN)
    found = diagnose(home, utc_now(), quick=quick, progress=tell_progress)
    if as_json:
        print_json([vars(one) for one in found])
    for one in () if as_json else found:
        say(f"{one.level}: {one.text}\n      {one.remedy}")
    if any(one.level == "bad" for one in found):
        raise typer.Exit(int(ExitCode.REPORT_HAS_ERRORS))
    if not as_json:
        say(f"{home.root} is well" if not found else f"{home.root}: nothing is lost or wrong")
