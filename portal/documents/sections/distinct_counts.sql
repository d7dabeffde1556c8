-- Member units, organisations and people below the unit, each counted once, by period.
select
    case when scope_level = 'country' then getvariable('country_code') else scope_code end as unit_code,
    period,
    thing_kind as kind,
    listed_count as listed,
    distinct_count as different,
    double_count as twice
from marts.mart_distinct_count
order by unit_code, period, kind
