"""How the portal behaves and what it says: ``portal.yml`` and ``texts.yml``, read once."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
#: Address under which people reach the portal.
PORTAL_VARIABLE = "JIEDAO_PORTAL_URL"


@dataclass(frozen=True)
class Settings:
    """What ``portal.yml`` says; ``is_secure``: browsers reach the portal by https, so cookies never leave it."""

    session_idle_minutes: int
    session_longest_minutes: int
    attempts_window_minutes: int
    attempts_per_user: int
    attempts_per_address: int
    first_pause_seconds: int
    longest_pause_seconds: int
    password_min_chars: int
    password_max_chars: int
    checks_at_once: int
    previews_kept: int
    history_rows: int
    form_bytes: int
    drained_bytes: int
    file_name_chars: int
    map_file: str
    audit_rows: int
    is_secure: bool = True


def load_yaml(name: str) -> dict[str, Any]:
    """A data file beside the code."""
    loaded: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return loaded


def load_settings(*, is_secure: bool = True) -> Settings:
    """The settings; raises TypeError when ``portal.yml`` lacks a line or has one too many."""
    return Settings(**load_yaml("portal.yml"), is_secure=is_secure)


@cache
def texts() -> dict[str, Any]:
    """``texts.yml``: what the pages say."""
    return load_yaml("texts.yml")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def needs_https(host: str) -> bool:
    """Whether browsers must come by https: always, except to a loopback address that no https address stands for."""
    return not is_loopback(host) or (os.environ.get(PORTAL_VARIABLE) or "").startswith("https://")
