"""What is to be judged: rows and rules, read from one build file opened read-only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.vocabulary import JudgeError, known, operators, outcomes_by_status

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: Identifies a row to judge and its outcome.
KEY = ("rulebook_version", "rule_id", "unit_code", "period", "subject_key")

#: Names a failing subject within a rule in Great Expectations' results.
SUBJECT = ("unit_code", "period", "subject_key")

#: A bound below this is exact: up to here two different decimals of four places are two different doubles, and
#: rounding to double keeps the order of all others, so that 99.9999 never passes for 100.
EXACT_BELOW = 10**11

# What is judged, once, outside the file: everything below asks this table. The text columns are cast so that no
# reader can take a code for a number.
TO_JUDGE_SQL = """
create temp table to_judge as
select
    cast(rulebook_version as varchar) as rulebook_version,
    cast(rule_id as varchar) as rule_id,
    cast(unit_code as varchar) as unit_code,
    cast(period as varchar) as period,
    cast(subject_key as varchar) as subject_key,
    cast(status as varchar) as status,
    cast(indicator_code as varchar) as indicator_code,
    cast(operator as varchar) as operator,
    cast(parameter_status as varchar) as parameter_status,
    cast(value as double) as value,
    cast(lower_bound as double) as lower_bound,
    cast(upper_bound as double) as upper_bound
from indicators.int_rules__to_judge
where (? or list_contains(?, cast(period as varchar))) and (? or list_contains(?, cast(rule_id as varchar)))
"""

# A draft threshold counts where the stage of the period accepts drafts.
ROWS_SQL = """
select
    rulebook_version,
    rule_id,
    unit_code,
    period,
    subject_key,
    status,
    value,
    coalesce(parameter_status, '') = 'draft' and not exists (
        select 1 from rulebook.stages as s
        where lower(cast(s.accepts_draft as varchar)) in ('true', '1', 'yes')
            and cast(s.rulebook_version as varchar) = j.rulebook_version
            and j.period between cast(s.first_period as varchar) and cast(s.last_period as varchar)
    ) as is_draft
from to_judge as j
order by rulebook_version, rule_id, unit_code, period, subject_key
"""

WITHOUT_KEY_SQL = """
select count(*) from to_judge
where rulebook_version is null or rule_id is null or unit_code is null or period is null or subject_key is null
"""

TWICE_SQL = """
select rulebook_version, rule_id, unit_code, period, subject_key, sum(count(*) - 1) over () as surplus
from to_judge
group by rulebook_version, rule_id, unit_code, period, subject_key
having count(*) > 1
order by rulebook_version, rule_id, unit_code, period, subject_key
limit 1
"""

#: The view must carry the bounds of the rule book: a row judged by another threshold would be unexplainable.
BOUNDS = ("rulebook_version", "rule_id", "indicator_code", "operator", "lower_bound", "upper_bound")

#: In the order of `ROWS_SQL`, so that the counts give each rule its slice of the rows.
BOUNDS_SQL = """
select rulebook_version, rule_id, indicator_code, operator, lower_bound, upper_bound, count(*)
from to_judge group by all order by rulebook_version, rule_id
"""

# A sentence that can be read in several ways has a rule for each reading; in force is the one that the ruling chose.
RULES_SQL = """
select
    cast(r.rulebook_version as varchar) as rulebook_version,
    cast(r.rule_id as varchar) as rule_id,
    cast(r.clause_id as varchar) as clause_id,
    cast(r.indicator_code as varchar) as indicator_code,
    cast(r.operator as varchar) as operator,
    cast(r.lower_bound as double) as lower_bound,
    cast(r.upper_bound as double) as upper_bound,
    cast(r.severity as varchar) as severity,
    cast(r.owed_by as varchar) as owed_by,
    cast(r.message_zh as varchar) as message_zh,
    cast(c.quote_zh as varchar) as quote_zh
from rulebook.rules as r
left join rulebook.clauses as c on c.clause_id = r.clause_id
left join rulebook.rulings as g on g.rulebook_version = r.rulebook_version and g.ruling_code = r.ruling_code
where coalesce(r.ruling_code, '') = '' or g.choice = r.ruling_choice
order by rulebook_version, rule_id
"""


@dataclass(frozen=True)
class Rule:
    """One rule of one rule book version, with the sentence it stands on; bounds in the unit of its indicator."""

    rulebook_version: str
    rule_id: str
    clause_id: str
    indicator_code: str
    operator: str
    lower_bound: float | None
    upper_bound: float | None
    severity: str
    owed_by: str
    message_zh: str
    quote_zh: str

    @property
    def minimum(self) -> float | None:
        """Least value that meets the rule; None when there is no lower end."""
        return self._bound(known(operators(), self.operator, "operator").min_from)

    @property
    def maximum(self) -> float | None:
        """Greatest value that meets the rule; None when there is no upper end."""
        return self._bound(known(operators(), self.operator, "operator").max_from)

    def _bound(self, column: str | None) -> float | None:
        if column is None:
            return None
        bound = self.lower_bound if column == "lower_bound" else self.upper_bound
        if bound is None:
            raise JudgeError(f"rule {self.rule_id} ({self.rulebook_version}): {self.operator} needs a {column}")
        if abs(bound) >= EXACT_BELOW:
            raise JudgeError(
                f"rule {self.rule_id} ({self.rulebook_version}): {column} {bound} is too large to be exact"
            )
        return bound


@dataclass(frozen=True)
class ToJudge:
    """Rows sorted by `KEY` (with ``status``, ``value``: double or null, ``is_draft``), and every rule of the versions
    in force. ``slices`` has the place of the rows of each (rulebook_version, rule_id) that has any."""

    rows: pa.Table
    rules: tuple[Rule, ...]
    slices: Mapping[tuple[str, str], slice]

    def slice_of(self, rule: Rule) -> slice:
        """The rows that a rule judges, which lie together."""
        return self.slices.get((rule.rulebook_version, rule.rule_id), slice(0, 0))


def read_to_judge(build_db: Path, periods: list[str] | None, rule_ids: frozenset[str] | None = None) -> ToJudge:
    """Rows of ``indicators.int_rules__to_judge`` for these periods and rules (None = all), and the rules themselves.

    The file is closed again before this returns: a build cannot write while anybody else has it open.
    Raises `JudgeError` when a key is missing or stands twice, a status is unknown, or view and rule book differ.
    """
    import duckdb

    with duckdb.connect(str(build_db), read_only=True) as connection:
        chosen = [periods is None, periods or [], rule_ids is None, sorted(rule_ids or ())]
        connection.execute(TO_JUDGE_SQL, chosen)
        rules = [rule for rule in _rules(connection) if rule_ids is None or rule.rule_id in rule_ids]
        _check_rows(connection)
        bounds = connection.execute(BOUNDS_SQL).fetchall()
        rows = connection.sql(ROWS_SQL).to_arrow_table()
    in_force = {version for version, *_ in bounds} or {rule.rulebook_version for rule in rules}
    to_apply = tuple(rule for rule in rules if rule.rulebook_version in in_force)
    _check_rules(bounds, to_apply)
    return ToJudge(rows=rows, rules=to_apply, slices=_slices(bounds))


def _slices(bounds: list[tuple[Any, ...]]) -> dict[tuple[str, str], slice]:
    slices, start = {}, 0
    for version, rule_id, *_, count in bounds:
        slices[version, rule_id] = slice(start, start + count)
        start += count
    return slices


def _rules(connection: duckdb.DuckDBPyConnection) -> list[Rule]:
    rules = [Rule(*values) for values in connection.execute(RULES_SQL).fetchall()]
    names = Counter((rule.rulebook_version, rule.rule_id) for rule in rules)
    for rule in rules:
        if names[rule.rulebook_version, rule.rule_id] > 1:
            raise JudgeError(f"rule {rule.rule_id} ({rule.rulebook_version}) is in force more than once")
        if rule.quote_zh is None:
            raise JudgeError(
                f"rule {rule.rule_id} ({rule.rulebook_version}): clause {rule.clause_id} is not in the rule book"
            )
    return rules


def _check_rows(connection: duckdb.DuckDBPyConnection) -> None:
    for (without_key,) in connection.execute(WITHOUT_KEY_SQL).fetchall():
        if without_key:
            raise JudgeError(f"{without_key} rows to judge lack a part of their key {KEY}")
    for *first, surplus in connection.execute(TWICE_SQL).fetchall():
        named = dict(zip(KEY, first, strict=True))
        raise JudgeError(f"{surplus} rows to judge stand twice, the first is {named}")
    for (status,) in connection.execute("select distinct status from to_judge").fetchall():
        known(outcomes_by_status(), status, "status")


def _check_rules(bounds: list[tuple[Any, ...]], rules: tuple[Rule, ...]) -> None:
    in_book = {tuple(getattr(rule, column) for column in BOUNDS) for rule in rules}
    for *found, _ in bounds:
        if tuple(found) not in in_book:
            raise JudgeError(
                f"the view judges by {dict(zip(BOUNDS, found, strict=True))}, which the rule book does not hold"
            )
