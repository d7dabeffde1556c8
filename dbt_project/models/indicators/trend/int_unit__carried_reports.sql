{{ config(materialized='table') }}

with

bridges as (
    select * from {{ ref('bridge_unit_predecessor') }}
    where has_baseline and kind <> 'split' and unit_code <> predecessor_code
),

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

periods as (
    select * from {{ ref('dim_period') }}
),

lifetimes as (
    select
        unit_code,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as valid_to
    from {{ ref('dim_unit') }}
    group by unit_code
),

-- Who is still there keeps its own quarters: only what has gone for good is carried on by what came out of it.
gone as (
    select
        bridges.unit_code,
        bridges.predecessor_code,
        bridges.kind,
        bridges.valid_from,
        bridges.predecessor_until
    from bridges
    inner join lifetimes
        on
            bridges.predecessor_code = lifetimes.unit_code
            and bridges.predecessor_until >= lifetimes.valid_to
),

-- A street under a new code is one street: a quarter that it has told under the new one is not taken twice. What a
-- merger took in has its own figures as long as it was there.
final as (
    select distinct
        gone.unit_code,
        gone.predecessor_code as part_code,
        theirs.period,
        theirs.is_reported
    from gone
    inner join roster as theirs on gone.predecessor_code = theirs.unit_code
    inner join periods on theirs.period = periods.period
    left join roster as own
        on gone.unit_code = own.unit_code and theirs.period = own.period and own.is_reported
    where
        own.unit_code is null
        or (gone.kind = 'merged' and periods.ends_on < gone.predecessor_until)
)

select * from final
