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
        media_account_count,
        media_post_count,
        media_post_count is not null as is_post_count_stated
    from profiles
)

select * from final
