"""``jiedao``: the command line of the project. Exit codes: 0 fine, 1 report has errors, 2 not taken, 3 our failure."""

from __future__ import annotations

import logging
import sys

import typer

from cli import (
    alerts,
    appeal,
    ask,
    card,
    collect,
    contact,
    decision,
    documents,
    export,
    files,
    portal,
    receipt,
    release,
    remark,
    review,
    run,
    stage,
    upkeep,
    user,
)
from cli.output import ExitCode, progress_console

app = typer.Typer(
    name="jiedao",
    help="Collect, check, consolidate and assess the quarterly reports of city streets.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.command()(files.template)
app.command()(files.sample)
app.command()(files.check)
app.command()(files.submit)
app.command()(files.marked)
app.command()(collect.collect)
app.command()(review.withdraw)
app.command()(run.nightly)
app.command()(run.docs)
app.command()(ask.status)
app.command()(ask.query)
app.command()(ask.shell)
app.command()(export.export)
app.command("opendata")(export.open_data)
app.command()(ask.explain)
app.command()(stage.stages)
app.command()(card.card)
app.command()(stage.assess)
app.command()(stage.whatif)
app.command()(stage.verify)
app.command()(portal.portal)
app.command()(documents.documents)
app.command()(upkeep.backup)
app.command()(upkeep.restore)
app.command()(upkeep.doctor)
app.add_typer(contact.app, name="contact")
app.add_typer(receipt.app, name="receipt")
app.add_typer(review.app, name="review")
app.add_typer(review.locks, name="lock")
app.add_typer(remark.explanations, name="explanation")
app.add_typer(remark.waivers, name="waiver")
app.add_typer(alerts.app, name="alerts")
app.add_typer(user.app, name="user")
app.add_typer(release.app, name="release")
app.add_typer(appeal.app, name="appeal")
app.add_typer(decision.app, name="decision")


def main() -> None:
    """Entry point of the console script: an unforeseen failure is reported as ours, with exit code 3."""
    try:
        app()
    except Exception as error:
        logging.getLogger(__name__).debug("unforeseen failure", exc_info=True)
        progress_console.print(f"jiedao failed: {type(error).__name__}: {error}", markup=False)
        sys.exit(int(ExitCode.OUR_FAILURE))


if __name__ == "__main__":
    main()
