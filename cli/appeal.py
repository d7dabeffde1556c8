"""``jiedao appeal``: a unit contests one finding of a release, an office decides."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cli.output import print_json, print_table, say
from cli.release import local, telling
from cli.stage import AsJson, Stage
from ingest.home import Home

app = typer.Typer(help="Contest a finding of a release, and decide about it.", no_args_is_help=True)


class Verdict(StrEnum):
    """How an appeal may end."""

    upheld = "upheld"
    rejected = "rejected"


class Outcome(StrEnum):
    """What an upheld appeal may make of a finding."""

    passed = "pass"
    not_applicable = "not_applicable"
    too_early = "too_early"


@app.command("file")
def file_appeal(
    unit: Annotated[str, typer.Option(help="Code of the unit.")],
    stage: Stage,
    rule: Annotated[str, typer.Option(help="The rule whose finding is contested, such as 3d.")],
    reason: Annotated[str, typer.Option(help="What the unit says.")],
    subject: Annotated[
        str | None, typer.Option(help="Which finding, where a rule has several (a term, a leader).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Contest one finding while the appeal window is open."""
    from warehouse import appeal
    from warehouse.instants import utc_now

    with telling():
        filed = appeal.file_appeal(Home.from_environment(), stage, unit, rule, reason, subject=subject, now=utc_now())
    if as_json:
        print_json(filed)
    else:
        say(f"appeal {filed['appeal_id']} against {rule} of {unit} ({filed['contested_outcome']}) is filed")


@app.command()
def decide(
    appeal_id: Annotated[str, typer.Argument(help="Number of the appeal.")],
    decision: Annotated[Verdict, typer.Option(help="upheld or rejected.")],
    by: Annotated[str, typer.Option(help="The office that decides.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    outcome: Annotated[Outcome, typer.Option(help="What the finding becomes when upheld.")] = Outcome.passed,
    as_json: AsJson = False,
) -> None:
    """Decide an appeal; an upheld one sets the finding in the final release and in every later build."""
    from warehouse import appeal
    from warehouse.instants import utc_now

    with telling():
        decided = appeal.decide_appeal(
            Home.from_environment(),
            appeal_id,
            decision.value,
            by=by,
            reason=reason,
            now=utc_now(),
            outcome=outcome.value,
        )
    if as_json:
        print_json(decided)
    else:
        finding = f"{decided['rule_id']} of {decided['unit_code']} → {decided['outcome']}"
        say(f"appeal {appeal_id} is {decision.value}: {finding}")


@app.command("list")
def list_appeals(
    stage: Annotated[str | None, typer.Option(help="Only this stage.")] = None, as_json: AsJson = False
) -> None:
    """Show every appeal, how long it has been waiting, and how it was decided."""
    from warehouse import appeal
    from warehouse.instants import utc_now

    found = appeal.list_appeals(Home.from_environment(), utc_now(), stage)
    if as_json:
        print_json(found)
        return
    columns = (
        *("appeal_id", "unit_code", "rule_id", "subject_key", "contested_outcome", "state", "days", "filed_at"),
        *("filed_until", "decided_by", "reason", "decision_reason"),
    )
    instants = ("filed_at", "filed_until")
    print_table(columns, [[local(row[one]) if one in instants else row[one] for one in columns] for row in found])
