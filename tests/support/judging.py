"""A build file made by hand: the view to judge and the three rule book seeds that judging reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from expectations import JudgeSummary

VERSION = "2025.1"


@dataclass(frozen=True)
class Row:
    """One row of the view; the defaults are a measured value of the rule `at_least_2`."""

    unit_code: str
    value: str | None
    rule_id: str = "at_least_2"
    status: str = "measured"
    period: str = "2025-Q1"
    subject_key: str | None = None


@dataclass(frozen=True)
class RuleRow:
    """One row of ``rulebook.rules``; bounds as text, so that a test writes the decimals it means."""

    rule_id: str
    operator: str
    lower_bound: str | None
    upper_bound: str | None
    parameter_status: str = "text"
    severity: str = "high"
    rulebook_version: str = VERSION
    ruling_choice: str | None = None


AT_LEAST_2 = RuleRow("at_least_2", "ge", "2", None)
AT_LEAST_100 = RuleRow("at_least_100", "ge", "100", None)
AT_MOST_3 = RuleRow("at_most_3", "le", None, "3")
FROM_3_TO_5 = RuleRow("from.3_to_5", "between", "3", "5")
EXACTLY_1 = RuleRow("exactly_1", "eq", "1", "1")
DRAFT = RuleRow("draft", "ge", "2", None, parameter_status="draft")
RULES = (AT_LEAST_2, AT_LEAST_100, AT_MOST_3, FROM_3_TO_5, EXACTLY_1, DRAFT)

TABLES = """
create schema rulebook;
create schema indicators;
create table rulebook.clauses (clause_id varchar, quote_zh varchar);
create table rulebook.rules (
    rulebook_version varchar, rule_id varchar, clause_id varchar, indicator_code varchar, ruling_code varchar,
    ruling_choice varchar, operator varchar, lower_bound decimal(18, 4), upper_bound decimal(18, 4), severity varchar,
    owed_by varchar, parameter_status varchar, message_zh varchar, remedy_zh varchar
);
create table rulebook.rulings (rulebook_version varchar, ruling_code varchar, choice varchar);
insert into rulebook.rulings values ('2025.1', 'reading', 'wide');
create table rulebook.stages (
    stage_code varchar, rulebook_version varchar, first_period varchar, last_period varchar, accepts_draft boolean
);
insert into rulebook.stages values
    ('S1', '2025.1', '2025-Q1', '2025-Q4', false), ('S2', '2025.1', '2026-Q1', '2026-Q4', true);
create table indicators.values_judged (
    unit_code varchar, period varchar, rule_id varchar, subject_key varchar, value decimal(18, 4), status varchar
);
create view indicators.int_rules__to_judge as
select r.rulebook_version, r.rule_id, r.clause_id, v.unit_code, 'street' as unit_level, v.period, 'street' as grain,
    v.subject_key, v.unit_code as subject_name, r.indicator_code, v.value, r.lower_bound, r.upper_bound, r.operator,
    v.status, r.owed_by, r.parameter_status
from indicators.values_judged as v inner join rulebook.rules as r on r.rule_id = v.rule_id
where coalesce(r.ruling_choice, 'wide') = 'wide'
"""


def make_build(path: Path, rows: Iterable[Row], rules: Iterable[RuleRow] = RULES) -> Path:
    """Write a build file with these rows in ``indicators.int_rules__to_judge``."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
        for rule in rules:
            clause_id = f"clause of {rule.rule_id}"
            if rule.ruling_choice in (None, "wide"):
                connection.execute("insert into rulebook.clauses values (?, ?)", [clause_id, f"原文：{rule.rule_id}"])
            connection.execute(
                "insert into rulebook.rules values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '未达到要求', '请补齐')",
                [
                    rule.rulebook_version,
                    rule.rule_id,
                    clause_id,
                    rule.rule_id,
                    rule.ruling_choice and "reading",
                    rule.ruling_choice,
                    rule.operator,
                    rule.lower_bound,
                    rule.upper_bound,
                    rule.severity,
                    "street",
                    rule.parameter_status,
                ],
            )
        connection.executemany(
            "insert into indicators.values_judged values (?, ?, ?, ?, ?, ?)",
            [
                [row.unit_code, row.period, row.rule_id, row.subject_key or row.unit_code, row.value, row.status]
                for row in rows
            ]
            or [["", "", "no such rule", "", None, ""]],
        )
    return path


@dataclass(frozen=True)
class Judged:
    """A finished run: its summary and the outcomes by (rule, unit, period, subject)."""

    summary: JudgeSummary
    outcomes: dict[tuple[str, str, str, str], str]

    def of(
        self, unit_code: str, rule_id: str = "at_least_2", period: str = "2025-Q1", subject_key: str | None = None
    ) -> str:
        """Outcome of one row."""
        return self.outcomes[(rule_id, unit_code, period, subject_key or unit_code)]


Judge = Callable[..., Judged]
