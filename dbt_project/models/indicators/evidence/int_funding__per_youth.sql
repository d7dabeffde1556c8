{{ config(materialized='view') }}

with

received as (
    select * from {{ ref('fct_funding_received') }}
),

profiles as (
    select * from {{ ref('fct_profile') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

districts as (
    select * from {{ ref('dim_unit_current') }}
    where unit_level = 'district'
),

final as (
    select
        received.submission_id,
        districts.unit_code,
        periods.period,
        received.sheet,
        received.row,
        districts.unit_code as subject_key,
        profiles.unit_code as street_code,
        received.amount_cny,
        profiles.youth_count,
        received.submission_id is not null as is_of_district
    from profiles
    inner join periods on profiles.period = periods.period
    inner join tree on profiles.unit_code = tree.unit_code
    inner join districts on tree.ancestor_code = districts.unit_code
    left join periods as reported_in
        on
            periods.year = reported_in.year
            and periods.quarter >= reported_in.quarter
    left join received
        on
            profiles.unit_code = received.unit_code
            and reported_in.period = received.period
            and periods.year = received.fiscal_year
)

select * from final
