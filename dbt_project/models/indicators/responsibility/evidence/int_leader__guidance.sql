{{ config(materialized='view') }}

with

visits as (
    select * from {{ ref('int_leader__visits') }}
),

-- The same visits with the pair of leader and street as the subject.
final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        street_subject_key as subject_key,
        street_code,
        held_on,
        is_guidance
    from visits
)

select * from final
