"""One build at a time: where Superset finds the published warehouse, and a data cache that never outlives its build.

DuckDB keeps one instance per path and process while any connection is open, so a process that is never idle would go
on reading the old file behind a path that has got a new one. Each build therefore is opened under a path of its own: a
hard link, named by the file's identity.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import g, has_app_context
from flask_caching.backends.filesystemcache import FileSystemCache

from ingest.home import Home


def build_identity(published: Path) -> str:
    """Names the file that is published now; empty when there is none."""
    try:
        found = published.stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_ino:x}-{found.st_mtime_ns:x}"


def identity_of_request(published: Path) -> str:
    """The build that was published when this request first asked: what it keeps may be newer, but never older."""
    if not has_app_context():
        return build_identity(published)
    if not hasattr(g, "jiedao_build"):
        g.jiedao_build = build_identity(published)
    return str(g.jiedao_build)


def path_of_build(home: Home) -> Path:
    """A path that only the build has that is published now; the paths of earlier builds go."""
    identity = build_identity(home.published)
    links = home.root / "superset" / "builds"
    link = links / identity / home.published.name
    if not identity or link.exists():
        return link if identity else home.published
    link.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        os.link(home.published, link)
    for other in links.iterdir():
        # The file goes on for whoever has it open. A second worker may be faster.
        if other.name != build_identity(home.published):
            shutil.rmtree(other, ignore_errors=True)
    return link if link.exists() else path_of_build(home)


class BuildCache(FileSystemCache):  # type: ignore[misc] # Superset's packages are in an environment of their own
    """Flask-Caching's files, with the build in every key: a publish empties it, whether Superset runs or not."""

    def __init__(self, published: Path, *arguments: Any, **options: Any) -> None:
        """``published`` is the file whose identity goes into the keys."""
        self._published = published
        super().__init__(*arguments, **options)

    @classmethod
    def factory(cls, app: Any, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> BuildCache:
        """As Flask-Caching calls it: folder, threshold and timeout are those of ``config``."""
        del app, args
        kwargs.update(threshold=config["CACHE_THRESHOLD"], default_timeout=config["CACHE_DEFAULT_TIMEOUT"])
        return cls(Home.from_environment().published, config["CACHE_DIR"], **kwargs)

    def _get_filename(self, key: str) -> str:
        return str(super()._get_filename(f"{identity_of_request(self._published)}:{key}"))
