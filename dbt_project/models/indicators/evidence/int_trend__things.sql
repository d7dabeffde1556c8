{{ config(materialized='view') }}

with

things as (
    select * from {{ ref('int_trend__street_things') }}
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

units as (
    select distinct
        unit_code,
        unit_level
    from {{ ref('dim_unit') }}
    where unit_level in ('street', 'district', 'city')
),

-- Each thing counts for its street and for the units that the street reports to.
final as (
    select
        things.submission_id,
        units.unit_code,
        units.unit_level,
        things.street_code,
        things.period,
        things.sheet,
        things.row,
        units.unit_code as subject_key,
        things.measure,
        things.thing_key,
        things.measure = 'youth_org' as is_youth_org,
        things.measure = 'venue' as is_venue,
        things.measure = 'staff' as is_staff
    from things
    inner join tree on things.street_code = tree.unit_code
    inner join units on tree.ancestor_code = units.unit_code
)

select * from final
