"""``jiedao user``: who may sign in to the portal."""

from __future__ import annotations

import sys
from enum import StrEnum
from getpass import getuser
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cli.output import ExitCode, fail, print_json, print_table, say
from cli.stage import AsJson
from cli.trail import record
from ingest.home import Home
from portal.scopes import roles

if TYPE_CHECKING:
    from portal.scopes import Scopes
    from portal.users import UserError, Users

app = typer.Typer(help="Who may sign in to the portal.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="User name: small letters, digits and . _ -")]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a temporary password and print it, once; it must be changed.")
]

Role = StrEnum("Role", {role: role for role in roles()})  # type: ignore[misc]
RoleOption = Annotated[Role, typer.Option(help="What the user is there.")]
UnitOption = Annotated[str, typer.Option(help="Code of the unit; `all` for the whole country.")]


def _users() -> Users:
    from portal.settings import load_settings
    from portal.users import Users

    return Users(Home.from_environment().prepare().users, load_settings())


def _scopes() -> Scopes:
    from portal.scopes import Scopes

    _users()
    return Scopes(Home.from_environment().users)


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
    """Let somebody sign in. Then `jiedao contact add --channel page` lets speak, `jiedao user grant` look."""
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


def _level_of(unit: str) -> str:
    """The level of a unit, or of the country; ends the command where there is no such unit."""
    from cli.files import registers
    from ingest.registers import unit_level
    from portal.documents.render import variables

    if unit == variables()["country_code"]:
        return "country"
    if unit not in registers().unit_names:
        fail(f"there is no unit {unit}", ExitCode.CANNOT_BE_TAKEN)
    return unit_level(unit) or ""


def _known(name: str) -> str:
    if _users().find(name) is None:
        fail(f"there is no user {name}", ExitCode.CANNOT_BE_TAKEN)
    return name


@app.command()
def grant(name: Name, role: RoleOption, unit: UnitOption) -> None:
    """Let a user look at a unit and all that reports to it."""
    from portal.scopes import ScopeError
    from warehouse.instants import utc_now

    try:
        is_new = _scopes().grant(_known(name), role.value, unit, level=_level_of(unit), now=utc_now(), by=getuser())
    except ScopeError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    if is_new:
        record(Home.from_environment(), "role_granted", f"{name} {role.value} {unit}")
    say(f"{name} {'now is' if is_new else 'already was'} {role.value} of {unit}")


@app.command()
def revoke(name: Name, role: RoleOption, unit: UnitOption) -> None:
    """Take a role away, at once."""
    from portal.scopes import ScopeError
    from warehouse.instants import utc_now

    try:
        _scopes().revoke(name, role.value, unit, now=utc_now(), by=getuser())
    except ScopeError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    record(Home.from_environment(), "role_revoked", f"{name} {role.value} {unit}")
    say(f"{name} is no longer {role.value} of {unit}")


@app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """Show all users; passwords cannot be shown."""
    grants = _scopes().all()
    users = [
        {**vars(user), "roles": [f"{one.role} {one.unit_code}" for one in grants if one.user_name == user.name]}
        for user in _users().all()
    ]
    if as_json:
        print_json(users)
    else:
        columns = ("name", "is_active", "is_temporary", "created_at", "roles")
        print_table(columns, [[*(user[one] for one in columns[:-1]), ", ".join(user["roles"])] for user in users])
