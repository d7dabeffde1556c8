{{ config(materialized='view') }}

with

pairings as (
    select * from {{ ref('fct_pairing') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

final as (
    select
        pairings.submission_id,
        pairings.unit_code,
        pairings.period,
        pairings.sheet,
        pairings.row,
        pairings.unit_code as subject_key,
        pairings.unit_name,
        coalesce(pairings.agreed_on <= periods.ends_on, false) as is_paired,
        coalesce(pairings.agreed_on <= periods.ends_on, false)
        and coalesce(pairings.action_count, 0) > 0 as is_live
    from pairings
    inner join periods on pairings.period = periods.period
)

select * from final
