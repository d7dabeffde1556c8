"""A release of open data: tables of counts of streets, with a Data Package descriptor (specs.frictionlessdata.io)."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from exports.folder import ExportRefusedError, build_of, sha256_of, whole_folder
from exports.open_data.areas import Areas, Street, areas_of
from exports.open_data.suppression import Cell, suppress
from exports.scope import choose_periods
from exports.scoped import attached
from ingest.home import Home
from warehouse.tables import safe_text

_FOLDER = Path(__file__).resolve().parent
DESCRIPTOR = "datapackage.json"
SUPPRESSED = "suppressed"
#: From above, as streets.sql selects them.
LEVELS = ("province", "city", "district")

#: Items of a table between two lines of progress.
_TELL_EVERY = 20

Field = dict[str, Any]


def policy() -> dict[str, Any]:
    """``release.yml``: threshold, licence, sources, and the tables of a release."""
    found: dict[str, Any] = yaml.safe_load((_FOLDER / "release.yml").read_text(encoding="utf-8"))
    return found


def write_release(
    home: Home,
    period: str,
    target: Path,
    *,
    replace_target: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Write the release of ``period`` into the folder ``target``; returns its descriptor. Same build, same bytes.

    Raises NothingPublishedError, and ExportRefusedError for an unknown period or one without streets.
    """
    rules = policy()
    with attached(home) as connection, whole_folder(target, replace=replace_target) as draft:
        choose_periods(connection, (period,))
        streets = _streets(connection, period)
        if not streets:
            raise ExportRefusedError(f"no street is on the roster of {period}")
        areas = areas_of(streets, **rules["words"])
        resources = [
            _write_areas(draft, areas),
            _write_rules(connection, draft, period),
            *(
                _write_counts(connection, draft, period, table, areas, rules["threshold"], tell)
                for table in rules["tables"]
            ),
        ]
        build = build_of(connection)
        package = {
            "profile": "tabular-data-package",
            "name": f"{rules['name']}-{period.lower()}",
            "title": f"{rules['title']}, {period}",
            "description": " ".join(rules["description"].split()),
            "version": build["build_id"],
            "created": f"{build['published_at']}Z",
            "suppression_threshold": rules["threshold"],
            "licenses": rules["licenses"],
            "sources": rules["sources"],
            "resources": resources,
        }
        text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
        (draft / DESCRIPTOR).write_text(text, encoding="utf-8")
    return package


def _streets(connection: duckdb.DuckDBPyConnection, period: str) -> list[Street]:
    sql = (_FOLDER / "streets.sql").read_text(encoding="utf-8")
    rows = connection.execute(sql, {"period": period}).fetchall()
    return [
        Street(
            unit_code,
            tuple(
                (level, code, name)
                for level, code, name in zip(LEVELS, places[::2], places[1::2], strict=True)
                if code is not None
            ),
            street_class,
        )
        for unit_code, *places, street_class in rows
    ]


def _field(name: str, kind: str, title: str, **constraints: Any) -> Field:
    return {"name": name, "type": kind, "title": title, **({"constraints": constraints} if constraints else {})}


def _write_areas(folder: Path, areas: Areas) -> dict[str, Any]:
    fields = [
        _field("area_level", "string", "区域层级 Level of area", required=True, enum=_levels(areas)),
        _field("area_code", "string", "区域代码 Code of area", required=True),
        _field("area_name", "string", "区域名称 Name of area", required=True),
        _field("street_count", "integer", "应报街道数 Streets on the roster", required=True, minimum=1),
    ]
    rows = [(area.level, area.code, area.name_zh, area.street_count) for area in areas.listed]
    return _write(folder, "areas", "区域和街道数 — Areas and their streets", fields, rows, ["area_level", "area_code"])


def _levels(areas: Areas) -> list[str]:
    return sorted({area.level for area in areas.listed})


def _write_rules(connection: duckdb.DuckDBPyConnection, folder: Path, period: str) -> dict[str, Any]:
    rows = connection.execute(
        "select distinct rule_id, clause_id, quote_zh from warehouse.marts.mart_rule_result "
        "where unit_level = 'street' and period = $1 order by rule_id",
        [period],
    ).fetchall()
    fields = [
        _field("rule_id", "string", "规则代码 Rule", required=True, unique=True),
        _field("clause_id", "string", "条款编号 Clause", required=True),
        _field("quote_zh", "string", "条款原文 The sentence of the document", required=True),
    ]
    return _write(folder, "rules", "规则和条款 — Rules and clauses", fields, rows, ["rule_id"])


def _write_counts(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    period: str,
    table: dict[str, Any],
    areas: Areas,
    threshold: int,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    sql = (_FOLDER / "tables" / f"{table['name']}.sql").read_text(encoding="utf-8")
    of_item: dict[str, dict[str, str]] = {}
    for unit_code, item, category in connection.execute(sql, {"period": period}).fetchall():
        if category not in table["categories"]:
            raise ExportRefusedError(f"{table['name']}: say in release.yml that {category!r} is a category")
        of_item.setdefault(item, {})[unit_code] = category
    rows: list[tuple[Any, ...]] = []
    for number, item in enumerate(sorted(of_item)):
        if number % _TELL_EVERY == 0:
            tell(f"{table['name']}: {number + 1} of {len(of_item)}")
        counts = _count(areas, of_item[item], table["categories"], table["otherwise"])
        small = [area.key for area in areas.listed if area.street_count < threshold]
        hidden = suppress(counts, areas.relations(table["categories"], adds_up=True), threshold, small_areas=small)
        rows += _rows(areas, item, table["categories"], counts, hidden)
    fields = [
        _field("area_level", "string", "区域层级 Level of area", required=True, enum=_levels(areas)),
        _field("area_code", "string", "区域代码 Code of area", required=True),
        *([_field("item", "string", table["item_title"], required=True)] if "item_title" in table else []),
        _field("category", "string", table["category_title"], required=True, enum=table["categories"]),
        _field("street_count", "integer", "街道数 Streets", minimum=0),
        _field("status", "string", "状态（suppressed 为隐去）Status", enum=[SUPPRESSED]),
    ]
    if "item_title" not in table:
        rows = [(*row[:2], *row[3:]) for row in rows]
    key = [field["name"] for field in fields[:-2]]
    resource = _write(folder, table["name"], table["title"], fields, rows, key)
    return {**resource, "suppressed_count": sum(row[-1] == SUPPRESSED for row in rows)}


def _count(areas: Areas, found: dict[str, str], categories: Iterable[str], otherwise: str) -> dict[Cell, int]:
    counts: Counter[Cell] = Counter({(area.key, category): 0 for area in areas.listed for category in categories})
    for unit_code, keys in areas.of_street.items():
        counts.update((key, found.get(unit_code, otherwise)) for key in keys)
    return counts


def _rows(
    areas: Areas, item: str, categories: Iterable[str], counts: dict[Cell, int], hidden: set[Cell]
) -> list[tuple[Any, ...]]:
    return [
        (area.level, area.code, item, category, *((None, SUPPRESSED) if cell in hidden else (counts[cell], None)))
        for area in areas.listed
        for category in categories
        for cell in [(area.key, category)]
    ]


def _write(
    folder: Path, name: str, title: str, fields: list[Field], rows: Iterable[Sequence[Any]], key: list[str]
) -> dict[str, Any]:
    """Write a table and say what it is, as a tabular data resource."""
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        lines = csv.writer(handle, lineterminator="\n")
        lines.writerow(field["name"] for field in fields)
        lines.writerows([safe_text(value) for value in row] for row in rows)
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": path.name,
        "title": title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "schema": {"fields": fields, "primaryKey": key, "missingValues": [""]},
    }
