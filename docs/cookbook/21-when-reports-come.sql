-- 报表是提前报还是压线报？
-- Do reports come early or on the last day?
-- Days from the report to its deadline, reports that count; negative is late.
select
    period,
    count(*) as reports,
    round(median(date_diff('minute', submitted_at, deadline_at)) / 1440.0, 1) as median_days_before,
    count(*) filter (where date_diff('minute', submitted_at, deadline_at) between 0 and 1440) as on_the_last_day,
    count(*) filter (where submitted_at > deadline_at) as late
from marts.mart_submission_status
where is_reported and unit_level = 'street'
group by period
order by period
