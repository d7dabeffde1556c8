"""``jiedao card``: the report card of a unit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import ExitCode, fail, say
from cli.stage import Stage
from ingest.home import Home


def card(
    stage: Stage,
    unit: Annotated[str, typer.Option(help="Code of the unit.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write: .html or .pdf.")],
) -> None:
    """Write the report card of a unit in a stage: reports, quotas, scores, what to mend, on one page."""
    from portal.card import NoChineseFontError, card_html, card_of, card_pdf
    from warehouse.ask import NothingPublishedError

    makers = {".html": lambda made: card_html(made).encode(), ".pdf": card_pdf}
    if output.suffix not in makers:
        fail(f"{output}: the file's name must end with {' or '.join(makers)}", ExitCode.CANNOT_BE_TAKEN)
    try:
        data = makers[output.suffix](card_of(Home.from_environment(), unit, stage))
    except (LookupError, NoChineseFontError, NothingPublishedError) as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    output.write_bytes(data)
    say(f"{output} written")
