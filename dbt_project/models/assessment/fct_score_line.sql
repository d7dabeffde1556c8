{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

with

lines as (
    select * from {{ ref('int_score_line__earned') }}
    where {{ changed_stages_filter('stage_code') }}
),

group_scores as (
    select * from {{ ref('fct_group_score') }}
    where {{ changed_stages_filter('stage_code') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
),

-- How many thousandths of the score one thousandth of the line is worth, as a fraction; 1 outside of the total. What a
-- group inside another one has brought to its own points is rounded on the way.
weighed as (
    select
        lines.*,
        case
            when not lines.is_in_denominator then 1
            when group_scores.parent_group_code is not null then group_scores.worth
            when group_scores.group_points is null then group_scores.total_points
            else group_scores.total_points * group_scores.group_points
        end as worth,
        case
            when not lines.is_in_denominator then 1
            when group_scores.parent_group_code is not null then 1000000000
            when group_scores.group_points is null then group_scores.total_available
            else group_scores.total_available * group_scores.item_points
        end as worth_divisor,
        case
            when not lines.is_in_denominator or group_scores.parent_group_code is null or group_scores.group_points is null
                then lines.earned_points
            else {{ half_up_signed('lines.earned_points * group_scores.group_points', 'group_scores.item_points') }}
        end as brought_points,
        case
            when not lines.is_in_denominator or group_scores.parent_group_code is null or group_scores.group_points is null
                then lines.points_units
            else {{ half_up('lines.points_units * group_scores.group_points', 'group_scores.item_points') }}
        end as brought_units
    from lines
    inner join group_scores
        on
            lines.stage_code = group_scores.stage_code
            and lines.unit_code = group_scores.unit_code
            and lines.score_kind = group_scores.score_kind
            and lines.group_code = group_scores.group_code
),

final as (
    select
        weighed.stage_code,
        weighed.unit_code,
        weighed.unit_level,
        weighed.rulebook_version,
        weighed.score_kind,
        weighed.group_code,
        case when weighed.reads = 'rule' then weighed.reads_code end as rule_id,
        cast(weighed.weight as decimal(12, 3)) as weight,
        weighed.method,
        weighed.is_in_denominator,
        cast(weighed.attainment_thousandths as integer) as attainment_thousandths,
        cast(case
            when weighed.is_in_denominator or weighed.counts_as = 'extra'
                then {{ half_up_signed('weighed.brought_points * weighed.worth', 'weighed.worth_divisor') }}
        end as integer) as points,
        cast(case
            when weighed.is_in_denominator
                then {{ half_up('weighed.brought_units * weighed.worth', 'weighed.worth_divisor') }}
        end as integer) as max_points,
        cast(weighed.subject_count as integer) as subject_count,
        cast(weighed.pass_count as integer) as pass_count,
        cast(weighed.fail_count as integer) as fail_count,
        cast(weighed.not_evaluated_count as integer) as not_evaluated_count,
        cast(weighed.not_applicable_count as integer) as not_applicable_count,
        cast(weighed.too_early_count as integer) as too_early_count,
        cast(weighed.not_decided_count as integer) as not_decided_count,
        weighed.paper_code,
        weighed.item_code,
        weighed.item_zh,
        cast(weighed.sort_order as integer) as sort_order,
        case when weighed.reads = 'indicator' then weighed.reads_code else rules.indicator_code end as indicator_code,
        weighed.counts_as,
        cast(cast(weighed.value_units as decimal(18, 0)) * 0.0001 as decimal(18, 4)) as value,
        cast(weighed.earned_points as integer) as raw_points,
        cast(weighed.points_units as integer) as raw_max_points,
        weighed.input_state,
        weighed.is_stacked_out
    from weighed
    left join rules
        on
            weighed.reads = 'rule'
            and weighed.rulebook_version = rules.rulebook_version
            and weighed.reads_code = rules.rule_id
)

select * from final
order by stage_code, unit_code
