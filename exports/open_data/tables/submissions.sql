-- How each street's report stands. Categories: the states of a report.
select
    unit_code,
    '' as item,
    state as category
from warehouse.core.dim_roster
where unit_level = 'street' and period = $period
