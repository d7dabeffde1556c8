{{ config(materialized='view') }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'district' and is_reported
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

units as (
    select * from {{ ref('dim_unit_current') }}
    where unit_level = 'street'
),

links as (
    select * from {{ ref('int_leader_link__classified') }}
    where is_street_link
),

final as (
    select
        links.submission_id,
        roster.unit_code,
        roster.period,
        links.sheet,
        links.row,
        roster.unit_code as subject_key,
        units.unit_code as street_code,
        units.unit_name as street_name,
        links.submission_id is not null as is_covered
    from roster
    inner join tree on roster.unit_code = tree.ancestor_code
    inner join units on tree.unit_code = units.unit_code
    left join links
        on
            roster.unit_code = links.unit_code
            and roster.period = links.period
            and units.unit_code = links.target_code
)

select * from final
