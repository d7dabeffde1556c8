"""docker-compose.yml is a valid compose file, holds no secret and one set of settings, and names only what exists."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from alerts.settings import AlertSettings
from tests.support.compose import (
    COMPOSE_FILE,
    ROOT,
    VARIABLE,
    MissingVariableError,
    fill_in,
    read_compose,
    read_env_file,
)

AIRFLOW_SERVICES = ("init", "api-server", "scheduler", "dag-processor", "triggerer")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|_KEY\b|FERNET|TOKEN", re.IGNORECASE)
#: A password inside a database address.
PASSWORD_IN_URL = re.compile(r"://[^:/@]+:(?P<password>[^@]+)@")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose()


@pytest.fixture(scope="module")
def env_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("server") / ".env"
    subprocess.run([ROOT / "deploy" / "make_env.sh", path], check=True, capture_output=True)
    return path


def _validator() -> Draft7Validator:
    # The official schema of the compose specification (Apache-2.0, see compose-spec.LICENSE), as of September 2021. It
    # names draft 2019-09 but keeps to the words of draft 7.
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text(encoding="utf-8"))
    return Draft7Validator({**schema, "$schema": "http://json-schema.org/draft-07/schema#"})


def test_the_file_keeps_to_the_official_schema(compose: dict[str, Any]) -> None:
    assert [error.message for error in _validator().iter_errors(compose)] == []


@pytest.mark.parametrize(
    ("service", "change"),
    [
        ("scheduler", {"comand": []}),
        ("postgres", {"restart": 3}),
        ("init", {"depends_on": {"postgres": {"condition": "up"}}}),
    ],
)
def test_the_schema_notices_what_is_wrong(compose: dict[str, Any], service: str, change: dict[str, Any]) -> None:
    services = {**compose["services"], service: {**compose["services"][service], **change}}
    assert list(_validator().iter_errors({**compose, "services": services}))


def test_the_services_of_a_server_are_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", "portal", *AIRFLOW_SERVICES}


def test_every_service_that_stays_has_a_health_check_and_comes_back(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name == "init":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"]), name


def test_airflow_waits_for_the_database_and_for_the_init_service(compose: dict[str, Any]) -> None:
    for name in AIRFLOW_SERVICES:
        waits = compose["services"][name]["depends_on"]
        assert waits["postgres"]["condition"] == "service_healthy"
        if name != "init":
            assert waits["init"]["condition"] == "service_completed_successfully"


def test_all_airflow_processes_share_one_set_of_settings(compose: dict[str, Any]) -> None:
    settings = compose["x-settings"]
    for name in AIRFLOW_SERVICES:
        environment = dict(compose["services"][name]["environment"])
        own = {key: environment.pop(key) for key in list(environment) if key.startswith("JIEDAO_ADMIN_")}
        assert environment == settings, name
        assert bool(own) == (name == "init")


def test_airflow_runs_as_an_ordinary_user_on_the_home_volume(compose: dict[str, Any]) -> None:
    home = compose["x-settings"]["JIEDAO_HOME"]
    for name in AIRFLOW_SERVICES:
        service = compose["services"][name]
        assert service["user"].partition(":")[0] not in ("", "0", "root")
        assert f"home:{home}" in service["volumes"]
    users = [line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("USER ")]
    assert users and users[-1] not in ("root", "0")


def test_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    used = {volume.partition(":")[0] for service in compose["services"].values() for volume in service["volumes"]}
    assert {name for name in used if not name.startswith(".")} == set(compose["volumes"])


def test_only_the_two_web_pages_are_published_and_only_on_loopback_unless_told_otherwise(
    compose: dict[str, Any],
) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {
        "api-server": ["${JIEDAO_WEB_ADDRESS:-127.0.0.1}:${JIEDAO_WEB_PORT:-8080}:8080"],
        "portal": ["127.0.0.1:${JIEDAO_PORTAL_PORT:-8090}:8090"],
    }


def test_the_portal_runs_on_the_same_home_and_ledger_as_the_night(compose: dict[str, Any]) -> None:
    portal = compose["services"]["portal"]
    environment = dict(portal["environment"])
    assert environment.pop("FORWARDED_ALLOW_IPS") == "*"
    assert environment == compose["x-settings"]
    assert f"home:{compose['x-settings']['JIEDAO_HOME']}" in portal["volumes"]
    assert portal["command"][:2] == ["jiedao", "portal"]


def test_every_secret_is_a_required_variable(compose: dict[str, Any]) -> None:
    secrets = {}
    for name, service in compose["services"].items():
        for key, value in service["environment"].items():
            found = PASSWORD_IN_URL.search(value)
            if found:
                secrets[name, key] = found["password"]
            elif SECRET_NAME.search(key):
                secrets[name, key] = value
    assert len(secrets) > len(AIRFLOW_SERVICES) * 5
    for place, value in secrets.items():
        match = VARIABLE.fullmatch(value)
        assert match and match["kind"] == ":?" and match["rest"], place


def test_without_the_secrets_the_file_says_what_to_do(compose: dict[str, Any]) -> None:
    with pytest.raises(MissingVariableError, match=r"deploy/make_env\.sh"):
        fill_in(compose, {})


def test_the_example_names_every_variable_and_holds_no_secret() -> None:
    example = read_env_file(ROOT / ".env.example")
    assert set(example) == {match["name"] for match in VARIABLE.finditer(COMPOSE_FILE.read_text(encoding="utf-8"))}
    assert {name: value for name, value in example.items() if SECRET_NAME.search(name) and value} == {}


def test_make_env_fills_every_secret_with_a_fresh_one(compose: dict[str, Any], env_file: Path, tmp_path: Path) -> None:
    made, example = read_env_file(env_file), read_env_file(ROOT / ".env.example")
    secrets = {name: value for name, value in made.items() if SECRET_NAME.search(name)}
    assert set(made) == set(example) and {name for name, value in made.items() if value != example[name]} == set(
        secrets
    )
    assert all(len(value) >= 43 for value in secrets.values()) and len(set(secrets.values())) == len(secrets)
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert "${" not in json.dumps(fill_in(compose, made))
    subprocess.run([ROOT / "deploy" / "make_env.sh", tmp_path / "other"], check=True, capture_output=True)
    other = read_env_file(tmp_path / "other")
    assert not {other[name] for name in secrets} & set(secrets.values())


def test_messages_stay_in_the_outbox_unless_the_environment_names_a_mail_server(
    compose: dict[str, Any], env_file: Path, tmp_path: Path
) -> None:
    made = read_env_file(env_file)
    server = {"JIEDAO_SMTP_URL": "smtp://u:p@mail.example.org", "JIEDAO_MAIL_FROM": "league@example.org"}
    for service in (*AIRFLOW_SERVICES, "portal"):
        environment = fill_in(compose, made)["services"][service]["environment"]
        assert AlertSettings.load(tmp_path, environment).smtp is None, service
        environment = fill_in(compose, {**made, **server})["services"][service]["environment"]
        settings = AlertSettings.load(tmp_path, environment)
        assert settings.smtp is not None and (settings.smtp.host, settings.from_header.addr_spec) == (
            "mail.example.org",
            "league@example.org",
        )


def test_make_env_leaves_an_env_file_alone(env_file: Path) -> None:
    before = env_file.read_bytes()
    done = subprocess.run([ROOT / "deploy" / "make_env.sh", env_file], check=True, capture_output=True, text=True)
    assert env_file.read_bytes() == before and "is there already" in done.stderr


def test_the_env_file_can_neither_be_committed_nor_get_into_the_image() -> None:
    assert (
        subprocess.run(["/usr/bin/env", "git", "check-ignore", "--quiet", ".env"], cwd=ROOT, check=False).returncode
        == 0
    )
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert "*" in patterns and not [pattern for pattern in patterns if pattern.startswith("!.")]


def test_every_setting_is_one_that_airflow_or_this_project_reads(compose: dict[str, Any]) -> None:
    from airflow.configuration import conf

    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("alerts", "ingest", "warehouse", "deploy")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".sh")
    )
    for service in AIRFLOW_SERVICES:
        for name in compose["services"][service]["environment"]:
            if name.startswith("AIRFLOW__"):
                _, section, option = name.split("__", 2)
                assert option.lower() in conf.configuration_description[section.lower()]["options"], name
            elif name != "AIRFLOW_HOME":
                assert name in code, name


def test_programs_and_folders_that_the_files_name_exist(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        words = [*service.get("command", []), *service.get("healthcheck", {}).get("test", [])]
        for word in words:
            if word.startswith("deploy/"):
                assert (ROOT / word).is_file() and (word.endswith(".py") or os.access(ROOT / word, os.X_OK)), word
    app = "/opt/jiedao/app"
    assert f"WORKDIR {app}" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert compose["x-settings"]["AIRFLOW__CORE__DAGS_FOLDER"] == f"{app}/dags"
    for pattern in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if pattern.startswith("!") and pattern != "!LICENSE":
            assert (ROOT / pattern[1:]).exists(), pattern


def test_all_packages_of_ours_are_in_the_image() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "scripts"}
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert {name for name in packages if f"!{name}" not in patterns} == set()


def test_the_image_is_made_from_the_pinned_requirements_only() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert {line.split()[1] for line in lines if line.startswith("FROM ")} == {"python:3.11-slim"}
    installs = [part for line in lines for part in line.split("&&") if "pip install" in part or "pip sync" in part]
    assert len(installs) == 3
    for install in installs:
        assert "--require-hashes" in install or ("--no-deps" in install and "--editable ." in install), install
