"""docker-compose.yml as a test reads it: parsed, and with its variables filled in as compose fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?:(?P<kind>:[?-])(?P<rest>[^}]*))?\}")


class MissingVariableError(Exception):
    """A variable that the file requires is not set; the message is the file's own."""


def read_compose() -> dict[str, Any]:
    """The file as YAML, anchors and merges resolved, variables as they are written."""
    return dict(yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8")))


def fill_in(node: Any, variables: Mapping[str, str]) -> Any:
    """``node`` with every ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}`` replaced."""
    if isinstance(node, dict):
        return {key: fill_in(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [fill_in(value, variables) for value in node]
    return VARIABLE.sub(lambda match: _value(match, variables), node) if isinstance(node, str) else node


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    value = variables.get(match["name"], "")
    if value or match["kind"] is None:
        return value
    if match["kind"] == ":?":
        raise MissingVariableError(f"{match['name']}: {match['rest']}")
    return match["rest"]


def read_env_file(path: Path) -> dict[str, str]:
    """Variables of an env file: ``NAME=value`` lines, comments and quotes left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value.strip("'") for name, _, value in pairs}
