{{ config(materialized='view') }}

with

allocated as (
    select * from {{ ref('fct_funding_allocated') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

-- A street may stand in two rows of the classification; one that bears a kind of tilt is enough.
flagged as (
    select distinct
        unit_code,
        period,
        street_code
    from {{ ref('fct_street_class') }}
    where tilt_kind is not null
),

final as (
    select
        allocated.submission_id,
        allocated.unit_code,
        periods.period,
        allocated.sheet,
        allocated.row,
        allocated.unit_code as subject_key,
        allocated.period as allocation_period,
        allocated.street_code,
        allocated.amount_cny,
        true as is_of_year,
        flagged.street_code is not null as is_flagged
    from allocated
    inner join periods as reported_in on allocated.period = reported_in.period
    -- Each allocation counts in the period of its report and in the later ones of its fiscal year.
    inner join periods
        on
            reported_in.year = periods.year
            and reported_in.quarter <= periods.quarter
            and allocated.fiscal_year = periods.year
    left join flagged
        on
            allocated.unit_code = flagged.unit_code
            and periods.period = flagged.period
            and allocated.street_code = flagged.street_code
)

select * from final
