{{ config(materialized='view') }}

with

profiles as (
    select * from {{ ref('fct_profile') }}
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        youth_count,
        youth_reached_count,
        floating_youth_count,
        floating_youth_reached_count,
        youth_count is not null as is_counted
    from profiles
)

select * from final
