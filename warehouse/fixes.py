"""Which fixes are worth most points: the unit's score computed again with one item in full, in whole numbers.

The steps are those of ``fct_group_score`` and ``int_stage__scored``: items into groups with their own points, caps and
floors, groups into those in which they lie and into the total of the paper. All points are thousandths. Denominators
stay: meeting an item does not change what counts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb

from warehouse.ask import ask_on

#: How many fixes are told.
FIXES = 3
GROUPS_SQL = """
select groups.*, score_groups.cap as group_cap, score_groups.floor as group_floor
from assessment.fct_group_score as groups
inner join rulebook.score_groups as score_groups using (paper_code, group_code)
where unit_code = $1 and stage_code = $2 and score_kind = 'own'
"""
PAPER_SQL = """
select score_floor, score_cap from rulebook.papers where paper_code = $1 and unit_level = $2 and score_kind = 'own'
"""
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
    given = [_given_by(group, groups, lines) for group in groups if group["parent_group_code"] is None]
    earned, extra = (sum(part) for part in zip(*given, strict=True))
    available, total = groups[0]["total_available"], groups[0]["total_points"]
    score = extra + (half_up(total * earned, available) if available > 0 else 0)
    return _clipped(score, _thousandths(paper["score_floor"]), _thousandths(paper["score_cap"]))


def _given_by(group: Row, groups: list[Row], lines: list[Row]) -> tuple[int, int]:
    """What a group earned of the total and what stands beside it, with the groups that lie in it."""
    mine = [line for line in lines if line["group_code"] == group["group_code"]]
    inner = [_given_by(one, groups, lines) for one in groups if one["parent_group_code"] == group["group_code"]]
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


def gain_of(line: Row, lines: list[Row], groups: list[Row], paper: Row, score: int) -> int:
    """Thousandths of a point that ``score`` would gain, were the item of ``line`` met in full.

    A score that lines and groups do not give (a veto upon the whole) gains nothing by one item.
    """
    if score_of(groups, lines, paper) != score:
        return 0
    met = [{**one, "raw_points": _in_full(one)} if one is line else one for one in lines]
    after = score_of(groups, met, paper)
    return 0 if after is None else after - score


def best_fixes(
    connection: duckdb.DuckDBPyConnection, score: Row, lines: list[Row], findings: dict[tuple[str, str], list[Row]]
) -> list[Row]:
    """The fixes of the unit's own duties that are worth most points, the best first; ties in the order of the paper."""
    if score["score"] is None:
        return []
    own = [line for line in lines if line["score_kind"] == "own"]
    groups = ask_on(connection, GROUPS_SQL, [score["unit_code"], score["stage_code"]]).records()
    [paper] = ask_on(connection, PAPER_SQL, [score["paper_code"], score["unit_level"]]).records()
    fixes = []
    for line in own:
        mine = findings.get((line["score_kind"], line["item_code"]), [])
        short = [one for one in mine if one["outcome"] in ("fail", "not_evaluated")]
        can_be_met = (line["is_in_denominator"] or line["counts_as"] == "extra") and not line["is_stacked_out"]
        gain = gain_of(line, own, groups, paper, score["score"]) if can_be_met else 0
        if gain > 0:
            fixes.append(_fix(line, gain, short))
    return sorted(fixes, key=lambda fix: -fix["gain"])[:FIXES]


def _fix(line: Row, gain: int, short: list[Row]) -> Row:
    names = ("unit_code", "unit_name", "period", "subject_key", "subject_name", "outcome", "message_zh", "remedy_zh")
    return {
        **{name: line[name] for name in ("item_code", "item_zh", "rule_id", "group_code", "quote_zh")},
        "gain": gain,
        "subjects": [{name: one[name] for name in names} for one in short],
    }
