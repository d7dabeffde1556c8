{{ config(materialized='view') }}

with

courses as (
    select * from {{ ref('fct_course') }}
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        course_name,
        held_on,
        true as is_course,
        coalesce(open_to_units, false) and coalesce(open_to_youth_orgs, false) as is_open_to_both
    from courses
)

select * from final
