"""Commands about stages that publish nothing: ``stages``, ``assess``, ``whatif`` and ``verify``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import ExitCode, fail, print_json, print_table, say, tell_progress
from ingest.home import Home

Stage = Annotated[str, typer.Option(help="Code of the stage, such as S1.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def instant_of(text: str | None) -> datetime | None:
    """An instant given on the command line, as UTC; ends with exit code 2 when it is none or not yet past."""
    from warehouse.instants import parse_instant, utc_now

    if text is None:
        return None
    try:
        instant = parse_instant(text)
    except ValueError:
        fail(f"{text!r} is not an instant such as 2026-01-21T01:30+08:00", ExitCode.CANNOT_BE_TAKEN)
    if instant > utc_now():
        fail(f"{text} lies in the future: what will be known then cannot be reproduced", ExitCode.CANNOT_BE_TAKEN)
    return instant


def stages(as_json: AsJson = False) -> None:
    """Show the stages: when each opens, until when its reports count, and where it stands today."""
    from warehouse.instants import utc_now
    from warehouse.project import RULEBOOK_DIR
    from warehouse.stages import windows

    now = utc_now()
    found = [{**asdict(window), "state": window.state_at(now)} for window in windows(RULEBOOK_DIR)]
    if as_json:
        print_json(found)
    else:
        print_table(tuple(found[0]), [list(row.values()) for row in found])


def assess(
    stage: Stage,
    known_at: Annotated[
        str, typer.Option(help="What was known then counts (ISO instant; Shanghai time unless it names a zone).")
    ],
    rulebook: Annotated[
        str | None, typer.Option(help="Folder with a rule book, or one of our versions. Default: ours as it is.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for the results.")] = None,
    as_json: AsJson = False,
) -> None:
    """Assess a stage as it was known on an instant, by any rule book; nothing is published."""
    from expectations.build import judge_in_place
    from expectations.vocabulary import JudgeError
    from warehouse import assess as assessing
    from warehouse.build import BuildFailedError
    from warehouse.enrolment import EnrolmentError
    from warehouse.rulebook_files import RulebookError
    from warehouse.stages import StageNotOpenError

    instant = instant_of(known_at)
    assert instant is not None  # noqa: S101 - known_at is a text here
    try:
        tell_progress(f"==> assess {stage} in a folder of its own")
        found = assessing.assess(
            Home.from_environment(), stage, known_at=instant, judge=judge_in_place, rulebook=rulebook, out=output
        )
    except (RulebookError, StageNotOpenError, EnrolmentError, assessing.TargetExistsError) as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except (BuildFailedError, JudgeError) as error:
        fail(f"The stage could not be computed; nothing was changed.\n{error}", ExitCode.OUR_FAILURE)
    if as_json:
        print_json({**found.manifest, "folder": str(found.folder)})
        return
    if found.manifest["stage_state"] == "open":
        say(f"Provisional: stage {stage} was still open then, reports could still come or be corrected.")
    say(f"{found.folder}\ncontent {found.manifest['content_hash']}")
    print_table(("sha256", "file"), [(digest, name) for name, digest in found.manifest["files"].items()])


def whatif(
    stage: Stage,
    rulebook: Annotated[str | None, typer.Option(help="Folder with a rule book, or one of our versions.")] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="Set one value, such as rule.3d.lower_bound=8; may be given several times."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what another rule book would change in a stage; nothing that is published is touched."""
    from cli.whatif import print_whatif
    from expectations.build import judge_in_place
    from expectations.vocabulary import JudgeError
    from warehouse.ask import NothingPublishedError
    from warehouse.build import BuildFailedError
    from warehouse.rulebook_files import RulebookError
    from warehouse.whatif import StaleWarehouseError, what_if

    if not rulebook and not overrides:
        fail("say what would be different: --rulebook, --set or both", ExitCode.CANNOT_BE_TAKEN)
    try:
        found = what_if(
            Home.from_environment(), stage, judge=judge_in_place, rulebook=rulebook, overrides=overrides or []
        )
    except RulebookError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except (NothingPublishedError, StaleWarehouseError) as error:
        fail(str(error), ExitCode.OUR_FAILURE)
    except (BuildFailedError, JudgeError) as error:
        fail(f"The stage could not be computed; nothing was changed.\n{error}", ExitCode.OUR_FAILURE)
    if as_json:
        print_json(found)
    else:
        print_whatif(found)


def verify(
    release: Annotated[str, typer.Argument(help="Folder of a release, or its number such as S1-v1.")],
    as_json: AsJson = False,
) -> None:
    """Check a release file by file, recompute it from its own inputs and compare byte for byte."""
    from expectations.build import judge_in_place
    from expectations.vocabulary import JudgeError
    from warehouse.build import BuildFailedError
    from warehouse.rulebook_files import RulebookError
    from warehouse.verify import NoReleaseError
    from warehouse.verify import verify as check

    try:
        found = check(_release_folder(release), judge=judge_in_place)
    except NoReleaseError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except (BuildFailedError, JudgeError, RulebookError) as error:
        fail(f"The release could not be recomputed with this code.\n{error}", ExitCode.OUR_FAILURE)
    if as_json:
        print_json({**vars(found), "verified": not found.findings})
    else:
        _print_verification(found)
    if found.findings:
        raise typer.Exit(int(ExitCode.REPORT_HAS_ERRORS))


def _release_folder(release: str) -> Path:
    """The folder that is named, or the final (else the first) form of the release with that number."""
    from warehouse.release import FINAL, PRELIMINARY, folder_of

    home = Home.from_environment()
    by_number = [folder_of(home, release, state) for state in (FINAL, PRELIMINARY)]
    return next((folder for folder in (Path(release), *by_number) if folder.is_dir()), Path(release))


def _print_verification(found: Any) -> None:
    name = f"{found.release_id} ({found.state})"
    if found.is_other_code:
        say(f"Released by code {found.released_by['name']}, verified by other code, {found.verified_by['name']}.")
    if not found.findings:
        say(f"{name} is verified: {found.file_count} files are as released, and the results follow from the inputs.")
        return
    say(f"{name} is NOT verified:")
    for finding in found.findings:
        say(f"  {finding}")
