{{ config(materialized='view') }}

with

stages as (
    select * from {{ ref('stages') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
),

final as (
    select
        roster.unit_code,
        roster.period,
        stages.stage_code,
        stages.name_zh as stage_name_zh,
        roster.unit_level,
        roster.deadline_at,
        roster.is_reported,
        -- The receipt is the evidence and no cell; readers of evidence want the columns all the same.
        cast(null as string) as sheet,
        cast(null as integer) as row,
        concat(stages.stage_code, '/', roster.unit_code) as subject_key,
        case when roster.is_reported then roster.submission_id end as submission_id
    from stages
    inner join roster on stages.last_period = roster.period
)

select * from final
