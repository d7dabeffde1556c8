{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

figures as (
    select * from {{ ref('compared_figures') }}
),

street_classes as (
    select * from {{ ref('fct_street_class') }}
),

numbers as (
    {{ compared_numbers() }}
),

-- The class that the nearest committee above gives the street in the period.
ranked_classes as (
    select
        period,
        street_code,
        street_class,
        row_number() over (partition by period, street_code order by length(unit_code) desc, row desc) as rank_number
    from street_classes
    where street_code like concat(unit_code, '%') and {{ changed_periods_filter('period') }}
),

placed as (
    select
        numbers.*,
        ln(numbers.amount) as place,
        coalesce(ranked_classes.street_class, '-') as street_class
    from numbers
    left join ranked_classes
        on
            numbers.period = ranked_classes.period
            and numbers.unit_code = ranked_classes.street_code
            and ranked_classes.rank_number = 1
),

class_sizes as (
    select
        placed.period,
        placed.entity,
        placed.field,
        placed.street_class,
        count(distinct placed.unit_code) < min(figures.least_peers) as is_small
    from placed
    inner join figures on placed.entity = figures.entity and placed.field = figures.field
    group by placed.period, placed.entity, placed.field, placed.street_class
),

-- who is in a class of its own size stands in it; all stand in the whole where some class is too small
peers as (
    select
        placed.*,
        placed.street_class as peer_group,
        true as is_judged
    from placed
    inner join class_sizes
        on
            placed.period = class_sizes.period
            and placed.entity = class_sizes.entity
            and placed.field = class_sizes.field
            and placed.street_class = class_sizes.street_class
    where not class_sizes.is_small
    union all
    select
        placed.*,
        '' as peer_group,
        class_sizes.is_small as is_judged
    from placed
    inner join class_sizes
        on
            placed.period = class_sizes.period
            and placed.entity = class_sizes.entity
            and placed.field = class_sizes.field
            and placed.street_class = class_sizes.street_class
    inner join
        (
            select distinct
                period,
                entity,
                field
            from class_sizes
            where is_small
        ) as mixed
        on
            placed.period = mixed.period
            and placed.entity = mixed.entity
            and placed.field = mixed.field
),

middles as (
    select
        period,
        entity,
        field,
        peer_group,
        median(place) as middle,
        median(amount) as middle_amount,
        count(distinct unit_code) as street_count
    from peers
    group by period, entity, field, peer_group
),

distances as (
    select
        peers.*,
        middles.middle_amount,
        middles.street_count,
        peers.place - middles.middle as distance
    from peers
    inner join middles
        on
            peers.period = middles.period
            and peers.entity = middles.entity
            and peers.field = middles.field
            and peers.peer_group = middles.peer_group
),

-- 1.4826 times the median distance is the standard deviation of what is normally distributed
spreads as (
    select
        period,
        entity,
        field,
        peer_group,
        1.4826 * median(abs(distance)) as spread
    from distances
    group by period, entity, field, peer_group
),

final as (
    select
        figures.issue_code,
        distances.submission_id,
        distances.unit_code,
        distances.period,
        distances.entity,
        distances.field,
        distances.row,
        {{ plain_number('distances.amount') }} as raw_value,
        {{ plain_number('distances.middle_amount') }} as expected,
        cast(distances.street_count - 1 as integer) as other_count,
        concat(coalesce(distances.line_name, ''), '|', {{ plain_number('distances.amount') }}) as identity
    from distances
    inner join spreads
        on
            distances.period = spreads.period
            and distances.entity = spreads.entity
            and distances.field = spreads.field
            and distances.peer_group = spreads.peer_group
    inner join figures
        on
            distances.entity = figures.entity
            and distances.field = figures.field
    where
        distances.is_judged
        and distances.street_count >= figures.least_peers
        and distances.amount - distances.middle_amount >= figures.least_difference
        and distances.distance >= figures.least_z * greatest(spreads.spread, figures.least_spread)
)

select * from final
