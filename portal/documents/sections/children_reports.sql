-- What became of the report of each of those that report to the unit, and of all below them.
with below as (
    select
        above.above_code, status.period, count(*) as expected_count,
        count(*) filter (where status.is_reported) as reported_count
    from marts.mart_submission_status as status
    inner join document_above as above using (unit_code)
    group by all
)
select
    units.parent_code as unit_code, units.unit_code as code, below.period, status.state, status.state_zh,
    status.error_count, status.open_query_count as query_count, below.expected_count, below.reported_count
from below
inner join document_unit as units on below.above_code = units.unit_code
left join marts.mart_submission_status as status
    on units.unit_code = status.unit_code and below.period = status.period
where units.parent_code is not null
order by units.parent_code, below.period, units.unit_code
