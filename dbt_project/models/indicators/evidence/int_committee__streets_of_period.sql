{{ config(materialized='view') }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level <> 'street'
),

periods as (
    select * from {{ ref('dim_period') }}
),

streets as (
    select * from {{ ref('dim_unit') }}
    where unit_level = 'street'
),

-- The tree that is in force at the end of the period: later mergers and moves do not reach back.
final as (
    select
        roster.unit_code,
        roster.unit_name,
        roster.unit_level,
        roster.period,
        roster.is_reported,
        streets.unit_code as street_code,
        streets.unit_name as street_name,
        roster.state = 'nil' as is_nil
    from roster
    inner join periods on roster.period = periods.period
    inner join streets
        on
            roster.unit_code = streets.reporting_parent_code
            and {{ valid_on('streets.valid_from', 'streets.valid_to', 'periods.ends_on') }}
)

select * from final
