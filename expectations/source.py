"""What is to be judged: rows and rules, read from one build file opened read-only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.vocabulary import JudgeError, known, operators, outcomes_by_status

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

#: Identifies a row to judge and its outcome.
KEY = ("rulebook_version", "rule_id", "unit_code", "period", "subject_key")

#: Names a failing subject within a rule in Great Expectations' results.
SUBJECT = ("unit_code", "period", "subject_key")

#: A bound below this is exact: up to here two different decimals of four places are two different doubles, and
#: rounding to double keeps the order of all others, so that 99.9999 never passes for 100.
EXACT_BELOW = 10**11

# The text columns are cast so that no reader can take a code for a number.
ROWS_SQL = """
select
    cast(rulebook_version as varchar) as rulebook_version,
    cast(rule_id as varchar) as rule_id,
    cast(clause_id as varchar) as clause_id,
    cast(unit_code as varchar) as unit_code,
    cast(period as varchar) as period,
    cast(subject_key as varchar) as subject_key,
    cast(status as varchar) as status,
    cast(indicator_code as varchar) as indicator_code,
    cast(operator as varchar) as operator,
    cast(owed_by as varchar) as owed_by,
    cast(parameter_status as varchar) as parameter_status,
    cast(value as double) as value,
    cast(lower_bound as double) as lower_bound,
    cast(upper_bound as double) as upper_bound
from indicators.int_rules__to_judge
where ? or list_contains(?, cast(period as varchar))
order by rulebook_version, rule_id, unit_code, period, subject_key
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

STAGES_SQL = """
select
    cast(rulebook_version as varchar) as rulebook_version,
    cast(first_period as varchar) as first_period,
    cast(last_period as varchar) as last_period
from rulebook.stages
where lower(cast(accepts_draft as varchar)) in ('true', '1', 'yes')
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
    """Rows sorted by `KEY` (columns of `ROWS_SQL` plus ``is_draft``), and every rule of the versions in force."""

    rows: pd.DataFrame
    rules: tuple[Rule, ...]


def read_to_judge(build_db: Path, periods: list[str] | None, rule_ids: frozenset[str] | None = None) -> ToJudge:
    """Rows of ``indicators.int_rules__to_judge`` for these periods and rules (None = all), and the rules themselves.

    The file is closed again before this returns: a build cannot write while anybody else has it open.
    Raises `JudgeError` when a key is missing or stands twice, a status is unknown, or view and rule book differ.
    """
    import duckdb

    with duckdb.connect(str(build_db), read_only=True) as connection:
        rows = connection.execute(ROWS_SQL, [periods is None, periods or []]).df()
        rules = _rules(connection)
        accepting = connection.execute(STAGES_SQL).fetchall() if _has_stages(connection) else []
    if rule_ids is not None:
        rows = rows[rows["rule_id"].isin(rule_ids)].reset_index(drop=True)
        rules = [rule for rule in rules if rule.rule_id in rule_ids]
    rows["is_draft"] = _is_draft(rows, accepting)
    _check_rows(rows)
    in_force = set(rows["rulebook_version"]) or {rule.rulebook_version for rule in rules}
    chosen = tuple(rule for rule in rules if rule.rulebook_version in in_force)
    _check_rules(rows, chosen)
    return ToJudge(rows=rows, rules=chosen)


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


def _has_stages(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "select count(*) from information_schema.columns"
        " where table_schema = 'rulebook' and table_name = 'stages' and column_name = 'accepts_draft'"
    ).fetchone()
    return found is not None and found[0] == 1


def _is_draft(rows: pd.DataFrame, accepting: list[tuple[str, str, str]]) -> pd.Series[bool]:
    """True where the threshold is a draft and the stage of the period does not count drafts."""
    is_draft = rows["parameter_status"] == "draft"
    for version, first_period, last_period in accepting:
        in_stage = (rows["rulebook_version"] == version) & rows["period"].between(first_period, last_period)
        is_draft &= ~in_stage
    return is_draft


def _check_rows(rows: pd.DataFrame) -> None:
    without_key = rows[list(KEY)].isna().any(axis=1)
    if without_key.any():
        raise JudgeError(f"{int(without_key.sum())} rows to judge lack a part of their key {KEY}")
    twice = rows.duplicated(list(KEY))
    if twice.any():
        first = rows.loc[twice, list(KEY)].iloc[0].to_dict()
        raise JudgeError(f"{int(twice.sum())} rows to judge stand twice, the first is {first}")
    for status in rows["status"].unique():
        known(outcomes_by_status(), status, "status")


def _check_rules(rows: pd.DataFrame, rules: tuple[Rule, ...]) -> None:
    """The view must carry the bounds of the rule book: a row judged by any other threshold would be unexplainable."""
    columns = ["rulebook_version", "rule_id", "indicator_code", "operator", "lower_bound", "upper_bound"]
    in_view = rows[columns].drop_duplicates().astype(object)
    in_view = in_view.where(in_view.notna(), None)
    in_book = {tuple(getattr(rule, column) for column in columns) for rule in rules}
    for found in in_view.itertuples(index=False, name=None):
        if found not in in_book:
            raise JudgeError(
                f"the view judges by {dict(zip(columns, found, strict=True))}, which the rule book does not hold"
            )
