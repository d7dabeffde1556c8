{{ config(materialized='table') }}

with

stage_units as (
    select * from {{ ref('int_stage__roster') }}
),

stages as (
    select * from {{ ref('stages') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
),

records as (
    select * from {{ ref('stg_ledger__decision_record') }}
    where kind in ('excuse', 'admit')
),

street_classes as (
    select * from {{ ref('fct_street_class') }}
),

submissions as (
    select * from {{ ref('fct_submission') }}
),

predecessors as (
    select * from {{ ref('bridge_unit_predecessor') }}
),

unit_changes as (
    select * from {{ ref('int_stage__unit_change') }}
),

first_periods as (
    select
        stages.stage_code,
        min(roster.period) as first_period
    from stages
    inner join roster on roster.period between stages.first_period and stages.last_period
    group by stages.stage_code
),

-- The roster of a stage is that of its first period; who joins later is listed and not ranked.
frozen as (
    select
        first_periods.stage_code,
        roster.unit_code
    from first_periods
    inner join roster on first_periods.first_period = roster.period
),

-- A street that came out of one of these takes its place; it did not join late.
successors as (
    select distinct
        frozen.stage_code,
        predecessors.unit_code
    from frozen
    inner join predecessors on frozen.unit_code = predecessors.predecessor_code
),

dated_records as (
    select
        stage_code,
        unit_code,
        kind,
        outcome,
        row_number() over (
            partition by stage_code, unit_code, kind order by decided_at desc, record_id desc
        ) as recency
    from records
),

standing_records as (
    select * from dated_records
    where recency = 1 and coalesce(outcome, '') <> 'lifted'
),

dated_classes as (
    select
        stages.stage_code,
        street_classes.street_code,
        street_classes.street_class,
        row_number() over (
            partition by stages.stage_code, street_classes.street_code
            order by street_classes.period desc, length(street_classes.unit_code) desc, street_classes.row desc
        ) as recency
    from street_classes
    inner join stages on street_classes.period between stages.first_period and stages.last_period
    -- Only the committee above a street classes it: a code begins with the code of the unit above it.
    where street_classes.street_code like concat(street_classes.unit_code, '%')
),

clean_submissions as (
    select
        stages.stage_code,
        submissions.unit_code,
        min(submissions.submitted_at) as first_clean_at
    from submissions
    inner join stages on submissions.period between stages.first_period and stages.last_period
    where
        submissions.state = 'accepted'
        and not submissions.is_after_close
        and submissions.error_count = 0
        and submissions.query_count = 0
    group by stages.stage_code, submissions.unit_code
),

final as (
    select
        stage_units.stage_code,
        stage_units.unit_code,
        dated_classes.street_class,
        clean_submissions.first_clean_at,
        frozen.unit_code is null and successors.unit_code is null and admitted.unit_code is null as is_late_entrant,
        excused.unit_code is not null as is_excused,
        coalesce(unit_changes.is_gone, false) as is_gone
    from stage_units
    left join frozen
        on
            stage_units.stage_code = frozen.stage_code
            and stage_units.unit_code = frozen.unit_code
    left join successors
        on
            stage_units.stage_code = successors.stage_code
            and stage_units.unit_code = successors.unit_code
    left join unit_changes
        on
            stage_units.stage_code = unit_changes.stage_code
            and stage_units.unit_code = unit_changes.unit_code
    left join standing_records as admitted
        on
            stage_units.stage_code = admitted.stage_code
            and stage_units.unit_code = admitted.unit_code
            and admitted.kind = 'admit'
    left join standing_records as excused
        on
            stage_units.stage_code = excused.stage_code
            and stage_units.unit_code = excused.unit_code
            and excused.kind = 'excuse'
    left join dated_classes
        on
            stage_units.stage_code = dated_classes.stage_code
            and stage_units.unit_code = dated_classes.street_code
            and dated_classes.recency = 1
    left join clean_submissions
        on
            stage_units.stage_code = clean_submissions.stage_code
            and stage_units.unit_code = clean_submissions.unit_code
)

select * from final
