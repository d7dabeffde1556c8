-- Findings of the unit and of all below it, by kind: in how many reports of how many units, and what became of them.
-- resolved: of a report that another one has replaced, and not found in that one.
with issues as (
    select
        unit_code, period, issue_code, check_level, severity, submission_id, finding_key, finding_state, is_standing,
        not is_standing and exists (
            select 1 from marts.mart_submission_status as status
            where
                status.unit_code = found.unit_code and status.period = found.period
                and status.is_reported and status.submission_id <> found.submission_id
        ) and not exists (
            select 1 from marts.mart_issue as later
            where
                later.unit_code = found.unit_code and later.period = found.period and later.is_standing
                and later.finding_key = found.finding_key
        ) as is_resolved
    from marts.mart_issue as found
    where unit_code is not null and period is not null
)
select
    above.above_code as unit_code, issues.period, issues.issue_code as code, issues.check_level as level,
    issues.severity, count(distinct issues.unit_code) as unit_count, count(*) as count,
    count(*) filter (where issues.is_resolved) as resolved,
    count(*) filter (where not issues.is_resolved and issues.finding_state = 'open') as open,
    count(*) filter (where not issues.is_resolved and issues.finding_state = 'explained') as explained,
    count(*) filter (where not issues.is_resolved and issues.finding_state = 'waived') as waived
from issues
inner join document_above as above using (unit_code)
group by all
order by above.above_code, issues.period, count desc, code, issues.severity
