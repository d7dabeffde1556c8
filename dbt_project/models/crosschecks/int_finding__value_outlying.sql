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

mixed as (
    select distinct
        period,
        entity,
        field
    from class_sizes
    where is_small
),

-- a class that is large enough is a group of peers; the others are held against all streets
peers as (
    select
        placed.period,
        placed.entity,
        placed.field,
        placed.street_class as peer_group,
        placed.unit_code,
        placed.amount,
        placed.place
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
        placed.period,
        placed.entity,
        placed.field,
        '' as peer_group,
        placed.unit_code,
        placed.amount,
        placed.place
    from placed
    inner join mixed
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

-- 1.4826 times the median distance is the standard deviation of what is normally distributed
spreads as (
    select
        peers.period,
        peers.entity,
        peers.field,
        peers.peer_group,
        1.4826 * median(abs(peers.place - middles.middle)) as spread
    from peers
    inner join middles
        on
            peers.period = middles.period
            and peers.entity = middles.entity
            and peers.field = middles.field
            and peers.peer_group = middles.peer_group
    group by peers.period, peers.entity, peers.field, peers.peer_group
),

-- from which place and which figure on a street of the class is asked
limits as (
    select
        class_sizes.period,
        class_sizes.entity,
        class_sizes.field,
        class_sizes.street_class,
        figures.issue_code,
        middles.middle_amount,
        middles.street_count,
        middles.middle + figures.least_z * greatest(spreads.spread, figures.least_spread) as least_place,
        middles.middle_amount + figures.least_difference as least_amount
    from class_sizes
    inner join figures
        on
            class_sizes.entity = figures.entity
            and class_sizes.field = figures.field
    inner join middles
        on
            class_sizes.period = middles.period
            and class_sizes.entity = middles.entity
            and class_sizes.field = middles.field
            and middles.peer_group = case when class_sizes.is_small then '' else class_sizes.street_class end
    inner join spreads
        on
            middles.period = spreads.period
            and middles.entity = spreads.entity
            and middles.field = spreads.field
            and middles.peer_group = spreads.peer_group
    where middles.street_count >= figures.least_peers
),

final as (
    select
        limits.issue_code,
        placed.submission_id,
        placed.unit_code,
        placed.period,
        placed.entity,
        placed.field,
        placed.row,
        {{ plain_number('placed.amount') }} as raw_value,
        {{ plain_number('limits.middle_amount') }} as expected,
        cast(limits.street_count - 1 as integer) as other_count,
        concat(coalesce(placed.line_name, ''), '|', {{ plain_number('placed.amount') }}) as told_key
    from placed
    inner join limits
        on
            placed.period = limits.period
            and placed.entity = limits.entity
            and placed.field = limits.field
            and placed.street_class = limits.street_class
    where
        placed.place >= limits.least_place
        and placed.amount >= limits.least_amount
)

select * from final
