-- 一季度到四季度，哪些街道达标的规则增加最多？
-- Which streets meet more rules at the end of the year than at its beginning?
-- Rules that were judged in both quarters, so that nothing improves by being judged for the first time.
with judged as (
    select
        unit_code,
        unit_name,
        rule_id,
        subject_key,
        bool_or(outcome = 'pass') filter (where period = '2025-Q1') as first_pass,
        bool_or(outcome = 'pass') filter (where period = '2025-Q4') as last_pass
    from marts.mart_rule_result
    where unit_level = 'street' and outcome in ('pass', 'fail') and period in ('2025-Q1', '2025-Q4')
    group by unit_code, unit_name, rule_id, subject_key
),

compared as (
    select
        unit_code,
        unit_name,
        count(*) as compared_rules,
        count(*) filter (where last_pass and not first_pass) as mended,
        count(*) filter (where first_pass and not last_pass) as lost
    from judged
    where first_pass is not null and last_pass is not null
    group by unit_code, unit_name
)

select
    rank() over (order by mended - lost desc) as improvement_rank,
    unit_name,
    mended,
    lost,
    mended - lost as net,
    compared_rules
from compared
order by improvement_rank, unit_code
limit 6
