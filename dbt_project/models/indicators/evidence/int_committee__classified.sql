{{ config(materialized='view') }}

with

committees as (
    select * from {{ ref('fct_committee') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

final as (
    select
        committees.submission_id,
        committees.unit_code,
        committees.period,
        committees.sheet,
        committees.row,
        committees.unit_code as subject_key,
        committees.committee_name,
        active.value_zh is not null as is_active
    from committees
    inner join periods on committees.period = periods.period
    left join classes as active
        on
            periods.rulebook_version = active.rulebook_version
            and active.class_code = 'committee_active'
            and committees.committee_status = active.value_zh
)

select * from final
