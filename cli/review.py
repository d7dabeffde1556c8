"""``jiedao review``, ``withdraw`` and ``lock``: what happens to an accepted report afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer

from cli.output import ExitCode, fail, print_json, print_table, say
from cli.release import local
from cli.stage import AsJson
from ingest.home import Home

app = typer.Typer(help="The level above accepts reports or sends them back.", no_args_is_help=True)
locks = typer.Typer(help="Lock a period after its deadline, with recorded exceptions.", no_args_is_help=True)

Submission = Annotated[str, typer.Argument(help="Number of the submission.")]
By = Annotated[str, typer.Option(help="Code of the unit that says so.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Period = Annotated[str, typer.Argument(help="Period, such as 2026-Q3, or the number of a notice.")]


class Kind(StrEnum):
    """What the level above may say."""

    approved = "approved"
    returned = "returned"


@contextmanager
def _telling() -> Iterator[None]:
    from warehouse.review import ReviewError

    try:
        yield
    except ReviewError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)


def _tell(event: dict[str, Any], as_json: bool, text: str) -> None:
    if as_json:
        print_json(event)
    else:
        say(text)


def _review(submission: str, kind: Kind, by: str, reason: str, as_json: bool) -> None:
    from warehouse import review
    from warehouse.instants import utc_now

    with _telling():
        event = review.review(Home.from_environment(), submission, kind.value, by=by, reason=reason, now=utc_now())
    _tell(event, as_json, f"{submission} of {event['unit_code']}, {event['period']}: {kind.value} by {by}")


@app.command()
def accept(submission: Submission, by: By, reason: Reason = "", as_json: AsJson = False) -> None:
    """Accept a report of a unit below, after the checks have accepted it."""
    _review(submission, Kind.approved, by, reason, as_json)


@app.command("return")
def return_(submission: Submission, by: By, reason: Reason, as_json: AsJson = False) -> None:
    """Send a report of a unit below back, with a reason; it no longer stands."""
    _review(submission, Kind.returned, by, reason, as_json)


@app.command("list")
def list_(
    unit: Annotated[str, typer.Option(help="A unit, with all below it; default: all.")] = "",
    period: Annotated[str | None, typer.Option(help="Only this period.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show accepted reports, and what the level above said about each; those without a word wait for one."""
    from warehouse import review
    from warehouse.instants import utc_now

    found = review.list_reviews(Home.from_environment(), utc_now(), unit, period)
    if as_json:
        print_json(found)
        return
    columns = (
        *("submission_id", "unit_code", "form", "period", "submitted_at", "review_kind", "reviewed_at", "reviewed_by"),
        *("review_reason", "is_locked"),
    )
    instants = ("submitted_at", "reviewed_at")
    print_table(columns, [[local(row[one]) if one in instants else row[one] for one in columns] for row in found])


def withdraw(submission: Submission, by: By, reason: Reason, as_json: AsJson = False) -> None:
    """Take a report of one's own back; the one accepted before it, if any, stands again."""
    from warehouse import review
    from warehouse.instants import utc_now

    with _telling():
        event = review.withdraw(Home.from_environment(), submission, by=by, reason=reason, now=utc_now())
    _tell(event, as_json, f"{submission} of {by}, {event['period']}: withdrawn")


@locks.command()
def close(
    period: Period,
    by: By,
    reason: Reason,
    unit: Annotated[str, typer.Option(help="Only for this unit and all below it; default: everyone.")] = "",
    as_json: AsJson = False,
) -> None:
    """Lock a period after its deadline: what comes later is kept and gets a receipt, but does not count."""
    from warehouse import review
    from warehouse.instants import utc_now

    with _telling():
        event = review.close(Home.from_environment(), period, by=by, reason=reason, now=utc_now(), scope=unit)
    _tell(event, as_json, f"{period} is locked for {unit or 'everyone'}")


@locks.command("except")
def except_(
    period: Period,
    unit: Annotated[str, typer.Option(help="The unit, with all below it, that may still report.")],
    until: Annotated[str, typer.Option(help="By when (ISO instant; Shanghai time unless it names a zone).")],
    by: By,
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Record an exception from a lock: what the unit has sent, and sends by then, counts."""
    from warehouse import review
    from warehouse.instants import parse_instant, utc_now

    try:
        last = parse_instant(until)
    except ValueError:
        fail(f"{until!r} is not an instant such as 2026-01-21T01:30+08:00", ExitCode.CANNOT_BE_TAKEN)
    with _telling():
        event = review.except_unit(
            Home.from_environment(), period, unit, until=last, by=by, reason=reason, now=utc_now()
        )
    _tell(event, as_json, f"{unit} may report for {period} until {local(event['effective_at'])}")


@locks.command("list")
def list_locks(as_json: AsJson = False) -> None:
    """Show locks and exceptions."""
    from warehouse import review
    from warehouse.instants import utc_now

    found = review.list_locks(Home.from_environment(), utc_now())
    if as_json:
        print_json(found)
        return
    columns = ("lock_id", "kind", "period", "scope_code", "effective_at", "recorded_at", "recorded_by", "reason")
    instants = ("effective_at", "recorded_at")
    print_table(columns, [[local(row[one]) if one in instants else row[one] for one in columns] for row in found])
