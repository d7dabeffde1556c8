"""Results of a stage as files that can be handed on."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from ingest.home import Home
from warehouse.freeze import FrozenBuild
from warehouse.project import hash_files

#: The tables of a release, each restricted to the stage.
RELEASE_TABLES = {
    "mart_stage_score": "select * from marts.mart_stage_score where stage_code = $1 order by unit_level, unit_code",
    "mart_score_line": "select * from marts.mart_score_line where stage_code = $1 order by unit_code, rule_id",
}


class UnknownStage(Exception):
    """The rule book has no such stage, or nobody takes part in it yet."""


def write_preliminary(home: Home, folder: Path, stage_code: str) -> Path:
    """Write the preliminary results of ``stage_code`` of the build in ``folder`` as Parquet with a manifest.

    Returns the release's folder. Raises UnknownStage. Nothing that is published is touched.
    """
    build = FrozenBuild.load(folder)
    target = home.root / "releases" / stage_code / build.build_id
    with duckdb.connect(str(build.database), read_only=True) as connection:
        tables = {name: connection.execute(sql, [stage_code]).to_arrow_table() for name, sql in RELEASE_TABLES.items()}
    if tables["mart_stage_score"].num_rows == 0:
        raise UnknownStage(f"no unit takes part in stage {stage_code!r}")
    target.mkdir(parents=True, exist_ok=True)
    from pyarrow.parquet import write_table

    for name, table in tables.items():
        write_table(table, target / f"{name}.parquet", compression="zstd")
    manifest = {
        "stage_code": stage_code,
        "state": "preliminary",
        "build_id": build.build_id,
        "known_at": build.known_at.isoformat(),
        "rulebook_hash": build.rulebook_hash,
        "content_hash": hash_files(target.glob("*.parquet")),
    }
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    return target
