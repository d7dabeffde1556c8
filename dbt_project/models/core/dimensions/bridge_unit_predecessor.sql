{#-
  How often one unit can have followed another since the first list: there are nine lists, so at most eight times. Steps and
  no recursion, as in bridge_unit_ancestor; a test fails when a chain is longer.
-#}
{%- set deepest = 4 -%}

with changes as (

    select * from {{ ref('dim_unit_change') }}
    where
        old_code is not null
        and new_code is not null

),

units as (

    select * from {{ ref('dim_unit') }}
    where unit_level = 'street'

),

street_codes as (

    select distinct unit_code
    from units

),

-- a rename leaves the code alone, so the unit's own earlier figures are found without this table
followed as (

    select
        new_code as unit_code,
        old_code as predecessor_code,
        seen_on as valid_from,
        event as kind,
        has_baseline,
        confidence
    from changes
    where
        old_code <> new_code
        or event in ('merged', 'split')

),

-- a street that takes others in and keeps its code is one of its own predecessors
survivors as (

    select distinct
        followed.unit_code,
        followed.unit_code as predecessor_code,
        followed.valid_from,
        followed.kind,
        true as has_baseline,
        followed.confidence
    from followed
    inner join units
        on
            followed.unit_code = units.unit_code
            and followed.valid_from > units.valid_from
    where
        followed.kind = 'merged'
        and not exists (
            select 1
            from followed as named
            where
                named.unit_code = followed.unit_code
                and named.predecessor_code = followed.unit_code
                and named.valid_from = followed.valid_from
        )

),

followed_or_survived as (

    select * from followed
    union all
    select * from survivors

),

step_1 as (

    select
        unit_code,
        predecessor_code,
        valid_from,
        valid_from as predecessor_until,
        kind,
        has_baseline,
        confidence,
        1 as depth
    from followed_or_survived

),

{% for depth in range(2, deepest + 1) %}
-- what came before that; a split or a merger on the way colours the whole way
step_{{ depth }} as (

    select
        nearer.unit_code,
        followed.predecessor_code,
        nearer.valid_from,
        followed.valid_from as predecessor_until,
        case
            when nearer.kind = 'split' or followed.kind = 'split' then 'split'
            when nearer.kind = 'merged' or followed.kind = 'merged' then 'merged'
            else nearer.kind
        end as kind,
        nearer.has_baseline and followed.has_baseline as has_baseline,
        case
            when nearer.confidence = 'weak' or followed.confidence = 'weak' then 'weak'
            when nearer.confidence = 'fair' or followed.confidence = 'fair' then 'fair'
            when nearer.confidence = 'strong' or followed.confidence = 'strong' then 'strong'
            else nearer.confidence
        end as confidence,
        {{ depth }} as depth
    from step_{{ depth - 1 }} as nearer
    inner join followed_or_survived as followed
        on
            nearer.predecessor_code = followed.unit_code
            and nearer.predecessor_until > followed.valid_from
    where nearer.unit_code <> nearer.predecessor_code

),

{% endfor %}
all_steps as (

    {% for depth in range(1, deepest + 1) %}
    select
        unit_code,
        predecessor_code,
        valid_from,
        predecessor_until,
        kind,
        has_baseline,
        confidence,
        depth
    from step_{{ depth }}{% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

),

final as (

    select
        all_steps.unit_code,
        all_steps.predecessor_code,
        all_steps.valid_from,
        all_steps.predecessor_until,
        all_steps.kind,
        all_steps.has_baseline,
        all_steps.confidence,
        cast(all_steps.depth as integer) as depth,
        cast(count(*) over (partition by all_steps.unit_code, all_steps.valid_from, all_steps.depth) as integer)
            as predecessor_count,
        predecessors.unit_code is not null as is_street_predecessor
    from all_steps
    inner join street_codes on all_steps.unit_code = street_codes.unit_code
    left join street_codes as predecessors on all_steps.predecessor_code = predecessors.unit_code

)

select * from final
