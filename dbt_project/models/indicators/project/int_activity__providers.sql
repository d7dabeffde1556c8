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
        true as is_service,
        social_provider.value_zh is not null as is_of_social_org
    from activities
    inner join periods on activities.period = periods.period
    left join classes as social_provider
        on
            periods.rulebook_version = social_provider.rulebook_version
            and social_provider.class_code = 'social_provider'
            and activities.provider_kind = social_provider.value_zh
)

select * from final
