{{ config(materialized='view') }}

with

member_units as (
    select * from {{ ref('fct_member_unit') }}
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        unit_name,
        coalesce(is_member, false) as is_counted,
        coalesce(is_member, false) and coalesce(has_duty, false) as is_named_in_duty_list
    from member_units
)

select * from final
