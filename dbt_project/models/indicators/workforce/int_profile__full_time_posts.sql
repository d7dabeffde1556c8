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
        approved_post_count,
        pay_settled as is_pay_settled,
        true as is_stated
    from profiles
)

select * from final
