"""What the night found in accepted reports, beside those of other streets, for pages, mails and marked workbooks.

The receipt of a report and its findings in the lake stay as they were decided; these come later and from the marts.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ingest.answers import findings_of
from ingest.home import Home
from ingest.issues import NIGHT, Issue, catalogue
from ingest.ledger import Decision
from warehouse.ask import NothingPublishedError, ask_on, open_published

#: What an office has waived is no question any more; what was explained stays listed, as other findings do.
COMPARED_SQL = """
select
    submission_id, sheet, cell, header, raw_value as raw, issue_code as code, severity, message, remedy, finding_key,
    header as field
from marts.mart_issue
where
    submission_id in (select unnest($1::varchar[]))
    and list_contains($2::varchar[], issue_code) and finding_state <> 'waived'
order by submission_id, sheet, length(cell), cell, issue_code
"""


def compared_on(connection: duckdb.DuckDBPyConnection, submission_ids: Iterable[str]) -> dict[str, list[Issue]]:
    """The findings of the last night by submission; those without any are left out."""
    codes = [code for code, kind in catalogue().items() if kind.found_by == NIGHT]
    found: dict[str, list[Issue]] = {}
    for row in ask_on(connection, COMPARED_SQL, [list(submission_ids), codes]).records():
        found.setdefault(row.pop("submission_id"), []).append(Issue(**row))
    return found


def compared_findings(home: Home, submission_ids: Iterable[str]) -> dict[str, list[Issue]]:
    """The same from the published warehouse; nothing before the first night."""
    try:
        with open_published(home) as connection:
            return compared_on(connection, submission_ids)
    except NothingPublishedError:
        return {}


def all_findings(home: Home, decision: Decision) -> list[Issue]:
    """Everything that was found in a decided report: at once, and beside the reports of other streets."""
    later = compared_findings(home, [decision.submission_id])
    return [*findings_of(home, decision), *later.get(decision.submission_id, [])]
