"""What the pages of a unit show, picked from its document: the figures of one stage and one period."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlencode

from ingest.issues import catalogue
from portal.card import points_zh
from portal.documents.store import Build, Document
from warehouse.instants import to_local

Row = dict[str, Any]


@cache
def finding_titles() -> dict[str, str]:
    """What each kind of finding is called."""
    return {code: kind.title_zh for code, kind in catalogue().items()}


@dataclass(frozen=True)
class View:
    """A unit at one look.

    ``readable``: codes on the way to it that the user may open; ``build`` is None while there are no figures.
    """

    code: str
    name: str
    document: Document
    build: Build | None
    readable: frozenset[str] = frozenset()
    period: str | None = None
    stage: str | None = None
    periods: tuple[str, ...] = field(default=())

    @classmethod
    def without_figures(cls, code: str, name: str) -> View:
        """A unit of which nothing has been published."""
        return cls(code, name, {"unit": {"path": [], "level": ""}}, None)

    def rows(self, section: str, **wanted: Any) -> list[Row]:
        """Rows of a section of the document whose columns have these values."""
        rows: list[Row] = self.document.get(section, [])
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())]

    def row(self, section: str, **wanted: Any) -> Row | None:
        """The first of ``rows``."""
        return next(iter(self.rows(section, **wanted)), None)

    @property
    def stages(self) -> list[Row]:
        """The stages that have scores."""
        return self.rows("stage_list")

    @cached_property
    def score(self) -> Row | None:
        """The unit's own figures in the stage."""
        return self.row("stages", stage=self.stage)

    @cached_property
    def path(self) -> list[Row]:
        """The way from the country to the unit, each with whether the user may open it."""
        return [{**one, "opens": one["code"] in self.readable} for one in self.document["unit"]["path"]]

    @cached_property
    def trend(self) -> list[Row]:
        """Per quarter: quota findings met of those judged, and the share of those beside it; shares in per cent."""
        around = {row["period"]: row for row in self.rows("trend_around")}
        return [
            {
                **row,
                "share": _share(row),
                "around": _share(around.get(row["period"])),
                "others": around.get(row["period"]),
            }
            for row in self.rows("trend")
        ]

    @cached_property
    def states_below(self) -> list[Row]:
        """Per period: how many reports of all units below are in which state, and how many there are."""
        found: dict[str, Row] = {}
        for row in self.rows("reports_below"):
            one = found.setdefault(row["period"], {"period": row["period"], "states": {}, "expected": 0, "reported": 0})
            one["states"][row["state"]] = one["states"].get(row["state"], 0) + row["unit_count"]
            one["expected"] += row["unit_count"]
            one["reported"] += row["unit_count"] if row["is_reported"] else 0
        return list(found.values())

    @property
    def below(self) -> Row | None:
        """``states_below`` of the period."""
        return next((row for row in self.states_below if row["period"] == self.period), None)

    @cached_property
    def states(self) -> dict[str, str]:
        """Names of the states that occur below the unit."""
        return {row["state"]: row["state_zh"] for row in self.rows("reports_below")}


def _share(row: Row | None) -> float | None:
    """Met of judged, in per cent with one digit; None when nothing was judged."""
    return round(100 * row["met"] / row["judged"], 1) if row and row["judged"] else None


def view_of(
    document: Document, build: Build, *, readable: Collection[str], period: str | None, stage: str | None
) -> View:
    """The look at a document in ``period`` and ``stage``; by default the latest that have begun."""
    rows = document.get("reports", []) + document.get("reports_below", [])
    periods = tuple(sorted({row["period"] for row in rows}))
    begun = sorted({row["period"] for row in rows if row["state"] != "not_due"})
    stages = [row["stage"] for row in document.get("stage_list", [])]
    return View(
        document["unit"]["path"][-1]["code"],
        document["unit"]["name"],
        document,
        build,
        frozenset(readable),
        period if period in periods else next(reversed(begun), None),
        stage if stage in stages else max(stages, default=None),
        periods,
    )


#: Columns of the league table by which it can be sorted.
SORTED_BY = ("name", "score", "rank", "improvement", "rule_met_count", "reported_count")


_LEAGUE = (
    *("score", "max_score", "rank", "peers_count", "band_zh", "improvement", "rule_met_count", "rule_count"),
    *("state", "state_zh", "reported_count", "expected_count"),
)


def league_table(view: View, sort: str) -> list[Row]:
    """Those that report to the unit, with score and reports, sorted by a column, downwards with ``-`` before it."""
    scores = {row["code"]: row for row in view.rows("children_scores", stage=view.stage)}
    reports = {row["code"]: row for row in view.rows("children_reports", period=view.period)}
    empty = dict.fromkeys(_LEAGUE)
    rows = [
        {**empty, **reports.get(one["code"], {}), **scores.get(one["code"], {}), **one} for one in view.rows("children")
    ]
    column, is_down = sort.removeprefix("-"), sort.startswith("-")
    if column not in SORTED_BY:
        column, is_down = "score", True
    known = sorted((row for row in rows if row.get(column) is not None), key=lambda row: row[column], reverse=is_down)
    return known + [row for row in rows if row.get(column) is None]


def query_of(view: View) -> str:
    """The choice of stage and period, as the links of a page carry it on."""
    chosen = {"stage": view.stage, "period": view.period}
    given = urlencode({name: value for name, value in chosen.items() if value})
    return f"?{given}" if given else ""


def local_instant(text: str) -> str:
    """An instant of a document (UTC) in Shanghai time."""
    return f"{to_local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"


def share_zh(part: int, whole: int) -> str:
    """A share in per cent; a dash of nothing."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def signed_zh(thousandths: int | None) -> str:
    """A difference in points with its sign, a dash for none."""
    return ("+" if thousandths and thousandths > 0 else "") + points_zh(thousandths)
