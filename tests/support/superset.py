"""A person at Superset: signed in by the form, asking as a browser does."""

from __future__ import annotations

import re
import secrets
from typing import Any

import httpx


class Person(httpx.Client):
    """One session; `is_in` says whether the sign-in went well."""

    def __init__(self, address: str, name: str, password: str) -> None:
        super().__init__(base_url=address, timeout=60, headers={"Referer": address})
        self.post("/login/", data={"username": name, "password": password, "csrf_token": self._token()})
        self.is_in = self.get("/api/v1/me/").is_success
        if self.is_in:
            self.headers["X-CSRFToken"] = self.get("/api/v1/security/csrf_token/").json()["result"]

    def _token(self) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/login/").text)
        assert found is not None
        return found[1]

    def chart(self, dataset: int, **query: Any) -> httpx.Response:
        """Ask the chart API for rows of a dataset."""
        asked = {"columns": [], "metrics": [], "filters": [], "extras": {}, "row_limit": 10_000, **query}
        body = {"datasource": {"id": dataset, "type": "table"}, "queries": [asked], "result_format": "json"}
        return self.post("/api/v1/chart/data", json={**body, "result_type": "full", "force": False})

    def rows(self, dataset: int, **query: Any) -> list[dict[str, Any]]:
        """As `chart`, with an answer."""
        answer = self.chart(dataset, **query)
        assert answer.is_success, answer.text
        found: list[dict[str, Any]] = answer.json()["result"][0]["data"]
        return found

    def sql(self, statement: str) -> httpx.Response:
        """Run a statement in SQL Lab."""
        body = {"database_id": 1, "sql": statement, "runAsync": False, "queryLimit": 1000}
        return self.post("/api/v1/sqllab/execute/", json={**body, "client_id": secrets.token_hex(5)})
