{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

linked_streets as (
    select * from {{ ref('int_leader__linked_streets') }}
    where {{ changed_periods_filter('period') }}
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

guidance as (
    select
        subject_key,
        period,
        count(*) as guidance_count
    from {{ ref('int_leader__guidance') }}
    where is_guidance and {{ changed_periods_filter('period') }}
    group by subject_key, period
),

final as (
    select
        linked_streets.unit_code,
        'district' as unit_level,
        linked_streets.period,
        'measured' as status,
        cast(coalesce(guidance.guidance_count, 0) as decimal(18, 4)) as guidance_record_count,
        concat(linked_streets.leader_key, '/', linked_streets.street_code) as subject_key,
        coalesce(units.unit_name, linked_streets.street_code) as subject_name
    from linked_streets
    left join units on linked_streets.street_code = units.unit_code
    left join guidance
        on
            concat(linked_streets.leader_key, '/', linked_streets.street_code) = guidance.subject_key
            and linked_streets.period = guidance.period
)

select * from final
