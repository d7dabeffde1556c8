{{ config(materialized='view') }}

with

streets as (
    select * from {{ ref('int_committee__streets_of_period') }}
    where unit_level = 'district' and is_reported
),

links as (
    select * from {{ ref('int_leader_link__classified') }}
    where is_street_link
),

final as (
    select
        links.submission_id,
        streets.unit_code,
        streets.unit_name,
        streets.unit_level,
        streets.period,
        links.sheet,
        links.row,
        streets.unit_code as subject_key,
        streets.street_code,
        streets.street_name,
        links.submission_id is not null as is_covered
    from streets
    left join links
        on
            streets.unit_code = links.unit_code
            and streets.period = links.period
            and streets.street_code = links.target_code
)

select * from final
