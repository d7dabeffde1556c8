{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where {{ changed_periods_filter('period') }}
),

scoped as (
    select
        district_code as scope_code,
        district_name as scope_name,
        'district' as scope_level,
        district_code,
        district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        period,
        unit_level,
        state,
        is_reported
    from roster
    where district_code is not null
    union all
    select
        city_code as scope_code,
        city_name as scope_name,
        'city' as scope_level,
        cast(null as string) as district_code,
        cast(null as string) as district_name,
        city_code,
        city_name,
        province_code,
        province_name,
        period,
        unit_level,
        state,
        is_reported
    from roster
    where city_code is not null
    union all
    select
        province_code as scope_code,
        province_name as scope_name,
        'province' as scope_level,
        cast(null as string) as district_code,
        cast(null as string) as district_name,
        cast(null as string) as city_code,
        cast(null as string) as city_name,
        province_code,
        province_name,
        period,
        unit_level,
        state,
        is_reported
    from roster
    where province_code is not null
),

final as (
    select
        scope_code,
        scope_level,
        period,
        cast(count(*) as integer) as expected_count,
        cast(sum(case when is_reported then 1 else 0 end) as integer) as reported_count,
        cast(sum(case when state = 'on_time' then 1 else 0 end) as integer) as on_time_count,
        cast(sum(case when state = 'late' then 1 else 0 end) as integer) as late_count,
        cast(sum(case when state = 'nil' then 1 else 0 end) as integer) as nil_count,
        cast(sum(case when state in ('missing', 'after_close') then 1 else 0 end) as integer) as missing_count,
        cast(sum(case when state = 'rejected' then 1 else 0 end) as integer) as rejected_count,
        cast(sum(case when state = 'returned' then 1 else 0 end) as integer) as returned_count,
        cast(sum(case when state = 'withdrawn' then 1 else 0 end) as integer) as withdrawn_count,
        cast(sum(case when state = 'locked' then 1 else 0 end) as integer) as locked_count,
        cast(sum(case when state = 'not_due' then 1 else 0 end) as integer) as not_due_count,
        cast(sum(case when unit_level = 'street' then 1 else 0 end) as integer) as street_expected_count,
        cast(sum(case when unit_level = 'street' and is_reported then 1 else 0 end) as integer)
            as street_reported_count,
        max(scope_name) as scope_name,
        max(district_code) as district_code,
        max(district_name) as district_name,
        max(city_code) as city_code,
        max(city_name) as city_name,
        max(province_code) as province_code,
        max(province_name) as province_name
    from scoped
    group by scope_code, scope_level, period
)

select * from final
order by period, scope_code
