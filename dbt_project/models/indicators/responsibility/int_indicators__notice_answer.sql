{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

answers as (
    select * from {{ ref('int_notice__answer') }}
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
        max(case when is_answer then 1 else 0 end) as answer_count,
        max(case when is_in_due_form then 1 else 0 end) as in_due_form_count,
        max(case when is_signed_by_deputy then 1 else 0 end) as signed_count
    from answers
    group by unit_code, period, subject_key
),

final as (
    select
        by_unit.unit_code,
        units.unit_level,
        by_unit.period,
        by_unit.subject_key,
        by_unit.title_zh as subject_name,
        case
            when by_unit.answer_count > 0 then 'measured'
            when by_unit.deadline_at > build.known_at then 'not_due'
            else 'not_evaluated'
        end as status,
        case when by_unit.answer_count > 0 then cast(by_unit.in_due_form_count as decimal(18, 4)) end
            as feedback_in_due_form_count,
        case when by_unit.answer_count > 0 then cast(by_unit.signed_count as decimal(18, 4)) end as signed_feedback_count
    from by_unit
    inner join units on by_unit.unit_code = units.unit_code
    cross join build
)

select * from final
