{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level in ('district', 'city', 'province')
        and {{ changed_periods_filter('period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

programme as (
    select max(last_period) as last_period
    from {{ ref('stages') }}
),

streets as (
    select
        unit_code,
        period,
        count(distinct street_code) as street_count,
        count(distinct case when is_organised then street_code end) as organised_count
    from {{ ref('int_street__organised') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

settled as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.unit_name,
        roster.period,
        {{ percentage('streets.organised_count', 'streets.street_count') }} as organised_street_pct,
        -- The aim is set for the end of the programme: before it nobody is late.
        case
            when streets.street_count is null then 'not_applicable'
            when roster.period < programme.last_period or roster.deadline_at > build.known_at then 'provisional'
            else 'measured'
        end as status
    from roster
    cross join build
    cross join programme
    left join streets
        on roster.unit_code = streets.unit_code and roster.period = streets.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        status,
        organised_street_pct as district_organised_street_pct,
        organised_street_pct as city_organised_street_pct,
        organised_street_pct as province_organised_street_pct
    from settled
)

select * from final
