"""Which fixes are worth most points: the unit's score computed again with one item in full, in whole numbers.

The steps are those of ``fct_group_score`` and ``int_stage__scored``: items into groups with their own points, caps and
floors, groups into those in which they lie and into the total of the paper. All points are thousandths. Denominators
stay: meeting an item does not change what counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import duckdb

from warehouse.ask import ask_on

#: How many fixes are told.
FIXES = 3
#: Lines and groups of a unit's own duties, of many units at once: what is asked for comes as two lists of equal length.
WANTED_SQL = "with wanted as (select unnest($1::varchar[]) as unit_code, unnest($2::varchar[]) as stage_code)"
SCORES_SQL = f"""
{WANTED_SQL}
select scores.unit_code, scores.stage_code, scores.score, papers.score_floor, papers.score_cap
from marts.mart_stage_score as scores
inner join wanted using (unit_code, stage_code)
inner join rulebook.papers as papers
    on
        scores.paper_code = papers.paper_code and scores.unit_level = papers.unit_level
        and papers.score_kind = 'own'
where scores.score is not null
"""  # noqa: S608 - fixed text
GROUPS_SQL = f"""
{WANTED_SQL}
select
    groups.unit_code, groups.stage_code, groups.group_code, groups.parent_group_code, groups.group_points,
    groups.item_points, groups.total_available, groups.total_points, groups.is_vetoed,
    score_groups.cap as group_cap, score_groups.floor as group_floor
from assessment.fct_group_score as groups
inner join wanted using (unit_code, stage_code)
inner join rulebook.score_groups as score_groups using (paper_code, group_code)
where groups.score_kind = 'own'
"""  # noqa: S608 - fixed text
LINES_SQL = f"""
{WANTED_SQL}
select
    lines.unit_code, lines.stage_code, lines.score_kind, lines.item_code, lines.item_zh, lines.rule_id,
    lines.group_code, lines.quote_zh, lines.raw_points, lines.raw_max_points, lines.is_in_denominator,
    lines.counts_as, lines.is_stacked_out
from marts.mart_score_line as lines
inner join wanted using (unit_code, stage_code)
inner join rulebook.score_groups as score_groups using (paper_code, group_code)
where lines.score_kind = 'own'
order by score_groups.sort_order, lines.group_code, lines.sort_order, lines.item_code
"""  # noqa: S608 - fixed text
Row = dict[str, Any]


def half_up(numerator: int, denominator: int) -> int:
    """Nearest whole number, halves away from 0, as the warehouse rounds."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def _thousandths(value: Any) -> int | None:
    return None if value is None else int(Decimal(str(value)) * 1000)


def _clipped(value: int, lowest: int | None, highest: int | None) -> int:
    limited = value if highest is None else min(value, highest)
    return limited if lowest is None else max(limited, lowest)


def score_of(groups: list[Row], lines: list[Row], paper: Row) -> int | None:
    """The score in thousandths that the lines of a unit's own duties give; None when nothing counts."""
    if not groups:
        return None
    inner, items = _by(groups, "parent_group_code"), _by(lines, "group_code")
    given = [_given_by(group, inner, items) for group in inner[None]]
    earned, extra = (sum(part) for part in zip(*given, strict=True))
    available, total = groups[0]["total_available"], groups[0]["total_points"]
    score = extra + (half_up(total * earned, available) if available > 0 else 0)
    return _clipped(score, _thousandths(paper["score_floor"]), _thousandths(paper["score_cap"]))


def _by(rows: list[Row], name: str) -> dict[str | None, list[Row]]:
    found: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found


def _given_by(group: Row, groups: dict[str | None, list[Row]], lines: dict[str | None, list[Row]]) -> tuple[int, int]:
    """What a group earned of the total and what stands beside it, with the groups that lie in it."""
    mine = lines[group["group_code"]]
    inner = [_given_by(one, groups, lines) for one in groups[group["group_code"]]]
    items = sum(line["raw_points"] or 0 for line in mine if line["is_in_denominator"]) + sum(got for got, _ in inner)
    beside = sum(line["raw_points"] or 0 for line in mine if line["counts_as"] == "extra")
    beside += sum(more for _, more in inner)
    cap, floor = _thousandths(group["group_cap"]), _thousandths(group["group_floor"])
    if group["group_points"] is not None and group["item_points"] > 0:
        got = half_up(group["group_points"] * items, group["item_points"])
    else:
        got = items if cap is None else min(items, cap)
    more = _clipped(got + beside, floor, cap) - got
    return (0, min(more, 0)) if group["is_vetoed"] else (got, more)


def _in_full(line: Row) -> int:
    """What the line would earn in full; a deduction in full is none, a bonus stays what it is."""
    return int(line["raw_max_points"] if line["is_in_denominator"] else max(line["raw_points"] or 0, 0))


def _gain_of(line: Row, lines: list[Row], groups: list[Row], paper: Row, score: int) -> int:
    if _in_full(line) == (line["raw_points"] or 0):
        return 0
    met = [{**one, "raw_points": _in_full(one)} if one is line else one for one in lines]
    after = score_of(groups, met, paper)
    return 0 if after is None else after - score


def gains_of(lines: list[Row], groups: list[Row], paper: Row, score: int) -> list[int]:
    """Thousandths of a point that ``score`` would gain, were the item of a line met in full: one figure per line.

    A score that lines and groups do not give (a veto upon the whole) gains nothing by one item.
    """
    if score_of(groups, lines, paper) != score:
        return [0] * len(lines)
    return [_gain_of(line, lines, groups, paper, score) for line in lines]


def best_fixes(connection: duckdb.DuckDBPyConnection, stages: Mapping[str, str]) -> dict[str, list[Row]]:
    """The fixes of own duties that are worth most points to units, the best first; ties in the order of the paper.

    ``stages``: the code of the stage that is asked about, by unit. Units without a score there are left out.
    """
    wanted = [list(stages), list(stages.values())]
    groups = _by(ask_on(connection, GROUPS_SQL, wanted).records(), "unit_code")
    lines = _by(ask_on(connection, LINES_SQL, wanted).records(), "unit_code")
    scores = ask_on(connection, SCORES_SQL, wanted).records()
    return {score["unit_code"]: _best(score, lines[score["unit_code"]], groups[score["unit_code"]]) for score in scores}


def _can_be_met(line: Row) -> bool:
    return (line["is_in_denominator"] or line["counts_as"] == "extra") and not line["is_stacked_out"]


def _best(score: Row, lines: list[Row], groups: list[Row]) -> list[Row]:
    names = ("score_kind", "item_code", "item_zh", "rule_id", "group_code", "quote_zh")
    fixes = [
        {**{name: line[name] for name in names}, "gain": gain}
        for line, gain in zip(lines, gains_of(lines, groups, score, score["score"]), strict=True)
        if gain > 0 and _can_be_met(line)
    ]
    return sorted(fixes, key=lambda fix: -fix["gain"])[:FIXES]


def with_subjects(fixes: list[Row], findings: Mapping[tuple[str, str], list[Row]]) -> list[Row]:
    """The fixes, each with its ``subjects``: what falls short by the findings of its line."""
    names = ("unit_code", "unit_name", "period", "subject_key", "subject_name", "outcome", "message_zh", "remedy_zh")
    told = []
    for fix in fixes:
        short = findings.get((fix["score_kind"], fix["item_code"]), [])
        subjects = [{name: one[name] for name in names} for one in short if one["outcome"] in ("fail", "not_evaluated")]
        told.append({**{name: value for name, value in fix.items() if name != "score_kind"}, "subjects": subjects})
    return told
