{{ config(materialized='view') }}

with

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

stages as (
    select * from {{ ref('stages') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

roster_periods as (
    select distinct period from {{ ref('dim_roster') }}
),

units as (
    select * from {{ ref('dim_unit') }}
),

changes as (
    select * from {{ ref('dim_unit_change') }}
),

-- What happened since the stage before began shows in a comparison with it.
dated_stages as (
    select
        stage_code,
        first_period,
        last_period,
        coalesce(lag(first_period) over (order by first_period), first_period) as compared_from
    from stages
),

spans as (
    select
        dated_stages.stage_code,
        min(compared.starts_on) as compared_from_on,
        min(periods.starts_on) as starts_on,
        max(periods.ends_on) as known_until_on
    from dated_stages
    inner join periods on periods.period between dated_stages.first_period and dated_stages.last_period
    inner join roster_periods on periods.period = roster_periods.period
    inner join periods as compared on dated_stages.compared_from = compared.period
    group by dated_stages.stage_code
),

lifetimes as (
    select
        unit_code,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as valid_to
    from units
    group by unit_code
),

-- Having gone tells more than how the unit came about; of several events the last one does.
happened as (
    select
        spans.stage_code,
        changes.new_code as unit_code,
        changes.event,
        changes.event_zh,
        changes.seen_on,
        0 as is_end
    from changes
    inner join spans
        on changes.seen_on > spans.compared_from_on and changes.seen_on <= spans.known_until_on
    where changes.new_code is not null
    union all
    select
        spans.stage_code,
        changes.old_code as unit_code,
        changes.event,
        changes.event_zh,
        changes.seen_on,
        1 as is_end
    from changes
    inner join spans
        on changes.seen_on > spans.compared_from_on and changes.seen_on <= spans.known_until_on
    inner join lifetimes on changes.old_code = lifetimes.unit_code and changes.seen_on >= lifetimes.valid_to
),

last_events as (
    select
        *,
        row_number() over (
            partition by stage_code, unit_code order by is_end desc, seen_on desc, event asc
        ) as recency
    from happened
),

final as (
    select
        stage_units.stage_code,
        stage_units.unit_code,
        last_events.event as unit_event,
        last_events.event_zh as unit_event_zh,
        coalesce(lifetimes.valid_to > spans.starts_on and lifetimes.valid_to <= spans.known_until_on, false) as is_gone
    from stage_units
    inner join spans on stage_units.stage_code = spans.stage_code
    left join lifetimes on stage_units.unit_code = lifetimes.unit_code
    left join last_events
        on
            stage_units.stage_code = last_events.stage_code
            and stage_units.unit_code = last_events.unit_code
            and last_events.recency = 1
)

select * from final
