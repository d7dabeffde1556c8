{{ config(materialized='view') }}

with

standards as (
    select * from {{ ref('fct_sector_standard') }}
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        unit_code as subject_key,
        sector_name,
        document_no,
        true as is_sector,
        coalesce(is_included, false) as is_included_in_standard
    from standards
)

select * from final
