"""Versions, rights, room on the disk."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ingest.home import Home
from upkeep.finding import Finding, finding, several
from upkeep.restore import MARKER
from upkeep.settings import settings

ROOT = Path(__file__).resolve().parents[2]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)
_OTHERS = 0o077


def size_text(size: float) -> str:
    """Bytes for people."""
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GB"


def pinned() -> dict[str, str]:
    """Versions of ``requirements/base.txt`` by package."""
    return dict(_PIN.findall((ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")))


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def check_versions() -> Iterator[Finding]:
    """Python and the packages that results depend on are those that the project is proven with."""
    wanted = "{}.{}".format(*re.findall(r"\d+", _requires_python())[:2])
    found = "{}.{}".format(*sys.version_info[:2])
    if found != wanted:
        yield finding("python", found=found, wanted=wanted)
    pins = pinned()
    packages = [(name, _installed(name)) for name in settings()["doctor"]["packages"]]
    yield from several(
        "package", [f"{name} {seen} (not {pins[name]})" for name, seen in packages if seen != pins[name]]
    )


def _requires_python() -> str:
    found = re.search(r'requires-python = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return found[1] if found else ""


def check_rights(home: Home) -> Iterator[Finding]:
    """Nobody but the owner reads the state: raw files and keys are personal data and secrets."""
    places = [home.raw, home.root / "ledger.db", home.users.parent, *home.users.parent.glob("*")]
    open_ones = [path for path in places if path.exists() and path.stat().st_mode & _OTHERS]
    yield from several("rights", [path.relative_to(home.root).as_posix() for path in open_ones])


def check_space(home: Home) -> Iterator[Finding]:
    """There is room for a night."""
    limits = settings()["doctor"]
    published = home.published.stat().st_size if home.published.exists() else 0
    needed = limits["free_bytes"] + limits["free_builds"] * published
    free = shutil.disk_usage(home.root).free
    if free < needed:
        yield finding("space", free=size_text(free), needed=size_text(needed))


def check_restore(home: Home) -> Iterator[Finding]:
    """No restore broke off here."""
    if (home.root / MARKER).exists():
        yield finding("restoring")
