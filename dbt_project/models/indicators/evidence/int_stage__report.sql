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
        case when roster.is_reported then roster.submission_id end as submission_id,
        roster.unit_code,
        roster.period,
        cast(null as string) as sheet,
        -- The receipt is the evidence, no cell: readers of evidence want the column all the same.
        cast(null as integer) as row,  -- noqa: RF04
        concat(stages.stage_code, '/', roster.unit_code) as subject_key,
        stages.stage_code,
        stages.name_zh as stage_name_zh,
        roster.unit_level,
        roster.deadline_at,
        roster.is_reported
    from stages
    inner join roster on stages.last_period = roster.period
)

select * from final
