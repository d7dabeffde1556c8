"""Commands that ask the published warehouse: ``status``, ``query`` and ``explain``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from cli.output import ExitCode, fail, print_json, print_table, say
from cli.summary import print_summary
from ingest.home import Home
from warehouse.ask import Answer, NothingPublishedError, QueryFailedError, ask
from warehouse.instants import to_local

STATUS_SQL = """
select period, unit_code, unit_name, state, submitted_at, accepted_at, issue_count
from marts.mart_submission_status
where unit_code = $1 or district_code = $1 or city_code = $1 or province_code = $1
order by period, unit_code
"""


def _ask(sql: str, parameters: tuple[str, ...] = ()) -> Answer:
    try:
        return ask(Home.from_environment(), sql, parameters)
    except QueryFailedError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except NothingPublishedError as error:
        fail(str(error), ExitCode.OUR_FAILURE)


def status(
    unit: Annotated[str | None, typer.Option(help="Only this unit and those below it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what is published, who has reported, and where everything lies."""
    if unit is None:
        print_summary(Home.from_environment(), as_json=as_json)
        return
    answer = _ask(STATUS_SQL, (unit,))
    if not answer.rows:
        fail(f"{unit} is not on the roster", ExitCode.CANNOT_BE_TAKEN)
    if as_json:
        print_json(answer.records())
    else:
        # Instants are stored in UTC; people read them in Shanghai time.
        rows = (
            [f"{to_local(cell):%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else cell for cell in row]
            for row in answer.rows
        )
        print_table(answer.columns, rows)


def query(
    sql: Annotated[str, typer.Argument(help="SQL for DuckDB; schema `marts` holds the stable tables.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Ask the published warehouse, read-only."""
    answer = _ask(sql)
    if as_json:
        print_json(answer.records())
    else:
        print_table(answer.columns, answer.rows)
        say(f"({len(answer.rows)} rows)")


def explain(
    unit: Annotated[str, typer.Option(help="Code of the unit.")],
    period: Annotated[str | None, typer.Option(help="Findings of one period, such as 2025-Q4.")] = None,
    stage: Annotated[str | None, typer.Option(help="Score of a stage, such as S1, down to the cells.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule, such as 3d.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Explain a unit's score of a stage, or its findings of a period: clause, value and threshold, cells, receipt."""
    from cli.explanation import print_explanation, print_stage_explanation
    from warehouse.explain import explain_unit
    from warehouse.explain_stage import explain_stage

    home = Home.from_environment()
    explanation: dict[str, Any]
    try:
        if stage is not None and period is None:
            explanation, show = explain_stage(home, unit, stage, rule), print_stage_explanation
        elif period is not None and stage is None:
            explanation, show = explain_unit(home, unit, period, rule), print_explanation
        else:
            fail("say either --stage or --period", ExitCode.CANNOT_BE_TAKEN)
    except NothingPublishedError as error:
        fail(str(error), ExitCode.OUR_FAILURE)
    except LookupError as error:
        fail(str(error.args[0]), ExitCode.CANNOT_BE_TAKEN)
    if as_json:
        print_json(explanation)
    else:
        show(explanation)
