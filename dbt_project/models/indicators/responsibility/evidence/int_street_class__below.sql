{{ config(materialized='view') }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level in ('province', 'city') and is_reported
),

periods as (
    select * from {{ ref('dim_period') }}
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

units as (
    select * from {{ ref('dim_unit_current') }}
    where unit_level = 'street'
),

street_classes as (
    select * from {{ ref('fct_street_class') }}
),

final as (
    select
        street_classes.submission_id,
        roster.unit_code,
        roster.period,
        street_classes.sheet,
        street_classes.row,
        roster.unit_code as subject_key,
        units.unit_code as street_code,
        units.unit_name as street_name,
        street_classes.street_class is not null as is_classified,
        coalesce(
            street_classes.last_inspected_on <= periods.ends_on
            and extract(year from street_classes.last_inspected_on) = periods.year,
            false
        ) as is_inspected_in_year
    from roster
    inner join periods on roster.period = periods.period
    inner join tree on roster.unit_code = tree.ancestor_code
    inner join units on tree.unit_code = units.unit_code
    left join street_classes
        on
            roster.unit_code = street_classes.unit_code
            and roster.period = street_classes.period
            and units.unit_code = street_classes.street_code
)

select * from final
