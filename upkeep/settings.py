"""``upkeep.yml``, read once: what a backup holds, what the doctor looks for and says."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def settings() -> dict[str, Any]:
    """The sections of ``upkeep.yml``."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("upkeep.yml").read_text(encoding="utf-8"))
    return loaded
