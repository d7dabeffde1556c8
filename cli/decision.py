"""``jiedao decision``: what an office decides about a unit beside its reports."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cli.output import print_json, print_table, say
from cli.release import local, telling
from cli.stage import AsJson, Stage
from ingest.home import Home

app = typer.Typer(
    help="Record what an office decided: vetoes, excuses, cases, overrides, claims, late entrants.",
    no_args_is_help=True,
)


class Kind(StrEnum):
    """What a decision does."""

    veto = "veto"
    excuse = "excuse"
    case = "case"
    override = "override"
    claim = "claim"
    admit = "admit"


@app.command()
def record(
    stage: Stage,
    unit: Annotated[str, typer.Option(help="Code of the unit.")],
    kind: Annotated[Kind, typer.Option(help="veto, excuse, case, override, claim or admit.")],
    by: Annotated[str, typer.Option(help="The office that decides.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    rule: Annotated[str | None, typer.Option(help="Rule, score item or group that it is about.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="Which finding of the rule (default: the unit), or which claim.")
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(
            help="What an override sets, the kind of a case, how a claim is decided (belongs_to the unit, shared or "
            "separate; default belongs_to), or lifted to take a decision back."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record a decision about a unit; it counts from the next build on."""
    from warehouse import decision
    from warehouse.instants import utc_now

    with telling():
        made = decision.record_decision(
            Home.from_environment(),
            stage,
            unit,
            kind.value,
            by=by,
            reason=reason,
            now=utc_now(),
            rule_id=rule,
            subject=subject,
            outcome=outcome,
        )
    if as_json:
        print_json(made)
    else:
        say(f"decision {made['record_id']} about {unit} in {stage} is recorded")


@app.command("list")
def list_decisions(
    stage: Annotated[str | None, typer.Option(help="Only this stage.")] = None, as_json: AsJson = False
) -> None:
    """Show every decision, the upheld appeals among them."""
    from warehouse import decision
    from warehouse.instants import utc_now

    found = decision.list_decisions(Home.from_environment(), utc_now(), stage)
    if as_json:
        print_json(found)
        return
    columns = (
        "record_id",
        "unit_code",
        "kind",
        "rule_id",
        "subject_key",
        "outcome",
        "decided_at",
        "decided_by",
        "reason",
    )
    print_table(columns, [[local(row[one]) if one == "decided_at" else row[one] for one in columns] for row in found])
