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
    {% for level, levels_above in {
        'district': ['city', 'province'],
        'city': ['province'],
        'province': [],
    }.items() %}
    select
        {{ level }}_code as scope_code,
        {{ level }}_name as scope_name,
        '{{ level }}' as scope_level,
        {% for column_level in ['district', 'city', 'province'] %}
        {% for column in ['code', 'name'] %}
        {% if column_level == level or column_level in levels_above %}
        {{ column_level }}_{{ column }},
        {% else %}
        cast(null as string) as {{ column_level }}_{{ column }},
        {% endif %}
        {% endfor %}
        {% endfor %}
        period,
        unit_level,
        state,
        is_reported
    from roster
    where {{ level }}_code is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        scope_code,
        max(scope_name) as scope_name,
        scope_level,
        max(district_code) as district_code,
        max(district_name) as district_name,
        max(city_code) as city_code,
        max(city_name) as city_name,
        max(province_code) as province_code,
        max(province_name) as province_name,
        period,
        cast(count(*) as integer) as expected_count,
        cast(sum(case when is_reported then 1 else 0 end) as integer) as reported_count,
        cast(sum(case when state = 'on_time' then 1 else 0 end) as integer) as on_time_count,
        cast(sum(case when state = 'late' then 1 else 0 end) as integer) as late_count,
        cast(sum(case when state = 'nil' then 1 else 0 end) as integer) as nil_count,
        cast(sum(case when state = 'missing' then 1 else 0 end) as integer) as missing_count,
        cast(sum(case when state = 'rejected' then 1 else 0 end) as integer) as rejected_count,
        cast(sum(case when state = 'not_due' then 1 else 0 end) as integer) as not_due_count,
        cast(sum(case when unit_level = 'street' then 1 else 0 end) as integer) as street_expected_count,
        cast(sum(case when unit_level = 'street' and is_reported then 1 else 0 end) as integer)
            as street_reported_count
    from scoped
    group by scope_code, scope_level, period
)

select * from final
order by period, scope_code
