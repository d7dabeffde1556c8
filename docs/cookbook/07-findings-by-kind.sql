-- 各类检查问题逐季是增是减？
-- Do findings grow or shrink from quarter to quarter, by the level of the check?
-- Reports that count only. Notes ask for nothing and are left out.
select
    check_level,
    count(*) filter (where period = '2025-Q1') as q1,
    count(*) filter (where period = '2025-Q2') as q2,
    count(*) filter (where period = '2025-Q3') as q3,
    count(*) filter (where period = '2025-Q4') as q4,
    count(distinct unit_code) as streets
from marts.mart_issue
where is_standing and severity in ('error', 'query')
group by check_level
order by streets desc, check_level
