-- 哪些街道的编制外委员不足9名？各差几名？
-- Which streets miss the quota of 9 off-establishment committee members, and by how much?
-- Rule 3.3 at the end of 2025-Q4. A committee that was never set up has no members, which is a value of 0.
select
    unit_name,
    cast(value as integer) as members,
    cast(lower_bound as integer) as required,
    cast(lower_bound - value as integer) as short_by
from marts.mart_rule_result
where rule_id = '3.3' and period = '2025-Q4' and outcome = 'fail'
order by short_by desc, unit_code
