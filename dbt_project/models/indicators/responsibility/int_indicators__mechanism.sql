{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

periods as (
    select * from {{ ref('dim_period') }}
),

streets as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.unit_name,
        roster.period,
        roster.is_reported,
        periods.year,
        periods.quarter
    from roster
    inner join periods on roster.period = periods.period
),

-- Whether a quarter of the year up to the period was expected of the street and did not come.
gaps as (
    select
        streets.unit_code,
        streets.period,
        sum(case when up_to_now.is_reported then 0 else 1 end) as silent_count
    from streets
    inner join streets as up_to_now
        on
            streets.unit_code = up_to_now.unit_code
            and streets.year = up_to_now.year
            and streets.quarter >= up_to_now.quarter
    where {{ changed_periods_filter('streets.period') }}
    group by streets.unit_code, streets.period
),

platforms as (
    select
        unit_code,
        period,
        count(distinct platform) as platform_count,
        count(distinct case when platform <> 'joint_meeting' then platform end) as standing_count
    from {{ ref('int_street__platforms') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

counted as (
    select
        streets.unit_code,
        streets.unit_level,
        streets.period,
        streets.unit_name,
        streets.quarter,
        gaps.silent_count,
        coalesce(platforms.platform_count, 0) as platform_count,
        coalesce(platforms.standing_count, 0) as standing_count
    from streets
    inner join gaps
        on streets.unit_code = gaps.unit_code and streets.period = gaps.period
    left join platforms
        on streets.unit_code = platforms.unit_code and streets.period = platforms.period
    where streets.is_reported
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        cast(platform_count as decimal(18, 4)) as platform_count,
        case
            -- Only the meeting can still come in the year or have been told in a report that is missing.
            when platform_count > standing_count or standing_count < 2 then 'measured'
            when quarter < 4 then 'provisional'
            when silent_count > 0 then 'incomplete'
            else 'measured'
        end as status
    from counted
)

select * from final
