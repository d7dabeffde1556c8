-- Of all units below, how many reports are in which state, by period and level.
select
    above.above_code as unit_code, status.period, status.unit_level as level, status.state, status.state_zh,
    status.is_reported, count(*) as unit_count
from marts.mart_submission_status as status
inner join document_above as above using (unit_code)
where above.above_code <> status.unit_code
group by all
order by above.above_code, status.period, level, status.state
