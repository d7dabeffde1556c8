{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

indicator_values as (
    select * from {{ ref('int_indicators__values') }}
    where {{ changed_periods_filter('period') }}
),

registry as (
    select * from {{ ref('indicators') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
    where {{ changed_periods_filter('period') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
),

final as (
    select
        roster.unit_code,
        roster.unit_name,
        roster.unit_level,
        roster.district_code,
        roster.district_name,
        roster.city_code,
        roster.city_name,
        roster.province_code,
        roster.province_name,
        indicator_values.period,
        indicator_values.indicator_code,
        registry.name_zh as indicator_name_zh,
        registry.name_en as indicator_name_en,
        registry.clause_id,
        indicator_values.grain,
        indicator_values.subject_key,
        indicator_values.subject_name,
        indicator_values.value,
        registry.measure_unit_zh,
        indicator_values.status,
        rules.rule_id is not null as is_judged
    from indicator_values
    inner join registry on indicator_values.indicator_code = registry.indicator_code
    inner join roster
        on
            indicator_values.unit_code = roster.unit_code
            and indicator_values.period = roster.period
    inner join periods on indicator_values.period = periods.period
    left join rules
        on
            periods.rulebook_version = rules.rulebook_version
            and indicator_values.indicator_code = rules.indicator_code
)

select * from final
