-- Accepted reports on a quarter whose unit nobody expects: they would be judged by no rule and shown nowhere
select
    submissions.submission_id,
    submissions.unit_code,
    submissions.period
from {{ ref('fct_submission') }} as submissions
inner join {{ ref('dim_period') }} as periods on submissions.period = periods.period
left join {{ ref('dim_roster') }} as roster
    on
        submissions.unit_code = roster.unit_code
        and submissions.period = roster.period
where
    submissions.is_standing
    and roster.unit_code is null
