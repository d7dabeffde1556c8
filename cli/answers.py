"""Answers to SQL, written while they are read: a table for people, CSV and JSON for programs."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.output import ExitCode, console, fail, jsonable, progress_console, say, table_of
from warehouse.ask import Question
from warehouse.tables import safe_text

#: A table is for people: more rows than that are not printed as one.
TABLE_ROWS = 1_000


@contextmanager
def watch() -> Iterator[Callable[[float], None]]:
    """A bar on standard error, on a terminal, while a question takes its time; gives what is to be told the share."""
    if not progress_console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("asking"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=progress_console, transient=True) as bar:
        task = bar.add_task("asking", total=100, visible=False)
        yield lambda share: bar.update(task, completed=share, visible=True)


def write_answer(question: Question, form: str, output: Path | None) -> None:
    """Write the answer as ``table``, ``csv`` or ``json``; a file appears whole or not at all."""
    writer = {"table": _write_table, "csv": _write_csv, "json": _write_json}[form]
    if output is None:
        writer(question, sys.stdout)
        return
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        try:
            with draft.open("w", encoding="utf-8", newline="") as stream:
                writer(question, stream)
            draft.replace(output)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}", ExitCode.CANNOT_BE_TAKEN)


def _write_csv(question: Question, stream: IO[str]) -> None:
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(safe_text(name) for name in question.columns)
    for piece in question.pieces():
        lines.writerows([_csv_cell(value) for value in row] for row in piece)


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict | tuple):
        return safe_text(json.dumps(value, ensure_ascii=False, default=jsonable))
    return safe_text(value)


def _write_json(question: Question, stream: IO[str]) -> None:
    stream.write("[")
    separator = "\n"
    for piece in question.pieces():
        for row in piece:
            record = dict(zip(question.columns, row, strict=True))
            stream.write(separator + json.dumps(record, ensure_ascii=False, default=jsonable))
            separator = ",\n"
    stream.write("\n]\n")


def _write_table(question: Question, stream: IO[str]) -> None:
    rows: list[tuple[Any, ...]] = []
    for piece in question.pieces():
        rows += piece
        if len(rows) > TABLE_ROWS:
            break
    is_cut = len(rows) > TABLE_ROWS
    end = f"(the first {TABLE_ROWS} rows; --format csv gives all)" if is_cut else f"({len(rows)} rows)"
    table = table_of(question.columns, rows[:TABLE_ROWS])
    if stream is sys.stdout:
        console.print(table)
        say(end)
    else:
        target = Console(file=stream, width=console.width, soft_wrap=True, highlight=False)
        target.print(table)
        target.print(end, markup=False)
