"""A real Airflow for a test: scheduler with LocalExecutor, DAG processor and API server on SQLite, on free ports.

Nothing of Airflow is imported here: the test drives it from outside, as an operator would, through its REST API.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMPONENTS: Mapping[str, Sequence[str]] = {
    "api-server": ("api-server", "--workers", "1"),
    "dag-processor": ("dag-processor",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
}
START_SECONDS = 90
STOP_SECONDS = 15
TERMINAL = ("success", "failed")


@dataclass(frozen=True)
class TaskState:
    """How one task, or one mapped instance of it, ended. ``map_label`` is its readable name (map_index_template)."""

    task_id: str
    map_index: int
    map_label: str | None
    state: str | None
    try_number: int


@dataclass(frozen=True)
class RunResult:
    """A finished DAG run; ``state`` is success or failed."""

    dag_id: str
    run_id: str
    state: str
    tasks: tuple[TaskState, ...]

    def states(self, task_id: str) -> list[str | None]:
        """States of all instances of a task, in the order of their map index."""
        return [task.state for task in self.tasks if task.task_id == task_id]


@dataclass(frozen=True)
class Login:
    """A user of the FAB auth manager; without one, the simple auth manager gives everybody a token."""

    username: str
    password: str


class AirflowTestError(Exception):
    """Airflow did not start, or a run did not end in time; the message carries the ends of the logs."""


class RunningAirflow:
    """Airflow's processes and its REST API; ``home`` is AIRFLOW_HOME, ``env`` the environment of all of them."""

    def __init__(
        self,
        home: Path,
        env: dict[str, str],
        port: int,
        *,
        components: Mapping[str, Sequence[str]] = COMPONENTS,
        login: Login | None = None,
    ) -> None:
        self.home = home
        self.env = env
        self._url = f"http://127.0.0.1:{port}"
        self._components = components
        self._login = login
        self._token: str | None = None
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def cli(self, *arguments: str) -> str:
        """Run an ``airflow`` command to its end; raises `AirflowTestError` with its output when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments], env=self.env, cwd=self.home, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise AirflowTestError(
                f"airflow {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done.stdout

    def start(self) -> None:
        """Start the components, each in a session of its own, and wait until all of them report healthy."""
        for name, arguments in self._components.items():
            with (self.home / f"{name}.log").open("wb") as log:
                self._processes[name] = subprocess.Popen(
                    [sys.executable, "-m", "airflow", *arguments],
                    env=self.env,
                    cwd=self.home,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        self._until(self._is_healthy, START_SECONDS, "Airflow did not become healthy")

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, *, timeout: float = 300) -> RunResult:
        """Unpause a DAG, run it once with these params and wait for its end (``timeout`` in seconds)."""
        path = f"/api/v2/dags/{dag_id}"
        self._until(lambda: self._call("GET", path, missing_ok=True) is not None, 60, f"DAG {dag_id} was not found")
        self._call("PATCH", path, {"is_paused": False})
        run = self._call("POST", f"{path}/dagRuns", {"logical_date": None, "conf": dict(conf or {})})
        return self.wait(dag_id, run["dag_run_id"], timeout=timeout)

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Every run of a DAG as the REST API describes it."""
        return list(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns")["dag_runs"])

    def wait(self, dag_id: str, run_id: str, *, timeout: float) -> RunResult:
        """Wait until a run has ended and return how; raises `AirflowTestError` after ``timeout`` seconds."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}"
        self._until(lambda: self._call("GET", path)["state"] in TERMINAL, timeout, f"{dag_id} {run_id} did not end")
        state = self._call("GET", path)["state"]
        found = self._call("GET", f"{path}/taskInstances?limit=1000")["task_instances"]
        tasks = [
            TaskState(one["task_id"], one["map_index"], one["rendered_map_index"], one["state"], one["try_number"])
            for one in found
        ]
        return RunResult(dag_id, run_id, state, tuple(sorted(tasks, key=lambda task: (task.task_id, task.map_index))))

    def stop(self) -> None:
        """End the components and everything that they started, gently first."""
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        sessions = {process.pid for process in self._processes.values()}
        while _members(sessions) and time.monotonic() < deadline:
            for process in self._processes.values():
                process.poll()
            time.sleep(0.1)
        for pid in _members(sessions):
            os.kill(pid, signal.SIGKILL)
        for process in self._processes.values():
            process.wait()

    def logs(self, lines: int = 40) -> str:
        """The ends of the components' logs and of all task logs, for a message."""
        files = [*sorted(self.home.glob("*.log")), *sorted((self.home / "logs").rglob("attempt=*.log"))]
        return "\n".join(
            f"--- {file.relative_to(self.home)}\n" + "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
            for file in files
        )

    def _ask_token(self) -> str:
        if self._login is None:
            return str(self._call("GET", "/auth/token", token=False)["access_token"])
        body = {"username": self._login.username, "password": self._login.password}
        return str(self._call("POST", "/auth/token", body, token=False)["access_token"])

    def _is_healthy(self) -> bool:
        try:
            health = self._call("GET", "/api/v2/monitor/health", token=False)
        except (urllib.error.URLError, ConnectionError):
            return False
        return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))

    def _until(self, condition: Any, seconds: float, failure: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise AirflowTestError(f"{failure}: {name} ended with {process.returncode}\n{self.logs()}")
            if time.monotonic() > deadline:
                raise AirflowTestError(f"{failure} within {seconds:.0f} s\n{self.logs()}")
            time.sleep(0.3)

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: bool = True,
        missing_ok: bool = False,
    ) -> Any:
        headers = {"Content-Type": "application/json"}
        if token:
            self._token = self._token or self._ask_token()
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data=data, headers=headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404 and missing_ok:
                return None
            raise AirflowTestError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from error


@contextmanager
def airflow_home(
    tmp: Path, dags_folder: Path, env: Mapping[str, str] | None = None, pools: Mapping[str, int] | None = None
) -> Iterator[RunningAirflow]:
    """Make an Airflow in ``tmp``, start it, hand it out, and leave no process behind.

    ``env`` is added to the settings below; ``pools`` are made before the scheduler starts. DAGs are paused until they
    are triggered, so that no schedule starts by itself.
    """
    home = tmp / "airflow"
    home.mkdir(parents=True)
    port = free_port()
    running = RunningAirflow(home, {**_settings(home, dags_folder, port), **(env or {})}, port)
    try:
        running.cli("db", "migrate")
        for pool, slots in (pools or {}).items():
            running.cli("pools", "set", pool, str(slots), pool)
        running.start()
        yield running
    finally:
        running.stop()


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _settings(home: Path, dags_folder: Path, port: int) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW")}
    # Without bytecode every task pays the import of Airflow anew.
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        **inherited,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(48),
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }


def _members(sessions: set[int]) -> list[int]:
    """Living processes of these sessions (not zombies); a component's children stay in its session."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # After the name: state, parent, process group, session.
        if int(fields[3]) in sessions and fields[0] != "Z":
            found.append(int(entry.name))
    return found
