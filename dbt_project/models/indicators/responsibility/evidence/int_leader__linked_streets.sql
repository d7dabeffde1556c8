{{ config(materialized='view') }}

with

leaders as (
    select distinct
        unit_code,
        period,
        person_key
    from {{ ref('fct_leader') }}
    where is_in_post
),

roster as (
    select * from {{ ref('dim_roster') }}
),

links as (
    select distinct
        unit_code,
        period,
        person_key,
        target_code
    from {{ ref('int_leader_link__classified') }}
    where is_street_link
),

final as (
    select
        leaders.unit_code,
        leaders.period,
        leaders.person_key,
        links.target_code as street_code,
        concat(leaders.unit_code, '/', leaders.person_key) as leader_key,
        coalesce(street_roster.is_reported, false) as has_street_reported
    from leaders
    inner join roster
        on
            leaders.unit_code = roster.unit_code
            and leaders.period = roster.period
            and roster.unit_level = 'district'
            and roster.is_reported
    inner join links
        on
            leaders.unit_code = links.unit_code
            and leaders.period = links.period
            and leaders.person_key = links.person_key
    left join roster as street_roster
        on
            links.target_code = street_roster.unit_code
            and links.period = street_roster.period
)

select * from final
