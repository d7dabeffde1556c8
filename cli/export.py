"""Commands that write files for others: ``export`` for a scope, ``opendata`` for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.output import ExitCode, fail, say, tell_progress
from cli.trail import record
from exports.folder import ExportRefusedError
from exports.scoped import FileFormat, export_scope
from ingest.home import Home
from warehouse.ask import NothingPublishedError

Target = Annotated[Path, typer.Option(help="Folder to write; it appears whole or not at all.")]
Replace = Annotated[bool, typer.Option("--force", help="Replace the folder when it is there.")]


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ExportRefusedError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    except NothingPublishedError as error:
        fail(str(error), ExitCode.OUR_FAILURE)


def export(
    scope: Annotated[str, typer.Option(help="Code of a unit: it and all that report to it; `all` for the country.")],
    to: Target,
    form: Annotated[FileFormat, typer.Option("--format", help="What to write.")] = FileFormat.PARQUET,
    period: Annotated[str | None, typer.Option(help="Only these periods, such as 2025-Q1,2025-Q2.")] = None,
    storage_version: Annotated[
        str | None, typer.Option(help="Add a file that DuckDB of this version reads, such as v1.0.0.")
    ] = None,
    force: Replace = False,
) -> None:
    """Write every mart, as far as a unit may see it, into a folder with a manifest."""
    home = Home.from_environment()
    with _refusals():
        manifest = export_scope(
            home,
            scope,
            to.resolve(),
            file_format=form,
            periods=tuple(part.strip() for part in period.split(",")) if period else (),
            storage_version=storage_version,
            replace_target=force,
            tell=tell_progress,
        )
    record(home, "export", scope)
    rows = sum(entry.get("rows", 0) for entry in manifest["files"])
    name = f"{manifest['scope']['name_zh']}（{scope}）" if manifest["scope"]["name_zh"] else scope
    say(f"{name}: {manifest['scope']['unit_count']:,} units, {len(manifest['files'])} files, {rows:,} rows in {to}")


def open_data(
    period: Annotated[str, typer.Option(help="Period to tell about, such as 2025-Q2.")],
    to: Target,
    force: Replace = False,
) -> None:
    """Write aggregates that may be published: no small counts, and none that others give away; with a Data Package."""
    from exports.open_data.release import write_release

    home = Home.from_environment()
    with _refusals():
        package = write_release(home, period, to.resolve(), replace_target=force, tell=tell_progress)
    record(home, "export_open_data", period)
    hidden = sum(resource.get("suppressed_count", 0) for resource in package["resources"])
    say(f"{period}: {len(package['resources'])} tables in {to}, {hidden:,} small or telling cells suppressed")
