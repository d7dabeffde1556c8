"""Results of a stage as files that can be handed on."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from ingest.home import Home
from ingest.registers import Registers
from warehouse.freeze import FrozenBuild
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR, hash_files

#: The tables of a release, each restricted to the stage.
RELEASE_TABLES = {
    "mart_stage_score": "select * from marts.mart_stage_score where stage_code = $1 order by unit_level, unit_code",
    "mart_score_line": "select * from marts.mart_score_line where stage_code = $1 order by unit_code, rule_id",
}


class UnknownStageError(Exception):
    """The rule book has no such stage."""


def check_stage(stage_code: str) -> str:
    """``stage_code`` itself; raises UnknownStageError with those that there are."""
    known = Registers(REFERENCE_DIR, RULEBOOK_DIR).stage_codes
    if stage_code not in known:
        raise UnknownStageError(f"the rule book has no stage {stage_code!r}, only {', '.join(sorted(known))}")
    return stage_code


def write_preliminary(home: Home, folder: Path, stage_code: str) -> Path:
    """Write the preliminary results of ``stage_code`` of the build in ``folder`` as Parquet with a manifest.

    Returns the release's folder. Raises UnknownStageError. Nothing that is published is touched; the build's database,
    which nobody will publish, is removed.
    """
    build = FrozenBuild.load(folder)
    check_stage(stage_code)
    target = home.root / "releases" / stage_code / build.build_id
    target.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(build.database), read_only=True) as connection:
        for name, sql in RELEASE_TABLES.items():
            connection.sql(sql, params=[stage_code]).write_parquet(str(target / f"{name}.parquet"), compression="zstd")
    manifest = {
        "stage_code": stage_code,
        "state": "preliminary",
        "build_id": build.build_id,
        "known_at": build.known_at.isoformat(),
        "rulebook_hash": build.rulebook_hash,
        "content_hash": hash_files(target.glob("*.parquet")),
    }
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    build.database.unlink()
    return target
