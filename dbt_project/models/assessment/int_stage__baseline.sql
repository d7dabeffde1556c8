{{ config(materialized='view') }}

with

scored as (
    select * from {{ ref('int_stage__scored') }}
),

stages as (
    select * from {{ ref('stages') }}
),

roster_periods as (
    select distinct period from {{ ref('dim_roster') }}
),

baseline_parts as (
    select * from {{ ref('int_trend__baseline_parts') }}
),

dated_stages as (
    select
        stage_code,
        first_period,
        last_period,
        lag(stage_code) over (order by first_period) as previous_stage_code,
        lag(last_period) over (order by first_period) as previous_last_period
    from stages
),

-- The last quarter of the stage that is over is compared with the last one of the stage before.
compared_stages as (
    select
        dated_stages.stage_code,
        dated_stages.previous_stage_code,
        dated_stages.previous_last_period as earlier_period,
        max(roster_periods.period) as later_period
    from dated_stages
    inner join roster_periods on roster_periods.period between dated_stages.first_period and dated_stages.last_period
    group by dated_stages.stage_code, dated_stages.previous_stage_code, dated_stages.previous_last_period
),

paired as (
    select
        scored.stage_code,
        scored.unit_code,
        compared_stages.previous_stage_code,
        coalesce(baseline_parts.part_code, scored.unit_code) as part_code,
        coalesce(baseline_parts.has_baseline, true) as has_baseline
    from scored
    inner join compared_stages on scored.stage_code = compared_stages.stage_code
    left join baseline_parts
        on
            scored.unit_code = baseline_parts.unit_code
            and compared_stages.later_period = baseline_parts.later_period
            and compared_stages.earlier_period = baseline_parts.earlier_period
    where {{ changed_stages_filter('scored.stage_code') }}
),

summed as (
    select
        paired.stage_code,
        paired.unit_code,
        count(*) as part_count,
        count(previous.score) as scored_count,
        min(case when paired.has_baseline then 1 else 0 end) = 1 as has_baseline,
        max(case when paired.part_code <> paired.unit_code then 1 else 0 end) = 1 as is_other,
        max(case when paired.previous_stage_code is not null then 1 else 0 end) = 1 as has_previous_stage,
        sum(cast(previous.score as bigint)) as score,
        sum(cast(previous.max_score as bigint)) as max_score
    from paired
    left join scored as previous
        on
            paired.previous_stage_code = previous.stage_code
            and paired.part_code = previous.unit_code
    group by paired.stage_code, paired.unit_code
),

-- A baseline that is not whole is none: who lacks a part of it has neither gained nor lost.
final as (
    select
        stage_code,
        unit_code,
        cast(part_count as integer) as part_count,
        case
            when not has_previous_stage then 'first_stage'
            when not has_baseline then 'not_comparable'
            when scored_count < part_count then 'no_score_before'
            when part_count > 1 then 'merged'
            when is_other then 'predecessor'
            else 'own'
        end as baseline_state,
        case when has_baseline and scored_count = part_count then score end as score,
        case when has_baseline and scored_count = part_count then max_score end as max_score
    from summed
)

select * from final
