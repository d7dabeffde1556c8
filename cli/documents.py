"""``jiedao documents``: what the pages of the portal are read from."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import ExitCode, fail, say
from ingest.home import Home


def documents(force: Annotated[bool, typer.Option("--force", help="Also when they are up to date.")] = False) -> None:
    """Render the published warehouse into one document per unit, for the portal; the nightly run does it too."""
    from portal.documents.render import render
    from warehouse.ask import NothingPublishedError

    try:
        done = render(Home.from_environment(), force=force)
    except NothingPublishedError as error:
        fail(str(error), ExitCode.OUR_FAILURE)
    what = f"rendered in {done.seconds:.1f} s" if done.is_new else "up to date"
    say(f"{done.document_count} documents of build {done.build_id}, {done.size / 2**20:.1f} MB: {what}")
