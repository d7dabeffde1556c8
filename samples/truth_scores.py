"""What the scores must be: the paper of each stage applied to the true outcomes, in plain Python and whole numbers.

The paper is read from the rule book, for it is data; how it is applied stands here once more. Only what our own papers
use is known: items that read a rule, in proportion or all or nothing, inside of the total or as a capped bonus, and
leaving the total when they do not apply or cannot be told.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from samples.hierarchy import Hierarchy
from samples.truth import FAIL, NOT_EVALUATED, PASS, TOO_EARLY, Outcome
from samples.words import shape

COLUMNS = ("stage_code", "unit_code", "score", "superior_score")
#: Shares are in millionths, points in thousandths.
WHOLE = 1_000_000
Seed = Mapping[str, str]


def half_up(numerator: int, denominator: int) -> int:
    """Nearest whole number, halves up, of what is not negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def thousandths(text: str) -> int:
    """A number of points as whole thousandths; an empty one is none."""
    return int(Decimal(text or 0) * 1000)


@dataclass(frozen=True)
class Paper:
    """A paper of one level and kind of score: its row, its items and the caps of their groups."""

    row: Seed
    items: Sequence[Seed]
    group_caps: Mapping[str, str]


@dataclass(frozen=True)
class Bounds:
    """Between which figures a rule passes; None where there is no bound."""

    lower: Decimal | None
    upper: Decimal | None


def load_papers(rulebook: Path, paper_code: str) -> list[Paper]:
    """The papers of a code, one per level and kind of score.

    Raises ValueError when they use what the truth cannot work out.
    """

    def rows(name: str) -> list[Seed]:
        with (rulebook / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            return [row for row in csv.DictReader(handle) if row["paper_code"] == paper_code]

    papers, items, groups = rows("papers"), rows("score_items"), rows("score_groups")
    for item in items:
        if item["reads"] != "rule" or item["method"] not in ("attainment", "pass_fail"):
            raise ValueError(f"the truth of the scores does not know how item {item['item_code']} is scored")
    for row in papers:
        if (row["na_policy"], row["pending_policy"]) != ("rescale", "rescale"):
            raise ValueError(f"the truth of the scores knows only papers that are scaled up: {row['name_zh']}")
    caps = {group["group_code"]: group["cap"] for group in groups}
    same = ("unit_level", "score_kind")
    return [
        Paper(row, [item for item in items if all(item[name] == row[name] for name in same)], caps) for row in papers
    ]


def bounds_of(rule_id: str) -> Bounds:
    """The bounds that the shape file gives a rule."""
    rule = shape()["rules"][rule_id]
    lower, upper = (None if rule.get(name) is None else Decimal(str(rule[name])) for name in ("lower", "upper"))
    return Bounds(lower, upper)


def attainment(outcome: Outcome, bounds: Bounds) -> int:
    """Which share of its bound a judged outcome reaches, in millionths."""
    if outcome.outcome == PASS:
        return WHOLE
    if outcome.outcome == NOT_EVALUATED or outcome.value is None:
        return 0
    value = max(outcome.value, Decimal(0))
    if bounds.lower is not None and outcome.value < bounds.lower:
        part, whole = value, bounds.lower
    elif bounds.upper is not None and value > bounds.upper:
        part, whole = max(bounds.upper, Decimal(0)), value
    else:
        return 0
    return half_up(int(part * WHOLE * 10**4), int(whole * 10**4)) if whole > 0 else 0


def last_word(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Of all that is said of a rule and unit in a stage, the last about each subject.

    What is not due yet says nothing of what was known before. A line about the unit as a whole stands in for subjects
    that nobody named, and falls away once a later report names some.
    """
    by_subject: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_subject[outcome.subject_key].append(outcome)
    telling = [
        one.period for rows in by_subject.values() for one in rows if one.outcome != TOO_EARLY or one.value is not None
    ]
    last = []
    for subject, rows in by_subject.items():
        one = max(rows, key=lambda row: (row.outcome != TOO_EARLY or row.value is not None, row.period))
        if subject != one.unit_code or not telling or one.period >= max(telling):
            last.append(one)
    return last


def points_of(item: Seed, outcomes: Iterable[Outcome], bounds: Bounds) -> int | None:
    """Thousandths of a point that an item earns; None when it does not count."""
    judged = [one for one in outcomes if one.outcome in (PASS, FAIL, NOT_EVALUATED)]
    if not judged:
        return None
    if item["method"] == "pass_fail":
        share = half_up(WHOLE * sum(one.outcome == PASS for one in judged), len(judged))
    else:
        share = half_up(sum(attainment(one, bounds) for one in judged), len(judged))
    return half_up(thousandths(item["points"]) * share, WHOLE)


def score_of(paper: Paper, outcomes: Mapping[str, Sequence[Outcome]], bounds: Mapping[str, Bounds]) -> int | None:
    """The score in thousandths by ``paper``; ``outcomes`` by rule are the last word. None when no item of it counts."""
    earned = available = 0
    more: dict[str, int] = defaultdict(int)
    has_lines = False
    for item in paper.items:
        rule_id = item["reads_code"]
        got = points_of(item, outcomes.get(rule_id, ()), bounds[rule_id])
        if item["counts_as"] == "base" and got is not None:
            earned, available = earned + got, available + thousandths(item["points"])
        elif item["counts_as"] == "extra":
            more[item["group_code"]] += got or 0
        has_lines |= got is not None or (item["counts_as"] == "extra" and rule_id in outcomes)
    if not has_lines:
        return None
    total = thousandths(paper.row["total_points"])
    extra = sum(min(given, thousandths(paper.group_caps[code]) or given) for code, given in more.items())
    score = extra + (half_up(total * earned, available) if available else 0)
    return max(min(score, thousandths(paper.row["score_cap"]) or score), thousandths(paper.row["score_floor"]))


def charged(hierarchy: Hierarchy, unit_code: str, level: str) -> str | None:
    """Who of a level answers for a result about a unit: itself, or the unit of that level that it reports to."""
    if hierarchy.units[unit_code].level == level:
        return unit_code
    above = hierarchy.ancestors(unit_code, "reporting_parent")
    return next((unit.code for unit in above if unit.level == level), None)


def scores(
    outcomes: Iterable[Outcome],
    stages: Sequence[Seed],
    hierarchy: Hierarchy,
    reported: Mapping[str, Collection[str]],
    rulebook: Path,
) -> list[tuple[object, ...]]:
    """Lines of ``truth_scores.csv``; ``reported`` holds the periods in which each unit of the sample has a report.

    A unit without any report in a stage has no score.
    """
    rule_bounds = {rule_id: bounds_of(rule_id) for rule_id in shape()["rules"]}
    told = list(outcomes)
    lines: list[tuple[object, ...]] = []
    for stage in stages:
        said: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
        for one in told:
            if stage["first_period"] <= one.period <= stage["last_period"]:
                said[one.rule_id, one.unit_code].append(one)
        if not said:
            continue
        words = {key: last_word(rows) for key, rows in said.items()}
        found: dict[str, dict[str, int | None]] = defaultdict(dict)
        for paper in load_papers(rulebook, stage["paper_code"]):
            level, kind = paper.row["unit_level"], paper.row["score_kind"]
            mine: dict[str, dict[str, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
            for (rule_id, unit_code), rows in words.items():
                if above := charged(hierarchy, unit_code, level):
                    mine[above][rule_id] += rows
            for unit_code in (code for code in reported if hierarchy.units[code].level == level):
                has_report = any(stage["first_period"] <= one <= stage["last_period"] for one in reported[unit_code])
                score = score_of(paper, mine[unit_code], rule_bounds) if has_report else None
                found[unit_code][kind] = score
        lines += [(stage["stage_code"], code, one.get("own"), one.get("superior")) for code, one in found.items()]
    return sorted(lines, key=lambda line: line[:2])
