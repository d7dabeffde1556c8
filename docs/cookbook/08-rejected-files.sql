-- 被退回的报表错在哪里？重报用了多久？
-- What was wrong with rejected files, and how long did it take until one was accepted?
select
    rejected.unit_name,
    rejected.period,
    string_agg(distinct rejected.issue_code, ', ' order by rejected.issue_code) as errors,
    any_value(status.state_zh) as state_now,
    max(date_diff('day', rejected.submitted_at, status.submitted_at)) filter (where status.is_reported)
        as days_until_accepted
from marts.mart_issue as rejected
left join marts.mart_submission_status as status using (unit_code, period)
where rejected.submission_state = 'rejected' and rejected.severity = 'error' and rejected.unit_code is not null
group by rejected.unit_code, rejected.unit_name, rejected.period
order by rejected.period, rejected.unit_code
