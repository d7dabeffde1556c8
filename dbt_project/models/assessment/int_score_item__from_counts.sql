{{ config(materialized='view') }}

with

items as (
    select * from {{ ref('int_score_item__in_stage') }}
    where reads in ('fact', 'record', 'report') and {{ changed_stages_filter('stage_code') }}
),

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

kind_counts as (
    select * from {{ ref('int_score_item__kind_counts') }}
),

kinds as (
    select * from {{ ref('score_item_kinds') }}
),

priced as (
    select
        kind_counts.stage_code,
        kind_counts.unit_level,
        kind_counts.score_kind,
        kind_counts.item_code,
        kind_counts.unit_code,
        kind_counts.case_count,
        {{ clipped(
            'kind_counts.case_count * ' ~ thousandths('kinds.points'),
            '-' ~ thousandths('kinds.cap'), thousandths('kinds.cap')
        ) }} as kind_points
    from kind_counts
    inner join items
        on
            kind_counts.stage_code = items.stage_code
            and kind_counts.unit_level = items.unit_level
            and kind_counts.score_kind = items.score_kind
            and kind_counts.item_code = items.item_code
    left join kinds
        on
            items.paper_code = kinds.paper_code
            and kind_counts.item_code = kinds.item_code
            and kind_counts.kind_value = kinds.kind_value
),

counted as (
    select
        stage_code,
        unit_level,
        score_kind,
        item_code,
        unit_code,
        sum(case_count) as case_count,
        sum(kind_points) as kind_points,
        max(kind_points) as best_kind_points
    from priced
    group by stage_code, unit_level, score_kind, item_code, unit_code
),

combined as (
    select
        items.stage_code,
        stage_units.unit_code,
        items.unit_level,
        items.score_kind,
        items.item_code,
        items.reads = 'fact' and (
            stage_units.reported_count = 0
            or (items.over_periods = 'latest' and stage_units.last_reported_period <> stage_units.last_due_period)
        ) as is_missing,
        case items.reads
            when 'report'
                then
                    case items.reads_code
                        when 'expected' then stage_units.expected_count
                        when 'reported' then stage_units.reported_count
                        when 'on_time' then stage_units.on_time_count
                        when 'late' then stage_units.late_count
                        when 'nil' then stage_units.nil_count
                        when 'missing' then stage_units.missing_count
                        when 'rejected' then stage_units.rejected_count
                    end
            else coalesce(counted.case_count, 0)
        end as case_count,
        coalesce(case when items.over_subjects = 'max' then counted.best_kind_points else counted.kind_points end, 0)
            as kind_points
    from items
    inner join stage_units
        on
            items.stage_code = stage_units.stage_code
            and items.unit_level = stage_units.unit_level
    left join counted
        on
            items.stage_code = counted.stage_code
            and items.unit_level = counted.unit_level
            and items.score_kind = counted.score_kind
            and items.item_code = counted.item_code
            and stage_units.unit_code = counted.unit_code
),

-- What a report should have told is missing when none came, and the state of a register when the last one did not;
-- reports and records are counted whatever came.
final as (
    select
        stage_code,
        unit_code,
        unit_level,
        score_kind,
        item_code,
        cast(1 as bigint) as subject_count,
        cast(0 as bigint) as pass_count,
        cast(0 as bigint) as fail_count,
        cast(case when is_missing then 1 else 0 end as bigint) as not_evaluated_count,
        cast(0 as bigint) as not_applicable_count,
        cast(0 as bigint) as too_early_count,
        cast(0 as bigint) as not_decided_count,
        cast(null as bigint) as attainment_sum,
        cast(case when not is_missing then case_count * 10000 end as bigint) as value_units,
        cast(null as bigint) as missing_units,
        cast(kind_points as bigint) as kind_points,
        case when is_missing then 'missing' else 'counted' end as input_state
    from combined
)

select * from final
