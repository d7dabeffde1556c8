{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

feedback as (
    select * from {{ ref('int_notice__feedback') }}
    where {{ changed_periods_filter('period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

by_unit as (
    select
        unit_code,
        period,
        subject_key,
        max(title_zh) as title_zh,
        max(deadline_at) as deadline_at,
        max(case when is_in_time then 1 else 0 end) as in_time_count
    from feedback
    group by unit_code, period, subject_key
),

final as (
    select
        by_unit.unit_code,
        units.unit_level,
        by_unit.period,
        by_unit.subject_key,
        by_unit.title_zh as subject_name,
        cast(by_unit.in_time_count as decimal(18, 4)) as feedback_in_time_count,
        case when by_unit.deadline_at > build.known_at then 'provisional' else 'measured' end as status
    from by_unit
    inner join units on by_unit.unit_code = units.unit_code
    cross join build
)

select * from final
