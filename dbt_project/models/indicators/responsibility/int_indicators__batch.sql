{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'street'
        and {{ changed_periods_filter('period') }}
),

stages as (
    select * from {{ ref('stages') }}
),

batches as (
    select
        subject_key,
        period,
        count(distinct batch_code) as batch_count
    from {{ ref('int_street__batches') }}
    where is_batch and {{ changed_periods_filter('period') }}
    group by subject_key, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        stages.name_zh as subject_name,
        'measured' as status,
        cast(coalesce(batches.batch_count, 0) as decimal(18, 4)) as enrolled_batch_count,
        concat(stages.stage_code, '/', roster.unit_code) as subject_key
    from roster
    inner join stages on roster.period = stages.last_period
    left join batches
        on
            roster.period = batches.period
            and concat(stages.stage_code, '/', roster.unit_code) = batches.subject_key
)

select * from final
