{{ config(materialized='view') }}

with

periods as (
    select
        period,
        ends_on
    from {{ ref('dim_period') }}
),

comparisons as (
    select distinct
        listed.later_period,
        listed.earlier_period,
        later.ends_on as later_ends_on,
        earlier.ends_on as earlier_ends_on
    from {{ ref('int_trend__comparisons') }} as listed
    inner join periods as later on listed.later_period = later.period
    inner join periods as earlier on listed.earlier_period = earlier.period
),

bridges as (
    select
        *,
        predecessor_count = 1 and kind not in ('merged', 'split') as is_same_street
    from {{ ref('bridge_unit_predecessor') }}
),

reported as (
    select
        unit_code,
        period
    from {{ ref('dim_roster') }}
    where unit_level = 'street' and is_reported
),

-- Out of what the street was made between the two quarters, as far back as the earlier one and no farther.
dated as (
    select
        bridges.unit_code,
        comparisons.later_period,
        comparisons.earlier_period,
        bridges.predecessor_code,
        bridges.has_baseline,
        bridges.is_same_street
    from bridges
    inner join comparisons
        on
            bridges.valid_from <= comparisons.later_ends_on
            and bridges.predecessor_until > comparisons.earlier_ends_on
    where not exists (
        select 1
        from bridges as formed
        where
            formed.unit_code = bridges.predecessor_code
            and formed.valid_from > comparisons.earlier_ends_on
            and formed.valid_from < bridges.predecessor_until
    )
),

-- A street under a new code may have used it before the day on which the lists have it, or the old one after.
ahead as (
    select
        dated.unit_code,
        dated.later_period,
        dated.earlier_period,
        case
            when dated.is_same_street and theirs.unit_code is null and own.unit_code is not null then dated.unit_code
            else dated.predecessor_code
        end as part_code,
        dated.has_baseline
    from dated
    left join reported as theirs
        on dated.predecessor_code = theirs.unit_code and dated.earlier_period = theirs.period
    left join reported as own
        on dated.unit_code = own.unit_code and dated.earlier_period = own.period
),

behind as (
    select
        bridges.unit_code,
        comparisons.later_period,
        comparisons.earlier_period,
        bridges.predecessor_code as part_code,
        bridges.has_baseline
    from bridges
    inner join reported as theirs on bridges.predecessor_code = theirs.unit_code
    inner join comparisons on theirs.period = comparisons.earlier_period
    left join reported as own
        on bridges.unit_code = own.unit_code and comparisons.earlier_period = own.period
    left join dated
        on
            bridges.unit_code = dated.unit_code
            and comparisons.later_period = dated.later_period
            and comparisons.earlier_period = dated.earlier_period
    where
        bridges.depth = 1
        and bridges.is_same_street
        and own.unit_code is null
        and dated.unit_code is null
),

final as (
    select * from ahead
    union
    select * from behind
)

select * from final
