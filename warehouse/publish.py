"""Put a finished build in the place where it is read, in one step that a reader never sees half done.

Checkpoint, close, fsync, replace, fsync of the folder. A reader that has the old file open goes on undisturbed. A
write-ahead file beside the target would make the new file unreadable, so a build with one is refused.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.home import Home
from warehouse.freeze import FrozenBuild, read_base


class PublishRefusedError(Exception):
    """The build may not replace what is published; the message says why."""


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _seal(build: FrozenBuild, published_at: datetime) -> None:
    """Write the build's own record into its database and close it with nothing left in a write-ahead file."""
    with duckdb.connect(str(build.database)) as connection:
        connection.execute("create schema if not exists meta")
        connection.execute(
            "create or replace table meta.build as select ?::varchar as build_id, ?::timestamp as known_at, "
            "?::timestamp as published_at, ?::varchar as model_hash, ?::varchar as rulebook_hash, "
            "?::varchar as enrolment_hash",
            [
                build.build_id,
                build.known_at,
                published_at,
                build.model_hash,
                build.rulebook_hash,
                build.enrolment_hash,
            ],
        )
        # Staging reads the lake of this machine: nothing for a reader of the file, and no place for our paths.
        connection.execute("drop schema if exists staging cascade")
        connection.execute("checkpoint")
    if build.database.with_name(build.database.name + ".wal").exists():
        raise PublishRefusedError("the build's write-ahead file could not be emptied; run the build again")


def publish(home: Home, build: FrozenBuild, *, published_at: datetime) -> dict[str, Any]:
    """Replace the published warehouse by ``build``; returns the manifest.

    Raises PublishRefusedError when another build has been published since this one began. Publishing a build that is
    already in place does nothing, so that a run that broke off just after the swap can be repeated.
    """
    manifest = {
        "build_id": build.build_id,
        "known_at": build.known_at.isoformat(),
        "published_at": published_at.isoformat(),
        "base_build_id": build.base_build_id,
        "is_full_refresh": build.is_full_refresh,
        "changed_periods": list(build.changed_periods),
        "rulebook_hash": build.rulebook_hash,
        "model_hash": build.model_hash,
    }
    base = read_base(home.published)
    current = base.build["build_id"] if base else None
    if current != build.build_id:
        if current != build.base_build_id:
            raise PublishRefusedError(
                f"build {current} was published while {build.build_id} was being made from {build.base_build_id}; "
                "run the nightly again"
            )
        if not build.database.exists():
            raise PublishRefusedError(f"{build.database} is not there; run the build again")
        _seal(build, published_at)
        _fsync(build.database)
        build.database.replace(home.published)
        _fsync(home.published.parent)
    part = home.published_manifest.with_suffix(".part")
    part.write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    part.replace(home.published_manifest)
    return manifest
