"""A small warehouse for tests: a lake with a few rows, the frozen inputs of a build, and dbt in this process.

``SmallWarehouse`` is the home of a product in a temporary folder. A test hands in submissions with their rows, builds,
and looks at the tables over a DuckDB connection. Units are real ones of Liwan district, people and firms are invented.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.forms import load_forms
from ingest.land import land_rows, prepare_lake
from warehouse.inputs import EXPLANATION_SCHEMA, WAIVER_SCHEMA

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"

SUBMISSION_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("submission_id", "batch_id", "channel", "channel_unit_code", "unit_code")),
        *((name, pa.string()) for name in ("form", "period", "file_sha256")),
        *((name, pa.timestamp("us")) for name in ("submitted_at", "received_at", "decided_at")),
        *((name, pa.string()) for name in ("state", "reason")),
        *((name, pa.int64()) for name in ("error_count", "query_count", "note_count", "list_row_count")),
        ("is_locked", pa.bool_()),
        *((name, pa.string()) for name in ("review_kind", "reviewed_by", "review_reason")),
        ("reviewed_at", pa.timestamp("us")),
    ]
)
ENROLMENT_SCHEMA = pa.schema(
    [
        ("scope_code", pa.string()),
        ("has_subtree", pa.bool_()),
        ("batch_code", pa.string()),
        ("from_period", pa.string()),
        ("to_period", pa.string()),
    ]
)
DECISION_RECORD_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("record_id", "stage_code", "unit_code", "rule_id", "subject_key", "kind")),
        ("outcome", pa.string()),
        ("decided_at", pa.timestamp("us")),
        ("decided_by", pa.string()),
        ("reason", pa.string()),
    ]
)
BUILD_SCHEMA = pa.schema(
    [
        ("build_id", pa.string()),
        ("known_at", pa.timestamp("us")),
        ("started_at", pa.timestamp("us")),
    ]
)


class BuildFailedError(AssertionError):
    """dbt did not succeed; the message lists what failed."""


@dataclass
class SmallWarehouse:
    """Home, lake, ledger extract and warehouse file of one test.

    ``known_at`` is the instant (UTC) as of which the next build is told; ``enrolment`` who takes part.
    """

    home: Path
    known_at: datetime = datetime(2026, 3, 1)
    enrolment: list[dict[str, Any]] = field(default_factory=list)
    submissions: dict[str, dict[str, Any]] = field(default_factory=dict)
    decision_records: list[dict[str, Any]] = field(default_factory=list)
    explanations: list[dict[str, Any]] = field(default_factory=list)
    waivers: list[dict[str, Any]] = field(default_factory=list)
    database: Path = field(init=False)

    def __post_init__(self) -> None:
        prepare_lake(self.lake_dir)
        self.database = self.home / "warehouse.duckdb"

    @property
    def lake_dir(self) -> Path:
        """Folder of the lake."""
        return self.home / "lake"

    @property
    def build_dir(self) -> Path:
        """Folder of the frozen inputs (``inputs/``) and of the judged results (``judged/``)."""
        return self.home / "build"

    def enrol(self, scope_code: str, *, has_subtree: bool = False, from_period: str = "2025-Q1") -> None:
        """Let a unit, or all below it too, take part from a period on."""
        self.enrolment.append(
            {
                "scope_code": scope_code,
                "has_subtree": has_subtree,
                "batch_code": "B1",
                "from_period": from_period,
                "to_period": None,
            }
        )

    def submit(
        self,
        submission_id: str,
        unit_code: str | None,
        period: str | None,
        rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        *,
        form: str = "street",
        state: str = "accepted",
        reason: str | None = None,
        submitted_at: datetime = datetime(2025, 4, 1),
        is_locked: bool = False,
        review_kind: str | None = None,
        reviewed_at: datetime | None = None,
    ) -> None:
        """Put one decided submission into the ledger extract and, when accepted, its rows into the lake.

        ``rows`` maps an entity (``activity``) to its rows; ``sheet`` and ``row`` are filled in. The decision falls one
        minute after the submission.
        """
        listed = {entity: list(sheet_rows) for entity, sheet_rows in (rows or {}).items()}
        sheets = {sheet.entity: sheet for sheet in load_forms()[form].sheets}
        self.submissions[submission_id] = {
            "submission_id": submission_id,
            "batch_id": submission_id,
            "channel": "folder",
            "channel_unit_code": unit_code,
            "unit_code": unit_code,
            "form": form,
            "period": period,
            "file_sha256": submission_id.rjust(64, "0"),
            "submitted_at": submitted_at,
            "received_at": submitted_at,
            "decided_at": submitted_at + timedelta(minutes=1),
            "state": state,
            "reason": reason,
            "error_count": 0 if state == "accepted" else 1,
            "query_count": 0,
            "note_count": 0,
            "is_locked": is_locked,
            "review_kind": review_kind,
            "reviewed_at": reviewed_at,
            "list_row_count": sum(len(found) for entity, found in listed.items() if sheets[entity].is_list),
        }
        if state != "accepted" or period is None:
            return
        for entity, sheet_rows in listed.items():
            where = {"submission_id": submission_id, "unit_code": unit_code, "sheet": sheets[entity].name_zh}
            landed = [{**where, "row": number, **row} for number, row in enumerate(sheet_rows, start=3)]
            land_rows(self.lake_dir, f"{form}_{entity}", period, submission_id, landed)

    def forget(self, submission_id: str) -> None:
        """Take a submission out of the ledger extract, as if it had never been known."""
        del self.submissions[submission_id]

    def freeze(self, changed_periods: Sequence[str]) -> None:
        """Write the frozen inputs of the next build."""
        inputs = self.build_dir / "inputs"
        inputs.mkdir(parents=True, exist_ok=True)
        build = [{"build_id": "b1", "known_at": self.known_at, "started_at": self.known_at}]
        periods = [{"period": period} for period in changed_periods]
        tables = {
            "submission": pa.Table.from_pylist(list(self.submissions.values()), schema=SUBMISSION_SCHEMA),
            "enrolment": pa.Table.from_pylist(self.enrolment, schema=ENROLMENT_SCHEMA),
            "decision_record": pa.Table.from_pylist(self.decision_records, schema=DECISION_RECORD_SCHEMA),
            "explanation": pa.Table.from_pylist(self.explanations, schema=EXPLANATION_SCHEMA),
            "waiver": pa.Table.from_pylist(self.waivers, schema=WAIVER_SCHEMA),
            "changed_period": pa.Table.from_pylist(periods, schema=pa.schema([("period", pa.string())])),
            "build": pa.Table.from_pylist(build, schema=BUILD_SCHEMA),
        }
        for name, table in tables.items():
            pq.write_table(table, inputs / f"{name}.parquet")

    def all_periods(self) -> list[str]:
        """Every period (or notice) that anything was submitted for."""
        return sorted({row["period"] for row in self.submissions.values() if row["period"] is not None})

    def build(
        self,
        *,
        select: str = "tag:before_judging",
        changed_periods: Sequence[str] | None = None,
        full_refresh: bool = False,
        with_tests: bool = True,
    ) -> None:
        """Freeze the inputs and run ``dbt build`` (or ``dbt run`` and seeds only); raises BuildFailedError.

        ``changed_periods`` are the periods to build again; None means all. Unit tests of dbt are left out.
        """
        periods = list(self.all_periods() if changed_periods is None else changed_periods)
        self.freeze(periods)
        # a test that also looks at tables that are not built here has to wait for them
        arguments = ["build", "--select", *select.split(), "--indirect-selection", "buildable"]
        arguments += ["--exclude-resource-type", "unit_test"]
        arguments += [] if with_tests else ["--exclude-resource-type", "test"]
        run_dbt([*arguments, *(["--full-refresh"] if full_refresh else [])], self.environment(periods))

    def environment(self, changed_periods: Sequence[str]) -> dict[str, str]:
        """Environment variables that tell dbt where this warehouse lies and what to build."""
        repository = PROJECT_DIR.parent
        return {
            "JIEDAO_BUILD_DB": str(self.database),
            "JIEDAO_HOME": str(self.home),
            "JIEDAO_BUILD_DIR": str(self.build_dir),
            "JIEDAO_CHANGED_PERIODS": ",".join(changed_periods),
            "JIEDAO_REFERENCE_DIR": str(repository / "reference"),
            "JIEDAO_FORMS_DIR": str(repository / "ingest" / "forms"),
            "JIEDAO_TEMP_DIR": str(self.home / "spill"),
        }

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Read-only connection to the warehouse, closed afterwards so that the next build may write."""
        connection = duckdb.connect(str(self.database), read_only=True)
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Result of one query."""
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def tables(self, *schemas: str) -> dict[str, list[tuple[Any, ...]]]:
        """Sorted content of every table of the given schemas, by ``schema.table``."""
        with self.connect() as connection:
            names = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where table_type = 'BASE TABLE' and list_contains(?, table_schema) order by 1",
                [list(schemas)],
            ).fetchall()
            return {name: connection.table(name).order("all").fetchall() for (name,) in names}


#: The parsed project: parsing takes longer than most builds of a test and does not depend on the home.
_PARSED: list[Manifest] = []


def _parsed_project(folders: tuple[str, ...]) -> Manifest:
    """A copy of the parsed project, since a run writes into what it is given."""
    from dbt.cli.main import dbtRunner

    if not _PARSED:
        outcome = dbtRunner().invoke(["--quiet", "parse", *folders])
        if not outcome.success:
            raise BuildFailedError(str(outcome.exception))
        _PARSED.append(outcome.result)
    return _PARSED[0].deepcopy()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    folder = Path.cwd()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(folder)


def run_dbt(arguments: Sequence[str], variables: Mapping[str, str]) -> None:
    """Run dbt in this process with its logs beside the warehouse; raises BuildFailedError with what went wrong."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    home = Path(variables["JIEDAO_HOME"])
    folders = ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    folders += ["--target-path", str(home / "target"), "--log-path", str(home / "logs")]
    with _environment(variables):
        outcome = dbtRunner(manifest=_parsed_project(tuple(folders))).invoke(["--quiet", *arguments, *folders])
    # dbt keeps the file open as long as the process lives; nobody else could open it with other settings
    DuckDBConnectionManager.close_all_connections()
    if outcome.success:
        return
    if outcome.exception is not None:
        raise BuildFailedError(str(outcome.exception)) from outcome.exception
    failed = [result for result in outcome.result if result.status in ("error", "fail")]
    raise BuildFailedError("\n".join(f"{result.node.unique_id}: {result.message}" for result in failed))
