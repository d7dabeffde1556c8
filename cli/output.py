"""How the command line speaks: results on stdout, progress and errors on stderr, stable exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

#: Width of tables that go to a file or a pipe: wide enough that nothing is cut.
PIPE_WIDTH = 100_000

console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
progress_console = Console(stderr=True, soft_wrap=True, highlight=False)


class ExitCode(IntEnum):
    """What the shell is told."""

    FINE = 0
    REPORT_HAS_ERRORS = 1
    CANNOT_BE_TAKEN = 2
    OUR_FAILURE = 3


def say(text: str) -> None:
    """Print a line for a person."""
    console.print(escape(text))


def tell_progress(text: str) -> None:
    """Print a line of progress, apart from the result."""
    progress_console.print(escape(text))


def fail(message: str, code: ExitCode) -> NoReturn:
    """End with ``message`` on stderr and ``code``."""
    progress_console.print(escape(message))
    raise typer.Exit(int(code))


def jsonable(value: Any) -> Any:
    """What JSON has no type for: decimals as numbers, dates in ISO form, the rest as text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def print_json(value: Any) -> None:
    """Print ``value`` as JSON; decimals as numbers, dates in ISO form, Chinese as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=jsonable) + "\n")


def table_of(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Rows as a table; nulls stay empty."""
    table = Table(*(escape(column) for column in columns), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if value is None else escape(str(value)) for value in row))
    return table


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as a table; nulls stay empty."""
    console.print(table_of(columns, rows))
