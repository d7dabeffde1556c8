"""Verify a release: its files are the ones that were released, and its results follow from its own inputs.

Nothing but the folder and the code is needed: no ledger, no lake, no home. What differs is named down to the row.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.home import Home
from warehouse.assess import Judge, code_version
from warehouse.release import compute, frozen_in
from warehouse.results import as_json, sealed, sha256_of

MANIFEST = "manifest.json"


class NoReleaseError(Exception):
    """The folder holds no release."""


@dataclass(frozen=True)
class Verification:
    """What a verification found. ``findings`` is empty when every byte is as it was."""

    release_id: str
    state: str
    findings: tuple[str, ...]
    is_other_code: bool
    released_by: dict[str, str]
    verified_by: dict[str, str]
    file_count: int


def verify(release: Path, *, judge: Judge, temp_dir: Path | None = None) -> Verification:
    """Check every file of ``release`` against its manifest, then recompute the results and compare them byte for byte.

    When files are not the released ones, nothing is recomputed. Raises NoReleaseError, RulebookError,
    BuildFailedError.
    """
    manifest = read_manifest(release)
    findings = [*changed_manifest(release), *changed_files(release, manifest)]
    if not findings:
        with tempfile.TemporaryDirectory(dir=temp_dir, prefix="verify-") as folder:
            findings = _recompute(release, Path(folder), manifest, judge)
    mine = code_version()
    return Verification(
        release_id=manifest["release_id"],
        state=manifest["state"],
        findings=tuple(findings),
        is_other_code=mine["code_hash"] != manifest["code"]["code_hash"],
        released_by=manifest["code"],
        verified_by=mine,
        file_count=len(manifest["files"]),
    )


def read_manifest(release: Path) -> dict[str, Any]:
    """The manifest of a release; raises NoReleaseError."""
    path = release / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return {name: manifest[name] for name in ("release_id", "state", "stage_code", "code", "files")}
    except (OSError, ValueError, KeyError) as error:
        raise NoReleaseError(f"{release} holds no release: {MANIFEST} is missing or damaged") from error


def changed_manifest(release: Path) -> list[str]:
    """The manifest itself, unless it is byte for byte what was sealed."""
    text = (release / MANIFEST).read_text(encoding="utf-8")
    is_whole = text == as_json(sealed(json.loads(text)))
    return [] if is_whole else [f"{MANIFEST} is not the file that was released"]


def changed_files(release: Path, manifest: dict[str, Any]) -> list[str]:
    """Files that are missing, different or too many, each named."""
    there = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()} - {MANIFEST}
    found = []
    for name in sorted(there | set(manifest["files"])):
        if name not in there:
            found.append(f"{name} is missing")
        elif name not in manifest["files"]:
            found.append(f"{name} is not part of the release")
        elif sha256_of(release / name) != manifest["files"][name]:
            found.append(f"{name} is not the file that was released")
    return found


def _recompute(release: Path, work: Path, manifest: dict[str, Any], judge: Judge) -> list[str]:
    """Recompute in ``work``; names of the results that differ, each with its first differing row."""
    build = frozen_in(release, work / "build", manifest["release_id"])
    here = Home(work)
    made = compute(here, work, release, build, manifest["stage_code"], judge, with_tests=False)
    names = {path.name for path in made} | {path.name for path in (release / "results").iterdir()}
    findings = []
    for name in sorted(names):
        released, recomputed = release / "results" / name, work / "results" / name
        if not recomputed.exists():
            findings.append(f"results/{name} is not made any more")
        elif not released.exists():
            findings.append(f"results/{name} is new: the release has no such table")
        elif released.read_bytes() != recomputed.read_bytes():
            findings.append(f"results/{name} is recomputed differently: {first_difference(released, recomputed)}")
    return findings


def first_difference(released: Path, recomputed: Path) -> str:
    """The first row that only one of two Parquet files has, in words."""
    with duckdb.connect() as connection:
        for name, path in (("old", released), ("new", recomputed)):
            connection.execute(f"create view {name} as from read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')")
        columns = [[row[:2] for row in connection.execute(f"describe {name}").fetchall()] for name in ("old", "new")]
        if columns[0] != columns[1]:
            other = sorted({name for name, _ in set(columns[0]) ^ set(columns[1])}) or ["in another order"]
            return f"other columns ({', '.join(other)})"
        for here, there, words in (("old", "new", "only released"), ("new", "old", "only recomputed")):
            row = connection.execute(f"(from {here} except all from {there}) order by all limit 1").fetchone()
            if row is not None:
                cells = (
                    f"{name}={value}" for (name, _), value in zip(columns[0], row, strict=True) if value is not None
                )
                return f"{words}: {', '.join(cells)}"
    return "the same rows in other bytes: another version of the libraries wrote them"
