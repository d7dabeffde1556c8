{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

-- Which rows the hook forgets is looked up there. depends_on: {{ ref('stages') }}

with

based as (
    select * from {{ ref('int_score_line__based') }}
    where {{ changed_stages_filter('stage_code') }}
),

tiers as (
    select * from {{ ref('int_score_line__tiers') }}
),

stepped as (
    select
        based.*,
        tiers.tier_points,
        based.pass_count + based.fail_count + based.not_evaluated_count as judged_count,
        -- Points of the units counted: whole ones only, begun ones too, or pro rata.
        case based.unit_rounding
            when 'whole'
                then {{ whole_quotient('based.basis_units', 'based.unit_size_units') }} * based.per_unit_units
            when 'begun'
                then
                    {{ whole_quotient('based.basis_units + based.unit_size_units - 1', 'based.unit_size_units') }}
                    * based.per_unit_units
            when 'pro_rata'
                then {{ half_up_signed('based.basis_units * based.per_unit_units', 'based.unit_size_units') }}
        end as counted_points,
        -- In millionths; outside of its bounds a value reaches only a share of the bound, and below nothing no share.
        case
            when based.value_units is null then 0
            when based.value_units < based.least_units
                then
                    case
                        when based.value_units <= 0 then 0
                        else {{ half_up('1000000 * cast(based.value_units as bigint)', 'based.least_units') }}
                    end
            when based.value_units > based.most_units
                then
                    case
                        when based.most_units <= 0 then 0
                        else {{ half_up('1000000 * cast(based.most_units as bigint)', 'based.value_units') }}
                    end
            else 1000000
        end as share_of_target
    from based
    left join tiers
        on
            based.stage_code = tiers.stage_code
            and based.unit_code = tiers.unit_code
            and based.score_kind = tiers.score_kind
            and based.item_code = tiers.item_code
),

shared as (
    select
        *,
        case
            when input_state not in ('counted', 'missing') then null
            when method = 'veto' then null
            when reads = 'rule' and method in ('attainment', 'range')
                then {{ half_up('attainment_sum', 'judged_count') }}
            when reads = 'rule' and method = 'pass_fail'
                then {{ half_up('1000000 * cast(pass_count as bigint)', 'judged_count') }}
            when input_state = 'missing' then 0
            when method in ('attainment', 'range') then share_of_target
            when method = 'pass_fail' then case when share_of_target = 1000000 then 1000000 else 0 end
        end as share_millionths
    from stepped
),

pointed as (
    select
        *,
        case
            when method = 'veto' then 0
            when input_state = 'missing' and counts_as = 'extra' and method = 'deduction'
                then coalesce(points_units - counted_points, floor_units, 0)
            when input_state = 'missing' and share_millionths is null then 0
            when share_millionths is not null then {{ half_up('cast(points_units as bigint) * share_millionths', '1000000') }}
            when method = 'tiered' then coalesce(tier_points, 0)
            when method = 'per_unit' then counted_points
            when method = 'deduction' then points_units - coalesce(counted_points, kind_points)
            when method = 'by_kind' then kind_points
        end as free_points
    from shared
),

-- What does not apply, or cannot be told yet, leaves the total, or counts in full or as nothing, as the paper says.
treated as (
    select
        *,
        case
            when method = 'veto' or counts_as <> 'base' then 'outside'
            when input_state in ('counted', 'missing') then 'counts'
            when input_state = 'pending' then pending_policy
            else na_policy
        end as treatment
    from pointed
),

earned as (
    select
        *,
        case
            when input_state in ('counted', 'missing') then {{ clipped('free_points', 'floor_units', 'cap_units') }}
            when treatment = 'full' then points_units
            when treatment = 'zero' then 0
        end as earned_points
    from treated
),

-- Of items that do not add up only the largest count, bonus or deduction.
stacked as (
    select
        *,
        case
            when stacking_group is null or earned_points is null then 1
            else row_number() over (
                partition by stage_code, unit_code, score_kind, stacking_group
                order by
                    case when earned_points is null then 1 else 0 end,
                    abs(earned_points) desc, points_units desc, sort_order asc, item_code asc
            )
        end as stack_place
    from earned
),

final as (
    select
        stage_code,
        unit_code,
        unit_level,
        rulebook_version,
        paper_code,
        score_kind,
        group_code,
        item_code,
        item_zh,
        sort_order,
        reads,
        reads_code,
        method,
        counts_as,
        weight,
        input_state,
        stack_place > stack_keep as is_stacked_out,
        treatment in ('counts', 'full', 'zero') and stack_place <= stack_keep as is_in_denominator,
        treatment = 'leave' as is_left_out,
        value_units,
        case
            -- 1000 is only what is met in full.
            when share_millionths = 1000000 then 1000
            when counts_as = 'base' and points_units > 0 and earned_points >= points_units then 1000
            when share_millionths is not null then least({{ half_up('share_millionths', '1000') }}, 999)
            when counts_as = 'base' and points_units > 0 and earned_points is not null
                then least({{ half_up('1000 * greatest(earned_points, 0)', 'points_units') }}, 999)
        end as attainment_thousandths,
        case when stack_place <= stack_keep then earned_points else 0 end as earned_points,
        points_units,
        subject_count,
        pass_count,
        fail_count,
        not_evaluated_count,
        not_applicable_count,
        too_early_count,
        not_decided_count
    from stacked
)

select * from final
