"""What changed from one release to the next: findings and scores, each with the report or decision it comes from."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.results import write_parquet
from warehouse.tables import write_csv

KEYS = ("unit_code", "rule_id", "period", "subject_key")
#: A finding changed because another report stands for the unit now, or because an office decided about it.
DIFFERENCE_SQL = """
with
old as (from read_parquet('{before}/results/mart_rule_result.parquet')),
new as (from read_parquet('{after}/results/mart_rule_result.parquet')),
records as (from read_parquet('{after}/inputs/decision_record.parquet')),
findings as (
    select
        unit_code, rule_id, period, subject_key,
        'outcome' as field, old.outcome as before, new.outcome as after,
        case when new.submission_id is distinct from old.submission_id then new.submission_id end as submission_id
    from old full outer join new using (unit_code, rule_id, period, subject_key)
    where old.outcome is distinct from new.outcome
    union all
    select
        unit_code, rule_id, period, subject_key, 'value', cast(old.value as varchar), cast(new.value as varchar),
        case when new.submission_id is distinct from old.submission_id then new.submission_id end
    from old full outer join new using (unit_code, rule_id, period, subject_key)
    where old.value is distinct from new.value
),
old_score as (from read_parquet('{before}/results/mart_stage_score.parquet')),
new_score as (from read_parquet('{after}/results/mart_stage_score.parquet')),
scores as (
    select unit_code, 'score' as field, cast(a.score as varchar) as before, cast(b.score as varchar) as after
    from old_score as a full outer join new_score as b using (unit_code)
    where a.score is distinct from b.score
    union all
    select unit_code, 'superior_score', cast(a.superior_score as varchar), cast(b.superior_score as varchar)
    from old_score as a full outer join new_score as b using (unit_code)
    where a.superior_score is distinct from b.superior_score
    union all
    select unit_code, 'rank', cast(a.rank as varchar), cast(b.rank as varchar)
    from old_score as a full outer join new_score as b using (unit_code)
    where a.rank is distinct from b.rank
)
select
    findings.unit_code, findings.rule_id, findings.period, findings.subject_key, findings.field,
    findings.before, findings.after, findings.submission_id as reason_submission_id,
    (
        select max_by(record_id, (decided_at, record_id)) from records
        where
            findings.field = 'outcome' and records.kind = 'override' and records.unit_code = findings.unit_code
            and records.rule_id = findings.rule_id and records.subject_key = findings.subject_key
    ) as reason_record_id
from findings
union all by name
select unit_code, field, before, after from scores
"""


def write_difference(before: Path, after: Path) -> Path:
    """Compare the releases ``before`` and ``after``; write ``after/difference/difference.parquet`` and ``.csv``.

    Columns: unit_code, rule_id, period, subject_key (empty for scores and ranks), field, before, after, and what it
    comes from: reason_submission_id (another report stands) or reason_record_id (an office decided).
    """
    quoted = {name: str(path).replace("'", "''") for name, path in (("before", before), ("after", after))}
    folder = after / "difference"
    with duckdb.connect() as connection:
        path = write_parquet(connection, DIFFERENCE_SQL.format(**quoted), folder / "difference.parquet")
        connection.execute("create table difference as from read_parquet($1)", [str(path)])
        write_csv(connection, "difference", folder / "difference.csv")
    return path
