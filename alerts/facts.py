"""What a message tells: the lines of the mart in words, the problems of a report, the fixes worth most points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

import duckdb

from alerts.due import DueMessage
from ingest.grouping import Problem, group_findings
from ingest.issues import Issue
from ingest.land import NO_PERIOD
from warehouse.ask import ask_on
from warehouse.fixes import best_fixes
from warehouse.instants import to_local

ISSUES_SQL = """
select
    submission_id, unit_code, sheet, cell, header, raw_value as raw, issue_code as code, severity, message, remedy,
    header as field
from marts.mart_issue
where submission_id in (select unnest($1::varchar[])) and finding_state = 'open'
"""
#: The stage that a message speaks of: the latest in which the unit has a score that can still be mended.
STAGES_SQL = """
select unit_code, stage_code, stage_name_zh, score, max_score from marts.mart_stage_score
inner join rulebook.stages using (stage_code)
where unit_code in (select unnest($1::varchar[])) and score is not null and is_provisional
qualify row_number() over (partition by unit_code order by first_period desc, stage_code desc) = 1
"""
Row = dict[str, Any]
#: A submission and the unit that it is of.
Answered = tuple[str, str]


@dataclass(frozen=True)
class PeriodFacts:
    """What there is to say of one period: the answer to the last report (None: there is none), what else is due."""

    name_zh: str
    answer: Row | None = None
    problems: tuple[Problem, ...] = ()
    sentences: tuple[str, ...] = ()
    digests: tuple[Row, ...] = ()
    children: tuple[tuple[str, tuple[Row, ...]], ...] = ()


@dataclass(frozen=True)
class MessageFacts:
    """All that the templates of a message need. ``fixes`` are worth most points in ``stage``."""

    message: DueMessage
    periods: tuple[PeriodFacts, ...]
    stage: Row | None = None
    fixes: list[Row] = field(default_factory=list)

    @property
    def needs_mending(self) -> bool:
        """Whether a report of the unit has problems that it can mend."""
        return any(period.problems for period in self.periods)

    @property
    def marked_submissions(self) -> tuple[str, ...]:
        """Submissions whose marked workbook belongs to the message."""
        return tuple(period.answer["submission_id"] for period in self.periods if period.answer and period.problems)


def period_zh(period: str) -> str:
    """2026-Q1 as 2026年第1季度; the number of a notice stays as it is; a file may not say for when it reports."""
    if period == NO_PERIOD:
        return "期别不明"
    return f"{period[:4]}年第{period[6]}季度" if len(period) == 7 and period[4:6] == "-Q" else period


def instant_zh(instant: datetime | None) -> str:
    """An instant (UTC) as officials write it, in Shanghai time; a deadline at midnight is 24:00 of the day before."""
    if instant is None:
        return ""
    local = to_local(instant)
    if local.time() == time():
        return f"{local - timedelta(days=1):%Y年%m月%d日}24:00"
    return f"{local:%Y年%m月%d日%H:%M}"


def facts_of(connection: duckdb.DuckDBPyConnection, messages: Sequence[DueMessage]) -> list[MessageFacts]:
    """Gather what each of ``messages`` tells from the published marts, with the same few questions for all of them."""
    problems = _problems(connection, messages)
    units = [message.unit_code for message in messages]
    stages = {row["unit_code"]: row for row in ask_on(connection, STAGES_SQL, [units]).records()}
    fixes = best_fixes(connection, {unit: row["stage_code"] for unit, row in stages.items()})
    return [
        MessageFacts(
            message,
            tuple(
                _period_facts(period, list(lines), problems)
                for period, lines in groupby(message.lines, key=lambda line: line["period"])
            ),
            stages.get(message.unit_code),
            fixes.get(message.unit_code, []),
        )
        for message in messages
    ]


def _period_facts(period: str, lines: list[Row], problems: Mapping[Answered, tuple[Problem, ...]]) -> PeriodFacts:
    by_section: dict[str, list[Row]] = {}
    for line in lines:
        by_section.setdefault(line["section"], []).append(line)
    answers = by_section.get("answer", [])
    answer = answers[0] if answers else None
    children = groupby(by_section.get("child", []), key=lambda line: line["text_zh"])
    return PeriodFacts(
        name_zh=period_zh(period),
        answer=answer,
        problems=problems.get((answer["submission_id"], answer["unit_code"]), ()) if answer else (),
        sentences=tuple(_sentence(line) for line in by_section.get("step", [])),
        digests=tuple({**line, "sentence": _sentence(line)} for line in by_section.get("digest", [])),
        children=tuple((text, tuple(group)) for text, group in children),
    )


def _sentence(line: Row) -> str:
    return str(line["text_zh"]).format(period=period_zh(line["period"]), deadline=instant_zh(line["deadline_at"]))


def _problems(
    connection: duckdb.DuckDBPyConnection, messages: Sequence[DueMessage]
) -> dict[Answered, tuple[Problem, ...]]:
    """The open problems of the submissions that ``messages`` answer."""
    submissions = [line["submission_id"] for message in messages for line in message.lines if line["submission_id"]]
    issues: dict[Answered, list[Issue]] = {}
    for row in ask_on(connection, ISSUES_SQL, [submissions]).records():
        issues.setdefault((row.pop("submission_id"), row.pop("unit_code")), []).append(Issue(**row))
    return {answered: tuple(group_findings(found)) for answered, found in issues.items()}
