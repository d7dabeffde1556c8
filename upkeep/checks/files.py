"""What the ledger names lies in the folders, and is what it was: raw store, lake, releases, outbox, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from alerts.outbox import WRITTEN, outbox_path
from ingest.forms import load_forms
from ingest.home import PSEUDONYM_KEY_VARIABLE, Home
from ingest.ledger import Ledger
from ingest.ledger.tables import BATCH, DECISION, MESSAGE, RECEIPT
from ingest.receive import raw_path
from upkeep.checks.machine import size_text
from upkeep.finding import Finding, finding, several
from warehouse.release import folder_of, states_of
from warehouse.results import sha256_of
from warehouse.verify import NoReleaseError, changed_files, changed_manifest, read_manifest

_BEAT = 5_000


def check_raw(home: Home, ledger: Ledger, *, quick: bool, progress: Callable[[str], None]) -> Iterator[Finding]:
    """Every received file is in the raw store, in full length; unless ``quick``, with the content it had."""
    sizes = {
        row["file_sha256"]: row["file_size"]
        for row in ledger.rows(sa.select(RECEIPT.c.file_sha256, RECEIPT.c.file_size))
    }
    missing, changed = [], []
    for number, (digest, size) in enumerate(sorted(sizes.items()), 1):
        path = raw_path(home.raw, digest)
        if not path.exists():
            missing.append(digest)
        elif path.stat().st_size != size or (not quick and sha256_of(path) != digest):
            changed.append(digest)
        if not quick and number % _BEAT == 0:
            progress(f"raw store: {number} of {len(sizes)} files")
    yield from several("raw_missing", missing)
    yield from several("raw_changed", changed)


def _covers(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Submission and file in the lake of the cover of every accepted report."""
    forms = load_forms()
    query = (
        sa.select(DECISION.c.submission_id, DECISION.c.form, DECISION.c.period, BATCH.c.batch_id)
        .join(BATCH, BATCH.c.submission_id == DECISION.c.submission_id)
        .where(DECISION.c.state == "accepted")
    )
    for row in ledger.rows(query):
        form = forms[row["form"]]
        yield row["submission_id"], f"{form.table(form.cover)}/period={row['period']}/batch-{row['batch_id']}.parquet"


def _is_readable(path: Path) -> bool:
    try:
        pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException):
        return False
    return True


def check_lake(home: Home, ledger: Ledger, *, quick: bool, progress: Callable[[str], None]) -> Iterator[Finding]:
    """Every accepted report has its rows; unless ``quick``, every file of the lake is read whole."""
    missing = [submission for submission, name in _covers(ledger) if not (home.lake / name).exists()]
    yield from several("lake_missing", missing)
    if quick:
        return
    damaged = []
    for number, path in enumerate(sorted(home.lake.rglob("*.parquet")), 1):
        if not path.name.startswith(".") and not _is_readable(path):
            damaged.append(path.relative_to(home.lake).as_posix())
        if number % _BEAT == 0:
            progress(f"lake: {number} files")
    yield from several("lake_damaged", damaged)


def check_releases(home: Home, ledger: Ledger) -> Iterator[Finding]:
    """Every release lies in its folder as it was sealed; `jiedao verify` recomputes it."""
    for release in states_of(ledger):
        name = release["release_id"]
        folder = folder_of(home, name, release["state"])
        if not folder.exists():
            yield finding("release_missing", name=name)
            continue
        try:
            wrong = changed_manifest(folder) + changed_files(folder, read_manifest(folder))
        except (NoReleaseError, OSError, ValueError) as error:
            wrong = [str(error)]
        if wrong:
            yield finding("release_changed", name=name, error="; ".join(wrong[:3]))


def check_outbox(home: Home, ledger: Ledger) -> Iterator[Finding]:
    """Every message that was written lies in the outbox."""
    query = sa.select(MESSAGE.c.message_id, MESSAGE.c.unit_code, MESSAGE.c.as_of_on).where(MESSAGE.c.state == WRITTEN)
    paths = (outbox_path(home, row["unit_code"], row["as_of_on"]) for row in ledger.rows(query))
    lost = [path for path in paths if not path.exists()]
    yield from several("outbox_missing", [path.relative_to(home.root).as_posix() for path in lost])


def check_keys(home: Home, ledger: Ledger, environment: dict[str, str]) -> Iterator[Finding]:
    """Reports were read, so the key of the pseudonyms must be there."""
    is_there = environment.get(PSEUDONYM_KEY_VARIABLE) or (home.users.parent / "pseudonym.key").exists()
    has_read = ledger.rows(sa.select(DECISION.c.submission_id).where(DECISION.c.state == "accepted").limit(1))
    if has_read and not is_there:
        yield finding("key_missing")


def check_builds_left(home: Home, ledger: Ledger) -> Iterator[Finding]:
    """Databases of builds that ended before they were published take room."""
    under_way = {event["build_id"] for event in ledger.builds()[-1:] if event["state"] == "started"}
    left = [path for path in home.builds.glob("*/*.duckdb*") if path.parent.name not in under_way]
    if left:
        yield finding("left_builds", size=size_text(sum(path.stat().st_size for path in left)))
