"""The settings and commands of docker-compose.yml against a real PostgreSQL: no Docker engine is needed for that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.home import Home
from ingest.ledger import Decision, Ledger, Receipt
from samples import generate
from tests.support.airflow import AirflowTestError, Login, RunningAirflow, free_port
from tests.support.compose import ROOT, fill_in, read_compose, read_env_file
from tests.support.night import run_night, tables_of
from tests.support.postgres import Postgres, private_postgres

PERIODS = ["2025-Q4"]
COMPONENTS_WITH_CHECK = ("api-server", "scheduler", "dag-processor", "triggerer")


@dataclass(frozen=True)
class Server:
    """What compose would run, moved to this machine: environment of init, commands and health checks by service."""

    folder: Path
    env: dict[str, str]
    services: dict[str, Any]
    api_port: int

    def ledger_url(self) -> str:
        """Address of the ledger as the settings give it."""
        return self.env["JIEDAO_LEDGER_URL"]

    def airflow_engine(self) -> sa.Engine:
        """Connection to Airflow's metadata, to look at what was made."""
        return sa.create_engine(self.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with private_postgres() as running:
        yield running


@pytest.fixture(scope="module")
def server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Databases made by the script that the postgres service runs, settings as in the file, made ready by init."""
    folder = tmp_path_factory.mktemp("server")
    subprocess.run([ROOT / "deploy" / "make_env.sh", folder / ".env"], check=True, capture_output=True)
    services = fill_in(read_compose(), read_env_file(folder / ".env"))["services"]
    environment = services["postgres"]["environment"]
    subprocess.run([ROOT / "deploy/postgres/10-databases.sh"], env={**environment, **postgres.client_env}, check=True)
    ports = {"8080": str(free_port()), "8974": str(free_port())}
    moved = _moved(services, folder, postgres.port, ports)
    env = {**_inherited(), **moved["init"]["environment"]}
    env["AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT"] = ports["8974"]
    made = Server(folder, env, moved, int(ports["8080"]))
    _run(made, moved["init"]["command"])
    return made


def _inherited() -> dict[str, str]:
    """This process's environment with the project's Python in front, as the image's PATH has it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "JIEDAO"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def _moved(node: Any, folder: Path, postgres_port: int, ports: dict[str, str]) -> Any:
    """Hosts, ports and folders of the containers replaced by those of this machine; nothing else changes."""
    if isinstance(node, dict):
        return {key: _moved(value, folder, postgres_port, ports) for key, value in node.items()}
    if isinstance(node, list):
        return [_moved(value, folder, postgres_port, ports) for value in node]
    if not isinstance(node, str):
        return node
    node = node.replace("@postgres:5432/", f"@127.0.0.1:{postgres_port}/").replace(
        "http://api-server:", "http://127.0.0.1:"
    )
    node = (
        node.replace("/opt/jiedao/app", str(ROOT))
        .replace("/var/lib/jiedao", str(folder / "home"))
        .replace("/var/lib/airflow", str(folder / "airflow"))
    )
    for port, free in ports.items():
        node = free if node == port else node.replace(f":{port}/", f":{free}/")
    return "127.0.0.1" if node == "0.0.0.0" else node  # noqa: S104 - it is replaced


def _run(server: Server, command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=server.env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def _rows(engine: sa.Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_init_makes_metadata_pools_and_the_first_user(server: Server) -> None:
    engine = server.airflow_engine()
    assert "dag_run" in sa.inspect(engine).get_table_names()
    assert {("warehouse_writer", 1), ("parse", 2)} <= set(_rows(engine, "select pool, slots from slot_pool"))
    users = """
        select u.username, r.name from ab_user u
        join ab_user_role ur on ur.user_id = u.id join ab_role r on r.id = ur.role_id
    """
    assert _rows(engine, users) == [("admin", "Admin")]


def test_init_makes_the_ledger_in_a_database_of_its_own(server: Server) -> None:
    tables = set(sa.inspect(sa.create_engine(server.ledger_url())).get_table_names())
    assert {"receipt", "decision"} <= tables and "dag_run" not in tables


def test_init_can_be_run_again(server: Server) -> None:
    assert _run(server, server.services["init"]["command"]).endswith("ready\n")
    assert len(_rows(server.airflow_engine(), "select id from ab_user")) == 1


def test_airflows_role_cannot_open_the_ledger(server: Server) -> None:
    url = sa.make_url(server.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]).set(database="ledger")
    with pytest.raises(sa.exc.OperationalError, match="permission denied"):
        sa.create_engine(url).connect()


def _start(server: Server) -> RunningAirflow:
    services = {name: one for name, one in server.services.items() if name not in ("postgres", "init", "portal")}
    return RunningAirflow(
        Path(server.env["AIRFLOW_HOME"]),
        server.env,
        server.api_port,
        components={name: one["command"][1:] for name, one in services.items()},
        login=Login(server.env["JIEDAO_ADMIN_USER"], server.env["JIEDAO_ADMIN_PASSWORD"]),
    )


def test_the_server_is_healthy_keeps_strangers_out_and_runs_the_nightly_as_the_embedded_default_does(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(Path(server.env["JIEDAO_HOME"]))
    generate(home.root, "440103", PERIODS, workers=1)
    same_files = Home(Path(shutil.copytree(home.root, tmp_path / "home")))
    airflow = _start(server)
    try:
        airflow.start()
        for name in COMPONENTS_WITH_CHECK:
            kind, *check = server.services[name]["healthcheck"]["test"]
            assert kind == "CMD", name
            _run(server, check)
        stranger = RunningAirflow(airflow.home, server.env, server.api_port, login=Login("admin", "guessed"))
        with pytest.raises(AirflowTestError, match="401"):
            stranger.runs("nightly_consolidation")
        run = airflow.trigger("nightly_consolidation", timeout=400)
        assert run.state == "success", airflow.logs()
    finally:
        airflow.stop()
    assert not (home.root / "ledger.db").exists()
    states = {state for (state,) in _rows(sa.create_engine(server.ledger_url()), "select state from build")}
    assert states == {"started", "published"}

    monkeypatch.setenv("JIEDAO_PSEUDONYM_KEY", server.env["JIEDAO_PSEUDONYM_KEY"])
    monkeypatch.delenv("JIEDAO_LEDGER_URL", raising=False)
    run_night(same_files)
    assert tables_of(home) == tables_of(same_files)


def _receipt(**changes: Any) -> Receipt:
    plain = Receipt(
        submission_id="0" * 24,
        channel="folder",
        channel_unit_code="440103001",
        file_name="一季度 “报表”.xlsx",
        file_sha256="a" * 64,
        file_size=5_000_000_000,
        submitted_at=datetime(2026, 4, 3, 1, 2, 3, 456789),
        received_at=datetime(2026, 4, 3, 1, 10),
    )
    return replace(plain, **changes)


DECISION = Decision(
    submission_id="0" * 24,
    batch_id="b1",
    decided_at=datetime(2026, 4, 3, 17, 30, 0, 1),
    state="accepted",
    reason=None,
    form="street",
    unit_code="440103001",
    period="2026-Q1",
    error_count=0,
    query_count=2,
    note_count=3,
    list_row_count=40,
)


@pytest.fixture
def ledgers(server: Server, tmp_path: Path) -> Iterator[dict[str, Ledger]]:
    """An empty ledger of each kind; the one on PostgreSQL is made in a schema of its own."""
    schema = f"test_{os.urandom(4).hex()}"
    with sa.create_engine(server.ledger_url()).begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    on_postgres = sa.make_url(server.ledger_url()).update_query_dict({"options": f"-csearch_path={schema}"})
    made = {
        "sqlite": Ledger(f"sqlite:///{tmp_path / 'ledger.db'}"),
        "postgresql": Ledger(on_postgres.render_as_string(hide_password=False)),
    }
    yield made
    for ledger in made.values():
        ledger.close()


def test_a_receipt_and_a_decision_read_back_the_same_from_sqlite_and_postgresql(ledgers: dict[str, Ledger]) -> None:
    read = {}
    for kind, ledger in ledgers.items():
        assert ledger.engine.dialect.name == kind
        assert ledger.add_receipt(_receipt()) and not ledger.add_receipt(_receipt())
        assert ledger.add_receipt(_receipt(submission_id="1" * 24, channel_unit_code=None))
        undecided = ledger.pending()
        assert ledger.add_decisions([DECISION]) == 1 and ledger.add_decisions([DECISION]) == 0
        known = ledger.submissions(DECISION.decided_at)
        earlier = ledger.submissions(datetime(2026, 4, 3, 17, 30))
        read[kind] = (undecided, ledger.pending(), known, earlier, ledger.receipts_of("440103001", "a" * 64))
    assert read["postgresql"] == read["sqlite"]
    undecided, still_undecided, known, earlier, same_content = read["postgresql"]
    assert (
        undecided == [_receipt(submission_id="1" * 24, channel_unit_code=None), _receipt()][::1] or len(undecided) == 2
    )
    assert [one.submission_id for one in still_undecided] == ["1" * 24]
    assert same_content == [_receipt()] and earlier == []
    assert known[0]["decided_at"] == DECISION.decided_at and known[0]["submitted_at"] == _receipt().submitted_at


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    "statement", ["update receipt set file_name = 'x'", "delete from receipt", "delete from decision"]
)
def test_the_ledger_refuses_to_be_changed(ledgers: dict[str, Ledger], kind: str, statement: str) -> None:
    ledger = ledgers[kind]
    ledger.add_receipt(_receipt())
    ledger.add_decisions([DECISION])
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), ledger.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert ledger.submissions(DECISION.decided_at)[0]["batch_id"] == "b1"


RELEASE = {
    "release_id": "S1-v1",
    "state": "appeals_open",
    "stage_code": "S1",
    "version": 1,
    "recorded_at": datetime(2026, 2, 1, 1, 2, 3, 4),
    "known_at": datetime(2026, 1, 21),
    "appeals_until": datetime(2026, 2, 11, 16),
    "content_hash": "b" * 64,
    "detail": "",
}
APPEAL = {
    "appeal_id": "S1-v1-0a1b2c3d",
    "release_id": "S1-v1",
    "stage_code": "S1",
    "unit_code": "440103001",
    "rule_id": "1i",
    "subject_key": "440103001/第一届",
    "contested_outcome": "fail",
    "reason": "任期日期“填错”",
    "filed_at": datetime(2026, 2, 3),
    "filed_until": datetime(2026, 2, 11, 16),
}
DECIDED = {
    "appeal_id": APPEAL["appeal_id"],
    "decision": "upheld",
    "decided_at": datetime(2026, 2, 5, 0, 0, 0, 7),
    "decided_by": "440103",
    "reason": "查实",
}
OVERRIDE = {
    "record_id": APPEAL["appeal_id"],
    "stage_code": "S1",
    "unit_code": "440103001",
    "rule_id": "1i",
    "subject_key": APPEAL["subject_key"],
    "kind": "override",
    "outcome": "pass",
    "decided_at": DECIDED["decided_at"],
    "decided_by": "440103",
    "reason": "查实",
}
EXCUSE = {**OVERRIDE, "record_id": "S1-excuse", "rule_id": None, "subject_key": None, "kind": "excuse", "outcome": None}


def _contest(ledger: Ledger) -> None:
    """A release, an appeal that is upheld, and an excuse; nothing is taken a second time."""
    assert ledger.add_release(RELEASE) and not ledger.add_release(RELEASE)
    assert ledger.add_appeal(APPEAL) and not ledger.add_appeal(APPEAL)
    assert ledger.decide_appeal(DECIDED, OVERRIDE) and not ledger.decide_appeal(
        {**DECIDED, "decision": "rejected"}, None
    )
    ledger.add_decision_record(EXCUSE)


def test_releases_appeals_and_decisions_read_back_the_same_from_sqlite_and_postgresql(
    ledgers: dict[str, Ledger],
) -> None:
    read = {}
    for kind, ledger in ledgers.items():
        _contest(ledger)
        before = ledger.decision_records(datetime(2026, 2, 5))
        read[kind] = (ledger.releases("S1"), ledger.appeals(), before, ledger.decision_records(DECIDED["decided_at"]))
    assert read["postgresql"] == read["sqlite"]
    [release], [appeal], before, records = read["postgresql"]
    assert RELEASE.items() <= release.items()
    assert APPEAL.items() <= appeal.items()
    assert (appeal["decision"], appeal["decided_at"]) == ("upheld", DECIDED["decided_at"])
    assert before == []
    assert sorted(record["record_id"] for record in records) == sorted([OVERRIDE["record_id"], EXCUSE["record_id"]])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("table", ["release", "appeal", "appeal_decision", "decision_record"])
@pytest.mark.parametrize("statement", ["update {} set reason = 'x'", "delete from {}"])
def test_releases_appeals_and_decisions_cannot_be_changed(
    ledgers: dict[str, Ledger], kind: str, table: str, statement: str
) -> None:
    ledger = ledgers[kind]
    _contest(ledger)
    text = statement.format(table).replace("reason", "detail" if table == "release" else "reason")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), ledger.engine.begin() as connection:
        connection.execute(sa.text(text))
    with ledger.engine.connect() as connection:
        assert connection.execute(sa.text(f"select count(*) from {table}")).scalar_one() > 0
