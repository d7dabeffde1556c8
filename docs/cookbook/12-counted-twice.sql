-- 街道数字直接相加会多算多少？
-- How much too high is the sum over the streets?
select
    scope_name,
    thing_kind,
    listed_count as sum_of_streets,
    distinct_count as different_things,
    double_count as counted_too_often
from marts.mart_distinct_count
where scope_level = 'city' and period = '2025-Q4'
order by thing_kind
