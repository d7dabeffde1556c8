"""``jiedao release``: a stage's results from preliminary over the appeal window to final."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from cli.output import ExitCode, fail, print_json, print_table, say, tell_progress
from cli.stage import AsJson, Stage, instant_of
from ingest.home import Home

app = typer.Typer(help="Release the results of a stage: preliminary, appeals, final.", no_args_is_help=True)


@contextmanager
def telling() -> Iterator[None]:
    """End with the message and exit code of what a release, an appeal or a decision cannot do."""
    from expectations.vocabulary import JudgeError
    from warehouse.appeal import AppealError
    from warehouse.ask import NothingPublishedError
    from warehouse.build import BuildFailedError
    from warehouse.decision import DecisionError
    from warehouse.enrolment import EnrolmentError
    from warehouse.release import ReleaseError, UnknownStageError
    from warehouse.stages import StageNotOpenError

    try:
        yield
    except (ReleaseError, UnknownStageError, AppealError, DecisionError, EnrolmentError, StageNotOpenError) as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except NothingPublishedError as error:
        fail(str(error), ExitCode.OUR_FAILURE)
    except (BuildFailedError, JudgeError) as error:
        fail(f"The stage could not be computed; nothing was changed.\n{error}", ExitCode.OUR_FAILURE)


def local(instant: Any) -> str | None:
    """A stored instant as people read it."""
    from warehouse.instants import to_local

    return None if instant is None else f"{to_local(instant):%Y-%m-%d %H:%M}"


def _print_manifest(manifest: dict[str, Any], *, as_json: bool) -> None:
    from warehouse.release import folder_of

    folder = folder_of(Home.from_environment(), manifest["release_id"], manifest["state"])
    if as_json:
        print_json({**manifest, "folder": str(folder)})
        return
    say(f"{manifest['release_id']} is {manifest['state']}: {folder}\ncontent {manifest['content_hash']}")
    if manifest["stage_state"] == "open":
        say(f"Provisional: stage {manifest['stage_code']} was still open then; this version cannot become final.")
    if manifest["difference_to"]:
        say(f"difference to {manifest['difference_to']}: {folder / 'difference' / 'difference.csv'}")


@app.command()
def create(
    stage: Stage,
    known_at: Annotated[str | None, typer.Option(help="Release what was known then (ISO). Default: now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the next version of a stage's release, in the state preliminary."""
    from expectations.build import judge_in_place
    from warehouse import release
    from warehouse.instants import utc_now

    instant = instant_of(known_at)
    tell_progress(f"==> compute {stage} from frozen inputs")
    with telling():
        manifest = release.create(Home.from_environment(), stage, now=utc_now(), known_at=instant, judge=judge_in_place)
    _print_manifest(manifest, as_json=as_json)


@app.command("open-appeals")
def open_appeals(stage: Stage, as_json: AsJson = False) -> None:
    """Open the appeal window of the preliminary release, as many days as the stage gives."""
    from warehouse import release
    from warehouse.instants import utc_now

    with telling():
        event = release.open_appeals(Home.from_environment(), stage, now=utc_now())
    if as_json:
        print_json(event)
    else:
        say(f"{event['release_id']}: appeals until {local(event['appeals_until'])} (Asia/Shanghai)")


@app.command()
def finalise(
    stage: Stage,
    force: Annotated[bool, typer.Option("--force", help="Do not wait for window and appeals; needs --reason.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why not to wait; kept in the ledger.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the release final, with the decisions about its appeals."""
    from expectations.build import judge_in_place
    from warehouse import release
    from warehouse.instants import utc_now

    if force and not (reason or "").strip():
        fail("--force needs a --reason, which the ledger keeps", ExitCode.CANNOT_BE_TAKEN)
    tell_progress(f"==> compute {stage} from the inputs of its release")
    with telling():
        manifest = release.finalise(
            Home.from_environment(),
            stage,
            now=utc_now(),
            judge=judge_in_place,
            force_reason=reason if force else None,
        )
    _print_manifest(manifest, as_json=as_json)


@app.command("list")
def list_releases(
    stage: Annotated[str | None, typer.Option(help="Only this stage.")] = None, as_json: AsJson = False
) -> None:
    """Show every release with its present state."""
    from warehouse.night import open_ledger
    from warehouse.release import states_of

    with open_ledger(Home.from_environment()) as ledger:
        found = states_of(ledger, stage)
    if as_json:
        print_json(found)
        return
    columns = ("release_id", "state", "recorded_at", "known_at", "appeals_until", "content_hash", "detail")
    instants = ("recorded_at", "known_at", "appeals_until")
    print_table(columns, [[local(row[one]) if one in instants else row[one] for one in columns] for row in found])
