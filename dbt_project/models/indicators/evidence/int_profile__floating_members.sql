{{ config(materialized='view') }}

with

profiles as (
    select * from {{ ref('fct_profile') }}
),

final as (
    select
        profiles.submission_id,
        profiles.unit_code,
        profiles.period,
        profiles.sheet,
        profiles.row,
        profiles.unit_code as subject_key,
        profiles.floating_member_known_count,
        profiles.floating_member_contacted_count,
        profiles.floating_member_known_count is not null as is_known
    from profiles
)

select * from final
