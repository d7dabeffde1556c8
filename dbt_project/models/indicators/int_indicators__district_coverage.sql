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
        count(distinct case when is_covered then street_code end) as covered_street_count
    from {{ ref('int_district__covered_streets') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

final as (
    select
        streets.unit_code,
        units.unit_level,
        streets.period,
        streets.unit_code as subject_key,
        units.unit_name as subject_name,
        'measured' as status,
        {{ percentage('streets.covered_street_count', 'streets.street_count') }} as covered_street_pct
    from streets
    inner join units on streets.unit_code = units.unit_code
)

select * from final
