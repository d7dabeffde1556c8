"""Commands that ask the published warehouse: ``status``, ``query``, ``shell`` and ``explain``."""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import ExitCode, fail, print_json, print_table
from cli.summary import print_summary
from cli.trail import record
from ingest.home import Home
from warehouse.ask import (
    Answer,
    Limits,
    NothingPublishedError,
    QueryFailedError,
    Question,
    ask,
    open_limited,
)
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


class AnswerFormat(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def query(
    sql: Annotated[
        str | None, typer.Argument(help="SQL for DuckDB; schema `marts` holds the stable tables.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Read the SQL from a file; - for standard input.", show_default=False)
    ] = None,
    form: Annotated[AnswerFormat, typer.Option("--format", help="How to write the rows.")] = AnswerFormat.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to a file instead of standard output.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds after which it is stopped.")] = Limits.seconds,
    memory: Annotated[str, typer.Option(help="Memory it may take.")] = Limits.memory,
) -> None:
    """Ask the published warehouse, read-only."""
    from cli.answers import watch, write_answer

    text = _sql_of(sql, file)
    limits = Limits(memory=memory, seconds=timeout)
    try:
        with open_limited(Home.from_environment(), limits) as connection, watch() as on_progress:
            question = Question(connection, text, seconds=timeout, on_progress=on_progress)
            write_answer(question, AnswerFormat.JSON if as_json else form, output)
        if output is not None:
            record(Home.from_environment(), "export_query", text)
    except QueryFailedError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except NothingPublishedError as error:
        fail(str(error), ExitCode.OUR_FAILURE)
    except KeyboardInterrupt:
        fail("stopped", ExitCode.CANNOT_BE_TAKEN)


def _sql_of(sql: str | None, file: Path | None) -> str:
    if (sql is None) == (file is None):
        fail("give the SQL, or a file of it with --file", ExitCode.CANNOT_BE_TAKEN)
    try:
        text = sql if file is None else sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}", ExitCode.CANNOT_BE_TAKEN)
    if not (text or "").strip():
        fail("there is no SQL", ExitCode.CANNOT_BE_TAKEN)
    return text or ""


def shell(
    timeout: Annotated[float, typer.Option(min=1, help="Seconds after which a statement is stopped.")] = Limits.seconds,
    memory: Annotated[str, typer.Option(help="Memory a statement may take.")] = Limits.memory,
) -> None:
    """Ask the published warehouse at a prompt, read-only: tables and columns are completed, `.help` says the rest."""
    from cli.shell import Shell

    try:
        with Shell(Home.from_environment(), Limits(memory=memory, seconds=timeout)) as prompt:
            failed = prompt.run()
    except QueryFailedError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except NothingPublishedError as error:
        fail(str(error), ExitCode.OUR_FAILURE)
    if failed and not sys.stdin.isatty():
        raise typer.Exit(int(ExitCode.CANNOT_BE_TAKEN))


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
