"""``jiedao user``: who may sign in to the portal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cli.output import ExitCode, fail, print_json, print_table, say
from cli.stage import AsJson
from ingest.home import Home

if TYPE_CHECKING:
    from portal.users import UserError, Users

app = typer.Typer(help="Who may sign in to the portal.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="User name: small letters, digits and . _ -")]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a temporary password and print it, once; it must be changed.")
]


def _users() -> Users:
    from portal.settings import load_settings
    from portal.users import Users

    return Users(Home.from_environment().prepare().users, load_settings())


def _refuse(error: UserError) -> NoReturn:
    fail(str(error), ExitCode.CANNOT_BE_TAKEN)


def _password(*, is_generated: bool) -> str:
    """A new password: made, asked for twice, or the first line of what is piped in; never an argument."""
    from portal.users import generated_password

    if is_generated:
        return generated_password()
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


@app.command()
def add(name: Name, generate: Generate = False) -> None:
    """Let somebody sign in. For which units: `jiedao contact add --channel page --sender NAME …`."""
    from portal.users import UserError
    from warehouse.instants import utc_now

    password = _password(is_generated=generate)
    try:
        _users().add(name, password, is_temporary=generate, now=utc_now())
    except UserError as error:
        _refuse(error)
    say(password if generate else f"{name} may sign in")


@app.command()
def password(name: Name, generate: Generate = False) -> None:
    """Give a user a new password, and let one that was disabled in again; ends all sessions of the user."""
    from portal.users import UserError

    new = _password(is_generated=generate)
    try:
        _users().set_password(name, new, is_temporary=generate)
    except UserError as error:
        _refuse(error)
    say(new if generate else f"{name} has a new password")


@app.command()
def disable(name: Name) -> None:
    """Let a user in no more; ends all sessions of the user at once."""
    from portal.users import UserError

    try:
        _users().disable(name)
    except UserError as error:
        _refuse(error)
    say(f"{name} may not sign in any more")


@app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """Show all users; passwords cannot be shown."""
    users = [vars(user) for user in _users().all()]
    if as_json:
        print_json(users)
    else:
        columns = ("name", "is_active", "is_temporary", "created_at")
        print_table(columns, [[user[column] for column in columns] for user in users])
