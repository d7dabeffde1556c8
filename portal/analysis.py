"""What the pages of rules, stages, money and claims show, picked from the document of a unit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from portal.documents.shared import Shared
from portal.figures import View
from warehouse.wording import number_zh, ranges, record_text, threshold_zh

Row = dict[str, Any]
OUTCOMES = ("pass", "fail", "not_evaluated", "not_applicable", "too_early", "not_decided")
#: Outcomes that count in a rate.
OWED = ("pass", "fail", "not_evaluated")
#: From the top down.
LEVELS = ("country", "province", "city", "district", "street")
KINDS = ("own", "superior", "member_unit")
#: Rows of the longest lists that a page shows.
SHOWN = 200
#: What a record says of people stays out of the pages.
PRIVATE = frozenset({"decided_by", "recorded_by"})


def yuan_zh(value: float | None) -> str:
    """An amount in yuan with its thousands set apart, a dash for none."""
    if value is None:
        return "—"
    return f"{value:,.2f}".removesuffix(".00")


def bounds_zh(rule: Row) -> str:
    """What a rule asks for, with its unit of measure."""
    return threshold_zh({**rule, "measure_unit_zh": rule["measure_unit"]})


def _sum(rows: Iterable[Row]) -> Row:
    listed = list(rows)
    return {name: sum(row[name] for row in listed) for name in OUTCOMES}


def owner_of(rule: Row, level: str) -> str:
    """Who owes a rule, seen from a unit of ``level``: own, superior, lower or member_unit."""
    owners = rule["owed_by"].split(", ")
    if "member_unit" in owners:
        return "member_unit"
    if level in owners:
        return "own"
    return "lower" if all(LEVELS.index(one) > LEVELS.index(level) for one in owners) else "superior"


def scopes_of(view: View) -> list[str]:
    """Whose results there are in the period: the unit's own, those of all below it."""
    return [scope for scope in ("own", "below") if view.row("rules", period=view.period, scope=scope)]


def rules_of(view: View, known: Shared, scope: str, status: str) -> Row:
    """Rules with results in the period, by who owes them; those of which no subject has ``status`` are left out.

    ``sections``: sums by chapter of the document, of all. ``elsewhere``: what superiors owe in their own right, whose
    results are not here; ``unruled``: clauses that nothing judges.
    """
    counts = _counts(view, scope)
    level = view.document["unit"]["level"]
    judged = [
        {**rule, **counts[rule["rule_no"]], "owner": owner_of(rule, level), "bounds": bounds_zh(rule)}
        for rule in known.rulebook
        if rule["rule"] is not None and rule["rule_no"] in counts
    ]
    found = [rule for rule in judged if not status or rule[status]]
    elsewhere = [
        {**rule, "bounds": bounds_zh(rule)}
        for rule in known.rulebook
        if rule["rule"] and rule["rule_no"] not in counts and rule["level"] in LEVELS[: LEVELS.index(level)]
    ]
    return {
        "owners": [
            (owner, [rule for rule in found if rule["owner"] == owner])
            for owner in ("own", "lower", "superior", "member_unit")
        ],
        "found_count": len(found),
        "judged_count": len(judged),
        "total": _rate(_sum(judged)),
        "sections": [
            {"section": section, **_rate(_sum(rule for rule in judged if rule["section"] == section))}
            for section in dict.fromkeys(rule["section"] for rule in judged)
        ],
        "elsewhere": elsewhere,
        "unruled": [rule for rule in known.rulebook if rule["rule"] is None],
    }


def _counts(view: View, scope: str) -> dict[int, Row]:
    """Outcomes by the number of the rule."""
    row = view.row("rules", period=view.period, scope=scope)
    if row is None:
        return {}
    return {number: _rate({name: row[name][place] for name in OUTCOMES}) for place, number in enumerate(row["rule_no"])}


def _rate(counts: Row) -> Row:
    return {**counts, "owed": sum(counts[name] for name in OWED), "all": sum(counts[name] for name in OUTCOMES)}


def scores_of(view: View, known: Shared, stage: str | None) -> list[Row]:
    """The scores of a unit in a stage by kind, each with its groups, each with its lines, in the order of the paper."""
    found = []
    for kind in KINDS:
        lines = _lines(view, known, stage, kind)
        groups = view.row("score_groups", stage=stage, kind=kind)
        if lines and groups:
            found.append({"kind": kind, "groups": _groups(lines, groups)})
    return found


def _lines(view: View, known: Shared, stage: str | None, kind: str) -> list[Row]:
    row = view.row("score_lines", stage=stage, kind=kind)
    if row is None:
        return []
    items = known.items.get((row["paper"], view.document["unit"]["level"], kind), [])
    if row["item"] is not None:
        items = [item for item in items if item["item"] in row["item"]]
    names = ("points", "max_points", "value", *OUTCOMES)
    lines = [
        {**item, **_rate({name: row[name][place] for name in OUTCOMES}), **{name: row[name][place] for name in names}}
        for place, item in enumerate(items)
    ]
    for line in lines:
        rule = known.rules.get(line["rule"])
        line["measure_unit"] = rule["measure_unit"] if rule else None
        line["owed_by_zh"] = rule["owed_by_zh"] if rule else None
    return sorted(lines, key=lambda line: line["place"])


def _groups(lines: list[Row], groups: Row) -> list[Row]:
    found: dict[str, Row] = {}
    for line in lines:
        code = line["group"]
        place = groups["group"].index(code)
        group = found.setdefault(
            code,
            {
                "group": code,
                "name": line["group_name"],
                "points": groups["points"][place],
                "max_points": groups["max_points"][place],
                "is_vetoed": code in (groups["vetoed"] or []),
                "lines": [],
            },
        )
        group["lines"].append(line)
    return list(found.values())


def beside(scores: list[Row], others: list[Row]) -> list[Row]:
    """The scores of two stages side by side: each group and line with ``other``, that of the other stage or None."""
    groups = {(score["kind"], group["group"]): group for score in others for group in score["groups"]}
    lines = {
        (score["kind"], line["item"]): line for score in others for group in score["groups"] for line in group["lines"]
    }
    return [
        {
            **score,
            "groups": [
                {
                    **group,
                    "other": groups.get((score["kind"], group["group"])),
                    "lines": [{**line, "other": lines.get((score["kind"], line["item"]))} for line in group["lines"]],
                }
                for group in score["groups"]
            ],
        }
        for score in scores
    ]


def line_of(explained: Row, item: str) -> tuple[Row, Row]:
    """Group and line of an item in what ``warehouse.explain_stage`` tells of it; raises LookupError."""
    for group in explained["groups"]:
        for line in group["rules"]:
            if item in (line["item_code"], line["rule_id"]):
                return group, line
    raise LookupError(item)


def basis_of(finding: Row) -> Row:
    """What a finding rests on: cells by file, then records, as `jiedao explain` names them, without any value."""
    files: dict[str, Row] = {}
    for cell in finding["evidence"]:
        files.setdefault(cell["submission_id"], {**_file(cell), "rows": []})["rows"].append(cell)
    for record in finding["records"]:
        if record.get("file_sha256"):
            files.setdefault(record["submission_id"], {**_file(record), "rows": []})
    for file in files.values():
        rows = file.pop("rows")
        file["cells"] = ranges(rows) or sorted({f"{row['sheet']}第{row['row']}行" for row in rows})
    told = [{name: value for name, value in record.items() if name not in PRIVATE} for record in finding["records"]]
    return {
        "files": sorted(files.values(), key=lambda file: (file["period"] or "", file["submission_id"])),
        "records": [record_text(record) for record in told],
    }


def _file(row: Row) -> Row:
    return {name: row.get(name) for name in ("submission_id", "period", "file_sha256", "submitted_at", "accepted_at")}


def finding_of(finding: Row) -> Row:
    """A finding as its page shows it."""
    judged = finding["rule_id"] is not None
    value = number_zh(finding["value"]) + (f" {finding['measure_unit_zh']}" if finding["measure_unit_zh"] else "")
    return {
        **{name: value for name, value in finding.items() if name not in ("evidence", "records")},
        "value_zh": value if finding["value"] is not None else "没有数值",
        "bounds": threshold_zh(finding) if judged else "按考核表计分",
        **basis_of(finding),
    }


def money_of(view: View, known: Shared) -> list[Row]:
    """Money by year, the latest first: owed by rule, paid against received by payer, and by those below."""
    years: dict[str, Row] = {}
    for name in ("owed", "payments", "children"):
        section = {"owed": "funding_owed", "payments": "funding", "children": "funding_children"}[name]
        for row in view.rows(section):
            year = str(row["year"])
            one = years.setdefault(year, {"year": year, "owed": [], "payments": [], "children": []})
            one[name].append(row)
    for one in years.values():
        one["owed"] = [{**row, "rule": known.rules[row["rule"]]} for row in one["owed"]]
        one["total"] = added(one["payments"])
        one["payers"] = [
            {"payer": payer, **added([row for row in one["payments"] if row["payer"] == payer])}
            for payer in dict.fromkeys(row["payer"] for row in one["payments"])
        ]
    return [years[year] for year in sorted(years, reverse=True)]


def added(rows: list[Row]) -> Row:
    """Sums of payments, added exactly, and how many of them do not agree."""
    sums = {
        name: float(sum(Decimal(str(row[name])) for row in rows)) for name in ("allocated", "received", "difference")
    }
    count = sum(row["payment_count"] for row in rows)
    differing = sum(row["payment_count"] for row in rows if row["state"] != "agrees")
    return {**sums, "payment_count": count, "unsettled_count": differing}


def claims_of(view: View, state: str) -> list[Row]:
    """Claims, those that are still there first, each with its ``claimants`` within the unit; ``state`` picks some."""
    found: dict[str, Row] = {}
    for row in view.rows("claims"):
        if state in ("", row["state"]):
            claim = found.setdefault(row["claim"], {**row, "claimants": []})
            claim["claimants"].append(row)
    return list(found.values())
