{{ config(materialized='table') }}

with

carriers as (
    select * from {{ ref('int_unit__carrier') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

periods as (
    select * from {{ ref('dim_period') }}
),

-- A street under a new code is one street: a quarter that it has told under the new one is not taken twice. What a
-- merger took in has its own figures as long as it was there.
final as (
    select distinct
        carriers.unit_code,
        carriers.predecessor_code as part_code,
        theirs.period,
        theirs.is_reported,
        theirs.state = 'nil' as is_nil
    from carriers
    inner join roster as theirs on carriers.predecessor_code = theirs.unit_code
    inner join periods on theirs.period = periods.period
    left join roster as own
        on carriers.unit_code = own.unit_code and theirs.period = own.period and own.is_reported
    where
        own.unit_code is null
        or (carriers.kind = 'merged' and periods.ends_on < carriers.predecessor_until)
)

select * from final
