{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

streets as (
    select
        unit_code,
        period,
        count(distinct street_code) as street_count,
        count(distinct case when is_classified then street_code end) as classified_count,
        count(distinct case when is_inspected_in_year then street_code end) as inspected_count
    from {{ ref('int_street_class__below') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

final as (
    select
        streets.unit_code,
        units.unit_level,
        streets.period,
        streets.unit_code as subject_key,
        units.unit_name as subject_name,
        'measured' as status,
        {{ percentage('streets.classified_count', 'streets.street_count') }} as province_classified_street_pct,
        {{ percentage('streets.classified_count', 'streets.street_count') }} as city_classified_street_pct,
        {{ percentage('streets.inspected_count', 'streets.street_count') }} as province_inspected_street_pct,
        {{ percentage('streets.inspected_count', 'streets.street_count') }} as city_inspected_street_pct,
        -- The year is not over: a street may still be inspected.
        case when periods.quarter = 4 then 'measured' else 'provisional' end as province_inspected_street_pct__status,
        case when periods.quarter = 4 then 'measured' else 'provisional' end as city_inspected_street_pct__status
    from streets
    inner join units on streets.unit_code = units.unit_code
    inner join periods on streets.period = periods.period
)

select * from final
