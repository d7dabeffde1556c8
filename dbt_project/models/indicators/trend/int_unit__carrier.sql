{{ config(materialized='view') }}

with

bridges as (
    select * from {{ ref('bridge_unit_predecessor') }}
    where has_baseline and kind <> 'split' and unit_code <> predecessor_code
),

lifetimes as (
    select
        unit_code,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as valid_to
    from {{ ref('dim_unit') }}
    group by unit_code
),

expected as (
    select distinct unit_code from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

-- Who is still there keeps its own quarters: only what has gone for good is carried on by what came out of it.
gone as (
    select distinct
        bridges.unit_code,
        bridges.predecessor_code,
        bridges.kind,
        bridges.predecessor_until,
        case when expected.unit_code is not null then bridges.depth end as expected_depth
    from bridges
    left join lifetimes on bridges.predecessor_code = lifetimes.unit_code
    left join expected on bridges.unit_code = expected.unit_code
    -- a town was never on our lists, and is gone once it is a street
    where lifetimes.unit_code is null or bridges.predecessor_until >= lifetimes.valid_to
),

last_steps as (
    select
        predecessor_code,
        max(expected_depth) as last_depth
    from gone
    group by predecessor_code
),

-- A predecessor that went into two streets is carried on by none alone.
successors as (
    select
        gone.predecessor_code,
        min(gone.unit_code) as successor_code
    from gone
    inner join last_steps
        on
            gone.predecessor_code = last_steps.predecessor_code
            and gone.expected_depth = last_steps.last_depth
    group by gone.predecessor_code
    having count(distinct gone.unit_code) = 1
),

final as (
    select
        gone.unit_code,
        gone.predecessor_code,
        gone.kind,
        gone.predecessor_until,
        successors.successor_code is not null as is_successor
    from gone
    left join successors
        on
            gone.predecessor_code = successors.predecessor_code
            and gone.unit_code = successors.successor_code
)

select * from final
