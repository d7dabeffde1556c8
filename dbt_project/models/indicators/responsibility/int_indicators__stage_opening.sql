{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'province'
        and {{ changed_periods_filter('period') }}
),

stages as (
    select * from {{ ref('stages') }}
),

drafts as (
    select
        subject_key,
        period,
        count(distinct rule_id) as rule_count
    from {{ ref('int_stage__draft_rules') }}
    where {{ changed_periods_filter('period') }}
    group by subject_key, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        stages.name_zh as subject_name,
        'measured' as status,
        cast(coalesce(drafts.rule_count, 0) as decimal(18, 4)) as draft_rule_count,
        concat(stages.stage_code, '/', roster.unit_code) as subject_key
    from roster
    inner join stages on roster.period = stages.first_period
    left join drafts
        on
            roster.period = drafts.period
            and concat(stages.stage_code, '/', roster.unit_code) = drafts.subject_key
)

select * from final
