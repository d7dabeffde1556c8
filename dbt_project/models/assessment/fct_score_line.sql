{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

with

results as (
    select * from {{ ref('int_stage__latest_results') }}
    where {{ changed_stages_filter('stage_code') }}
),

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

weights as (
    select * from {{ ref('weights') }}
),

counted as (
    select
        stage_code,
        scored_unit_code,
        rule_id,
        count(*) as subject_count,
        sum(case when outcome = 'pass' then 1 else 0 end) as pass_count,
        sum(case when outcome = 'fail' then 1 else 0 end) as fail_count,
        sum(case when outcome = 'not_evaluated' then 1 else 0 end) as not_evaluated_count,
        sum(case when outcome = 'not_applicable' then 1 else 0 end) as not_applicable_count,
        sum(case when outcome = 'too_early' then 1 else 0 end) as too_early_count,
        sum(case when outcome = 'not_decided' then 1 else 0 end) as not_decided_count,
        sum(coalesce(attainment_thousandths, 0)) as attainment_sum
    from results
    group by stage_code, scored_unit_code, rule_id
),

weighted as (
    select
        counted.stage_code,
        counted.scored_unit_code as unit_code,
        stage_units.unit_level,
        stage_units.rulebook_version,
        weights.score_kind,
        weights.group_code,
        counted.rule_id,
        weights.weight,
        weights.method,
        weights.cap,
        counted.subject_count,
        counted.pass_count,
        counted.fail_count,
        counted.not_evaluated_count,
        counted.not_applicable_count,
        counted.too_early_count,
        counted.not_decided_count,
        counted.attainment_sum,
        counted.pass_count + counted.fail_count + counted.not_evaluated_count as judged_count
    from counted
    inner join stage_units
        on
            counted.stage_code = stage_units.stage_code
            and counted.scored_unit_code = stage_units.unit_code
    inner join weights
        on
            stage_units.rulebook_version = weights.rulebook_version
            and stage_units.unit_level = weights.unit_level
            and counted.rule_id = weights.rule_id
),

-- The mean over the subjects that were judged; subjects that are not applicable, too early or not decided leave it.
attained as (
    select
        *,
        judged_count > 0 as is_in_denominator,
        case
            when judged_count > 0 and method = 'attainment'
                then {{ half_up('attainment_sum', 'judged_count') }}
            when judged_count > 0 and method = 'pass_fail'
                then {{ half_up('1000 * pass_count', 'judged_count') }}
        end as uncapped_thousandths
    from weighted
),

capped as (
    select
        *,
        least(uncapped_thousandths, coalesce(cap, uncapped_thousandths)) as attainment_thousandths
    from attained
),

with_total as (
    select
        *,
        sum(case when is_in_denominator then weight else 0 end) over (
            partition by stage_code, unit_code, score_kind
        ) as total_weight
    from capped
),

final as (
    select
        stage_code,
        unit_code,
        unit_level,
        rulebook_version,
        score_kind,
        group_code,
        rule_id,
        cast(weight as integer) as weight,
        method,
        is_in_denominator,
        cast(attainment_thousandths as integer) as attainment_thousandths,
        cast(case
            when is_in_denominator
                then {{ half_up('100 * weight * attainment_thousandths', 'total_weight') }}
        end as integer) as points,
        cast(case
            when is_in_denominator then {{ half_up('100000 * weight', 'total_weight') }}
        end as integer) as max_points,
        cast(subject_count as integer) as subject_count,
        cast(pass_count as integer) as pass_count,
        cast(fail_count as integer) as fail_count,
        cast(not_evaluated_count as integer) as not_evaluated_count,
        cast(not_applicable_count as integer) as not_applicable_count,
        cast(too_early_count as integer) as too_early_count,
        cast(not_decided_count as integer) as not_decided_count
    from with_total
)

select * from final
order by stage_code, unit_code
