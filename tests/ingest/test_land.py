"""Files of the lake: whole or absent, whoever writes at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest import land
from ingest.land import lake_schemas, prepare_lake
from ingest.receive import raw_path, store_raw

WRITERS = 4


@pytest.fixture
def in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """All writers have written their part of a file before the first one puts it into place."""
    barrier = threading.Barrier(WRITERS)
    replace = Path.replace

    def replace_together(self: Path, target: Path) -> Path:
        barrier.wait(timeout=20)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", replace_together)


@pytest.mark.usefixtures("in_step")
def test_several_batches_may_be_the_first_of_a_new_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"issue": lake_schemas()["issue"]}
    monkeypatch.setattr(land, "lake_schemas", lambda: schema)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(prepare_lake, [tmp_path] * WRITERS))
    assert pq.read_schema(tmp_path / "issue" / "schema.parquet") == schema["issue"]
    assert [path.name for path in (tmp_path / "issue").iterdir()] == ["schema.parquet"]


@pytest.mark.usefixtures("in_step")
def test_the_same_file_may_be_received_several_times_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        [digest] = set(pool.map(lambda _: store_raw(tmp_path, b"report"), range(WRITERS)))
    assert raw_path(tmp_path, digest).read_bytes() == b"report"
    assert len(list(raw_path(tmp_path, digest).parent.iterdir())) == 1
