{{ config(materialized='view') }}

with

activities as (
    select * from {{ ref('fct_activity') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

final as (
    select
        activities.submission_id,
        activities.unit_code,
        activities.period,
        activities.sheet,
        activities.row,
        activities.unit_code as subject_key,
        activities.activity_name,
        activities.activity_kind,
        platform.value_zh is not null as is_platform_activity
    from activities
    inner join periods on activities.period = periods.period
    left join classes as platform
        on
            periods.rulebook_version = platform.rulebook_version
            and platform.class_code = 'platform_activity'
            and activities.activity_kind = platform.value_zh
)

select * from final
