"""``jiedao alerts``: messages to streets and to those above them."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Annotated

import typer

from cli.output import ExitCode, fail, print_json, print_table, say, tell_progress
from cli.stage import AsJson
from ingest.home import Home

app = typer.Typer(help="Write, send and look at messages to units.", no_args_is_help=True)

Unit = Annotated[str | None, typer.Option(help="Only messages to the unit with this code.")]


@app.command()
def send(unit: Unit = None, as_json: AsJson = False) -> None:
    """Answer mails, write what is to be told after the last publish into the outbox, send what has not been sent."""
    from alerts.replies import send_replies
    from alerts.run import send_alerts
    from alerts.settings import AlertSettingsError
    from warehouse.ask import NothingPublishedError
    from warehouse.instants import utc_now

    home, now = Home.from_environment(), utc_now()
    try:
        replies = send_replies(home, now=now)
        tell_progress(f"answers to mails: {replies.told()}")
        result = send_alerts(home, now=now, unit_code=unit, progress=tell_progress)
    except (AlertSettingsError, NothingPublishedError) as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    if as_json:
        print_json({**vars(result), "replies": vars(replies)})
    else:
        say(result.told())


@app.command(name="list")
def list_messages(unit: Unit = None, as_json: AsJson = False) -> None:
    """List messages, the latest last, with what became of each."""
    from warehouse.instants import to_local
    from warehouse.night import open_ledger

    with open_ledger(Home.from_environment()) as ledger:
        events = ledger.messages(unit)
    if as_json:
        print_json(events)
        return
    columns = ("unit_code", "as_of_on", "state", "detail", "message_id")
    rows = (
        (f"{to_local(event['recorded_at']):%Y-%m-%d %H:%M}", *(event[name] for name in columns)) for event in events
    )
    print_table(("recorded_at", *columns), rows)


@app.command()
def show(
    unit: Annotated[str, typer.Argument(help="Code of the unit.")],
    day: Annotated[str | None, typer.Option(help="Its day, such as 2026-01-31; default: the latest.")] = None,
) -> None:
    """Print a message as its unit reads it."""
    folder = Home.from_environment().root / "outbox" / Path(unit).name
    found = sorted(folder.glob(f"{Path(day).name if day else '*'}.eml"))
    if not found:
        fail(f"there is no message to {unit}{f' of {day}' if day else ''} in the outbox", ExitCode.CANNOT_BE_TAKEN)
    mail = message_from_bytes(found[-1].read_bytes(), _class=EmailMessage, policy=SMTP)
    say(str(mail["Subject"]))
    body = mail.get_body(("plain",))
    say("\n" + (str(body.get_content()) if isinstance(body, EmailMessage) else ""))
    for part in mail.iter_attachments():
        say(f"附件：{part.get_filename()}")
