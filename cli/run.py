"""Commands that run the machinery: ``nightly`` and ``docs``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import ExitCode, fail, print_json, say, tell_progress
from ingest.home import Home

if TYPE_CHECKING:
    from cli.nightly import NightResult


def nightly(
    known_at: Annotated[
        str | None,
        typer.Option(
            help="Build what was known then (ISO instant; Shanghai time unless it names a zone). Default: now."
        ),
    ] = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Make every table anew from the lake.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run the nightly consolidation without Airflow: collect, check, build, judge, publish."""
    from cli.collect import tell_troubles
    from cli.nightly import run_nightly
    from warehouse.build import BuildFailedError
    from warehouse.instants import parse_instant, utc_now
    from warehouse.night import Night
    from warehouse.publish import PublishRefusedError

    home = Home.from_environment().prepare()
    try:
        night = Night.at(utc_now(), parse_instant(known_at) if known_at else None)
    except ValueError:
        fail(f"{known_at!r} is not an instant such as 2026-01-21T01:30+08:00", ExitCode.CANNOT_BE_TAKEN)
    try:
        result = run_nightly(home, night, tell_progress, full_refresh=full_refresh)
    except (BuildFailedError, PublishRefusedError) as error:
        fail(f"The night failed; the warehouse of the night before stays published.\n{error}", ExitCode.OUR_FAILURE)
    if as_json:
        print_json(_as_record(result))
        return
    from cli.summary import print_summary

    print_summary(home)
    tell_troubles(result.collected)


def _as_record(result: NightResult) -> dict[str, Any]:
    return {
        **result.manifest,
        "accepted": sum(batch.accepted for batch in result.batches),
        "rejected": sum(batch.rejected for batch in result.batches),
        "failed_channels": {one.channel_name: one.failure for one in result.collected if one.failure},
    }


def docs() -> None:
    """Build the dbt documentation and lineage of the published warehouse: one page, to be opened without network."""
    from warehouse.build import document_published

    home = Home.from_environment().prepare()
    if not home.published.exists():
        fail("nothing is published yet: run `jiedao nightly` first", ExitCode.OUR_FAILURE)
    tell_progress("dbt describes the published warehouse")
    exit_code, page = document_published(home)
    if exit_code != 0:
        fail("dbt could not build its documentation (see above)", ExitCode.OUR_FAILURE)
    say(f"Open {page.as_uri()}")
