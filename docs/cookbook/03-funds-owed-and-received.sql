-- 基本工作经费：各市应保障多少、到账多少、缺口多大？
-- Basic funds: how much is each city's streets owed, how much have they received, and what is the gap?
-- Rule 5b: at least 20,000 yuan for each street and year. What one street has too much does not fill the gap of another.
select
    city_name,
    count(*) as streets,
    sum(lower_bound) as owed_cny,
    sum(value) as received_cny,
    sum(greatest(lower_bound - value, 0)) as gap_cny,
    count(*) filter (where outcome = 'fail') as streets_short
from marts.mart_rule_result
where rule_id = '5b' and period = '2025-Q4' and outcome in ('pass', 'fail')
group by city_name
order by gap_cny desc, city_name
