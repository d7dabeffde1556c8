"""Read the documents: one file, opened for each reading, so that a new build shows at the next look."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.home import Home
from portal.documents.render import documents_path

Document = dict[str, Any]


@dataclass(frozen=True)
class Build:
    """Of which build the documents are; instants are UTC."""

    build_id: str
    known_at: datetime
    published_at: datetime


class Documents:
    """The documents of one home."""

    def __init__(self, home: Home) -> None:
        """Nothing is opened yet."""
        self._path = documents_path(home)

    def of(self, unit_code: str) -> tuple[Document, Build] | None:
        """The document of a unit and the build that it is of; None when there is none."""
        if not self._path.exists():
            return None
        with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro&immutable=1", uri=True)) as store:
            body = store.execute("select body from document where unit_code = ?", [unit_code]).fetchone()
            dictionary = store.execute("select body from dictionary").fetchone()
            build = store.execute("select build_id, known_at, published_at from build").fetchone()
        if body is None:
            return None
        document: Document = json.loads(zlib.decompressobj(zdict=dictionary[0]).decompress(body[0]))
        return document, Build(build[0], datetime.fromisoformat(build[1]), datetime.fromisoformat(build[2]))
