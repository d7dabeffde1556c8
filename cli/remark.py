"""``jiedao explanation`` and ``waiver``: a unit explains a query, an office waives a check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from cli.output import ExitCode, fail, print_json, print_table, say
from cli.release import local
from cli.stage import AsJson
from ingest.home import Home

explanations = typer.Typer(help="Explain what the checks ask about a report.", no_args_is_help=True)
waivers = typer.Typer(help="Let reports pass with a finding, in public.", no_args_is_help=True)

Submission = Annotated[str, typer.Argument(help="Number of the submission.")]


@contextmanager
def _telling() -> Iterator[None]:
    from warehouse.remarks import RemarkError

    try:
        yield
    except RemarkError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)


@explanations.command("add")
def add_explanation(
    submission: Submission,
    finding: Annotated[str, typer.Argument(help="The query: its key, its check, or sheet!cell.")],
    by: Annotated[str, typer.Option(help="Code of the unit that says so: its own, or one above it.")],
    text: Annotated[str, typer.Option(help="The explanation.")],
    as_json: AsJson = False,
) -> None:
    """Record what a unit says about a query; it holds for as long as the value stays."""
    from warehouse import remarks
    from warehouse.instants import utc_now

    with _telling():
        events = remarks.explain_finding(Home.from_environment(), submission, finding, by=by, text=text, now=utc_now())
    if as_json:
        print_json(events)
    for event in () if as_json else events:
        say(f"{submission} of {event['unit_code']}, {event['issue_code']}: explained ({event['finding_key']})")


@explanations.command("list")
def list_explanations(submission: Submission, as_json: AsJson = False) -> None:
    """Show the queries of a report, with what was said about each."""
    from warehouse import remarks
    from warehouse.instants import utc_now

    with _telling():
        found = remarks.list_queries(Home.from_environment(), submission, utc_now())
    if as_json:
        print_json(found)
        return
    columns = ("finding_key", "state", "sheet", "cell", "code", "message", "explained_by", "explained_at", "text")
    print_table(columns, [[local(row[one]) if one == "explained_at" else row[one] for one in columns] for row in found])


@waivers.command("grant")
def grant(
    unit: Annotated[str, typer.Argument(help="Code of the unit; all below it are meant too.")],
    check: Annotated[str, typer.Argument(help="Code of the check, such as uscc_invalid.")],
    from_period: Annotated[str, typer.Option("--from", help="First period, such as 2026-Q1.")],
    by: Annotated[str, typer.Option(help="Code of the unit whose office grants it.")],
    reason: Annotated[str, typer.Option(help="Why; it is published.")],
    to_period: Annotated[str | None, typer.Option("--to", help="Last period; default: until further notice.")] = None,
    as_json: AsJson = False,
) -> None:
    """Waive a check: what it finds in the next files no longer blocks them. Published with office and reason."""
    from warehouse import remarks
    from warehouse.instants import utc_now

    with _telling():
        event = remarks.grant_waiver(
            Home.from_environment(), unit, check, from_period=from_period, to_period=to_period, by=by, reason=reason,
            now=utc_now(),
        )  # fmt: skip
    if as_json:
        print_json(event)
    else:
        say(f"{event['waiver_id']}: {check} is waived for {unit} from {from_period} on by {event['office_name']}")


@waivers.command("revoke")
def revoke(
    waiver: Annotated[str, typer.Argument(help="Number of the waiver.")],
    by: Annotated[
        str, typer.Option(help="Code of the unit whose office revokes it: the one that granted it or above.")
    ],
    reason: Annotated[str, typer.Option(help="Why; it is published.")],
    as_json: AsJson = False,
) -> None:
    """Take a waiver back: the next files are checked without it; what was decided under it stays."""
    from warehouse import remarks
    from warehouse.instants import utc_now

    with _telling():
        event = remarks.revoke_waiver(Home.from_environment(), waiver, by=by, reason=reason, now=utc_now())
    if as_json:
        print_json(event)
    else:
        say(f"{waiver}: revoked by {event['office_name']}")


@waivers.command("list")
def list_waivers(
    unit: Annotated[str | None, typer.Option(help="Only those that are about this unit.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show waivers."""
    from warehouse import remarks
    from warehouse.instants import utc_now

    found = remarks.list_waivers(Home.from_environment(), utc_now(), unit)
    if as_json:
        print_json(found)
        return
    columns = (
        *("waiver_id", "scope_code", "issue_code", "from_period", "to_period", "office_code", "office_name"),
        *("recorded_at", "reason", "revoked_at", "revoked_by", "revocation_reason"),
    )
    print_table(columns, [[local(row[one]) if one.endswith("_at") else row[one] for one in columns] for row in found])
