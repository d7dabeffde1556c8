"""``jiedao contact``: the registry of who may speak for which unit."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cli.files import registers
from cli.output import ExitCode, fail, print_json, print_table, say
from cli.stage import AsJson
from ingest.contacts import CHANNEL_KINDS, COLUMNS, CONTACTS_FILE, ROLES, Contacts, ContactsError
from ingest.home import Home

app = typer.Typer(help="Who may speak for which unit, by which channel.", no_args_is_help=True)
ChannelKind = StrEnum("ChannelKind", {kind: kind for kind in CHANNEL_KINDS})  # type: ignore[misc]
Role = StrEnum("Role", {role: role for role in ROLES})  # type: ignore[misc]
_CLERK = Role("clerk")


def _path() -> Path:
    return Home.from_environment().prepare().programme / CONTACTS_FILE


def _refuse(error: ContactsError) -> NoReturn:
    fail(f"nothing was changed: {error}", ExitCode.CANNOT_BE_TAKEN)


def _load() -> Contacts:
    from ingest.contacts import load_contacts

    try:
        return load_contacts(_path(), registers().unit_names)
    except ContactsError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)


@app.command("list")
def list_contacts(
    unit: Annotated[str | None, typer.Option(help="Only those who speak for this unit, from above too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show every right to speak that is in force or will be."""
    from ingest.scope import covers, make_scope

    found = [
        one for one in _load().contacts if unit is None or covers(make_scope([(one.unit_code, one.has_subtree)]), unit)
    ]
    if as_json:
        print_json([vars(one) for one in found])
    else:
        print_table(COLUMNS, [[getattr(one, name) for name in COLUMNS] for one in found])


@app.command()
def check() -> None:
    """Check programme/contacts.csv: exit code 2 when a line is wrong and therefore not in force."""
    contacts = _load()
    for problem in contacts.problems:
        say(problem)
    say(f"{len(contacts.contacts)} lines in force, {len(contacts.problems)} wrong")
    if contacts.problems:
        raise typer.Exit(int(ExitCode.CANNOT_BE_TAKEN))


@app.command()
def add(
    channel: Annotated[ChannelKind, typer.Option(help="How the sender sends.")],
    sender: Annotated[str, typer.Option(help="E-mail address, name of a folder, or name of a user of the page.")],
    unit: Annotated[str, typer.Option(help="Code of the unit that the sender may speak for.")],
    valid_from: Annotated[str, typer.Option(help="First day, such as 2026-01-01.")],
    valid_to: Annotated[str, typer.Option(help="Last day; default: no end.")] = "",
    role: Annotated[Role, typer.Option(help="clerk or office.")] = _CLERK,
    below: Annotated[bool, typer.Option("--below", help="And for all units below it.")] = False,
    alert_email: Annotated[str, typer.Option(help="Where messages about the unit go.")] = "",
) -> None:
    """Let a sender speak for a unit."""
    from ingest.contacts import add_contact

    values = (channel.value, sender, unit, str(below).lower(), role.value, valid_from, valid_to, alert_email)
    try:
        add_contact(_path(), dict(zip(COLUMNS, values, strict=True)), registers().unit_names)
    except ContactsError as error:
        _refuse(error)
    say(f"the sender may speak for {unit}{' and all units below it' if below else ''} from {valid_from} on")
