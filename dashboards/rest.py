"""Superset's REST interface, as far as we speak it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from dashboards.roles import ACCOUNT

PAGE = 100


class RefusedError(Exception):
    """Superset did not do what it was asked; the message says what it answered."""


class Superset:
    """One signed-in session; closes with ``with``."""

    def __init__(self, address: str, password: str, *, name: str = ACCOUNT, seconds: float = 120) -> None:
        """Sign in at ``address``; raises RefusedError, or httpx.TransportError when nobody answers."""
        self._client = httpx.Client(base_url=address, timeout=seconds, headers={"Referer": address})
        body = {"username": name, "password": password, "provider": "db", "refresh": False}
        token = self.ask("POST", "/api/v1/security/login", json=body)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"
        self._client.headers["X-CSRFToken"] = self.ask("GET", "/api/v1/security/csrf_token/")["result"]

    def __enter__(self) -> Superset:
        """The session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of an answer; raises RefusedError on every status but success."""
        answer = self._client.request(method, path, **options)
        if answer.is_error:
            raise RefusedError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def all(self, path: str) -> Iterator[dict[str, Any]]:
        """Every entry of a listing, which comes a hundred at a time."""
        page = 0
        while True:
            found = self.ask("GET", path, params={"q": f"(page:{page},page_size:{PAGE})"})
            yield from found["result"]
            page += 1
            if page * PAGE >= found["count"] or not found["result"]:
                return
