{{ config(materialized='view') }}

with

activities as (
    select * from {{ ref('fct_activity') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

final as (
    select
        activities.submission_id,
        activities.unit_code,
        activities.period,
        activities.sheet,
        activities.row,
        activities.unit_code as subject_key,
        activities.held_on,
        activities.unit_count,
        coalesce(activities.held_on between periods.starts_on and periods.ends_on, false) as is_held_in_period
    from activities
    inner join periods on activities.period = periods.period
)

select * from final
