-- Money that superiors owe streets by a rule, as the last period of each year judges it; yuan. The rule is in `rulebook`.
with newest as (
    select *, right(subject_key, 4) as year
    from marts.mart_rule_result
    where grain = 'street_year' and measure_unit_zh = '元' and not contains(owed_by, 'street')
    qualify row_number() over (partition by rule_id, unit_code, subject_key order by period desc) = 1
)
select
    above.above_code as unit_code,
    newest.year,
    newest.rule_id as rule,
    max(newest.period) as period,
    count(*)::integer as street_count,
    sum(newest.lower_bound)::double as owed,
    sum(newest.value)::double as given,
    sum(greatest(newest.lower_bound - coalesce(newest.value, 0), 0))::double as lacking,
    count(*) filter (where newest.outcome = 'pass')::integer as pass,
    count(*) filter (where newest.outcome = 'fail')::integer as fail
from newest
inner join document_above as above using (unit_code)
group by above.above_code, newest.year, newest.rule_id
order by above.above_code, year desc, rule
