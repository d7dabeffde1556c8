"""The report card of a unit in a stage: one page for the wall, as HTML or PDF, in Chinese.

State of its reports, quotas, scores, what to mend: all of it from the published marts, so that the card says what the
dashboards say. It holds no name or value out of a workbook.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ingest.home import Home
from warehouse.ask import ask_on, open_published
from warehouse.explain_stage import SCORE_SQL, fixes_of
from warehouse.instants import to_local

TEMPLATES = Path(__file__).parent / "templates"
#: Families that have the characters of the card, the one preferred first.
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei", "SimSun")
STATUS_SQL = """
select
    status.period, state, state_zh, submitted_at, error_count, open_query_count,
    asked_count, prefilled_count, prefilled_pct
from marts.mart_submission_status as status
inner join rulebook.stages on status.period between first_period and last_period
left join marts.mart_burden as burden on status.unit_code = burden.unit_code and status.period = burden.period
where status.unit_code = $1 and stage_code = $2
order by status.period
"""
QUOTAS_SQL = """
select
    results.rule_id, results.indicator_name_zh, results.measure_unit_zh, results.threshold_zh,
    results.operator, results.value, results.outcome, results.outcome_zh
from assessment.int_stage__latest_results as latest
inner join marts.mart_rule_result as results
    on
        latest.rule_id = results.rule_id and latest.unit_code = results.unit_code
        and latest.period = results.period and latest.subject_key = results.subject_key
inner join rulebook.clauses as clauses on results.clause_id = clauses.clause_id
where latest.unit_code = $1 and latest.stage_code = $2 and clauses.force = 'quota'
order by results.rule_id, results.subject_key
"""
GROUPS_SQL = """
select
    score_kind, name_zh as group_name_zh, groups.points, max_points, is_vetoed,
    case when max_points > 0 then cap * worth / 1000000 else 1000 * cap end as cap
from assessment.fct_group_score as groups
inner join rulebook.score_groups as names using (paper_code, group_code)
where
    unit_code = $1 and stage_code = $2 and parent_group_code is null and score_kind in ('own', 'superior')
    and (max_points > 0 or groups.points <> 0)
order by score_kind, sort_order, group_code
"""
KNOWN_SQL = "select known_at from meta.build"
#: What stands before the bound of a rule.
SIGNS = {"ge": "≥ ", "le": "≤ ", "eq": "", "between": ""}
Row = dict[str, Any]


class NoChineseFontError(Exception):
    """No font of this machine has Chinese characters, so that a PDF would show boxes."""


def number_zh(value: Decimal | float | None) -> str:
    """A figure as people write it, a dash for none."""
    return "—" if value is None else f"{Decimal(str(value)).normalize():f}"


def points_zh(thousandths: int | None) -> str:
    """Thousandths of a point as points, a dash for none."""
    return number_zh(None if thousandths is None else Decimal(thousandths) / 1000)


def burden_zh(row: Row) -> str:
    """Cells asked for and prefilled (columns of mart_burden), a dash while they are not known."""
    if row["asked_count"] is None:
        return "—"
    return f"{row['asked_count']} 格，可预填 {row['prefilled_count']} 格（{number_zh(row['prefilled_pct'])}%）"


def card_of(home: Home, unit_code: str, stage_code: str) -> Row:
    """All that the card of a unit says, figures as text. Raises LookupError when the unit has no part in the stage,
    and `warehouse.ask.NothingPublishedError`."""
    with open_published(home) as connection:
        scores = ask_on(connection, SCORE_SQL, [unit_code, stage_code]).records()
        if not scores:
            raise LookupError(f"{unit_code} has no part in stage {stage_code}")
        [known] = ask_on(connection, KNOWN_SQL).records()
        return {
            **_head(scores[0]),
            "as_of": f"{to_local(known['known_at']):%Y年%m月%d日}",
            "reports": _reports(connection, unit_code, stage_code),
            "quotas": _quotas(connection, unit_code, stage_code),
            "groups": groups_of(connection, unit_code, stage_code),
            "fixes": _fixes(connection, unit_code, stage_code),
        }


def _head(score: Row) -> Row:
    above = (score["province_name"], score["city_name"], score["district_name"])
    return {
        "unit_code": score["unit_code"],
        "unit_name": score["unit_name"],
        "above": " ".join(name for name in above if name and name != score["unit_name"]),
        "stage_name": score["stage_name_zh"],
        "is_open": score["is_provisional"],
        "figures": [
            {"name": "本级得分", "value": points_zh(score["score"]), "of": f"满分 {points_zh(score['max_score'])}"},
            {"name": "上级保障得分", "value": points_zh(score["superior_score"]), "of": "上级应予保障的事项"},
            {"name": "同批同类排名", "value": number_zh(score["rank"]), "of": f"共 {score['peers_count']} 个"},
            {"name": "等次", "value": score["band_zh"] or "—", "of": "按计分表"},
        ],
    }


def _reports(connection: duckdb.DuckDBPyConnection, unit_code: str, stage_code: str) -> list[Row]:
    rows = ask_on(connection, STATUS_SQL, [unit_code, stage_code]).records()
    return [
        {
            "period": row["period"],
            "state": row["state"],
            "state_zh": row["state_zh"],
            "submitted": f"{to_local(row['submitted_at']):%Y-%m-%d %H:%M}" if row["submitted_at"] else "—",
            "findings": f"错误 {row['error_count']}，疑问 {row['open_query_count']}",
            "burden": burden_zh(row),
        }
        for row in rows
    ]


def _measured(row: Row) -> str:
    """A figure with its unit, a dash for none."""
    return number_zh(row["value"]) + (f" {row['measure_unit_zh']}" if row["value"] is not None else "")


def _quotas(connection: duckdb.DuckDBPyConnection, unit_code: str, stage_code: str) -> list[Row]:
    """A line for each quota: its figure, or of several subjects how many meet it."""
    by_rule: dict[str, list[Row]] = {}
    for row in ask_on(connection, QUOTAS_SQL, [unit_code, stage_code]).records():
        by_rule.setdefault(row["rule_id"], []).append(row)
    quotas = []
    for rows in by_rule.values():
        first, met = rows[0], sum(row["outcome"] == "pass" for row in rows)
        worst = next((row for row in rows if row["outcome"] == "fail"), first)
        quotas.append(
            {
                "name": first["indicator_name_zh"],
                "threshold": f"{SIGNS[first['operator']]}{first['threshold_zh']} {first['measure_unit_zh']}",
                "value": _measured(first) if len(rows) == 1 else f"{len(rows)} 项中 {met} 项达标",
                "outcome": worst["outcome"],
                "outcome_zh": worst["outcome_zh"],
            }
        )
    return quotas


def groups_of(connection: duckdb.DuckDBPyConnection, unit_code: str, stage_code: str) -> list[Row]:
    """The outermost groups of both scores of a unit, their points as they count: capped, vetoed, bonuses included."""
    return [
        {
            "name": row["group_name_zh"],
            "is_own": row["score_kind"] == "own",
            "points": points_zh(row["points"]),
            "max": points_zh(row["max_points"]) if row["max_points"] else "附加",
            "share": float(100 * row["points"] / row["max_points"]) if row["max_points"] else 0.0,
            "note": _group_note(row),
        }
        for row in ask_on(connection, GROUPS_SQL, [unit_code, stage_code]).records()
    ]


def _group_note(row: Row) -> str:
    """What may keep the points of a group from being the sum of its items, "" for nothing."""
    if row["is_vetoed"]:
        return "一票否决"
    return "" if row["cap"] is None else f"封顶 {points_zh(round(row['cap']))}"


def _fixes(connection: duckdb.DuckDBPyConnection, unit_code: str, stage_code: str) -> list[Row]:
    return [
        {
            "name": fix["item_zh"],
            "gain": points_zh(fix["gain"]),
            "remedies": list(
                dict.fromkeys(subject["remedy_zh"] for subject in fix["subjects"] if subject["remedy_zh"])
            ),
        }
        for fix in fixes_of(connection, unit_code, stage_code)
    ]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def card_html(card: Row) -> str:
    """The card as one HTML page without anything outside it."""
    return _environment().get_template("card.html.j2").render(card=card)


def card_pdf(card: Row) -> bytes:
    """The card as a PDF of one A4 page. Raises NoChineseFontError."""
    import typst

    families = set(typst.Fonts().families())
    fonts = [name for name in FONTS if name in families]
    if not fonts:
        raise NoChineseFontError(
            "no Chinese font is installed here: install one (Debian: fonts-noto-cjk) or ask for HTML"
        )
    given = {"card": json.dumps(card, ensure_ascii=False), "font": fonts[0]}
    made = typst.compile(str(TEMPLATES / "card.typ"), root=str(TEMPLATES), format="pdf", sys_inputs=given)
    assert isinstance(made, bytes)  # noqa: S101 - one document gives one PDF
    return made
