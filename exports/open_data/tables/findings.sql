-- Whether the report that counts has errors or queries of each level of checks, explained or not.
select distinct
    unit_code,
    check_level as item,
    'found' as category
from warehouse.marts.mart_issue
where unit_level = 'street' and period = $period and is_standing and severity in ('error', 'query')
