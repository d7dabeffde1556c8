{{ config(materialized='view') }}

with

items as (
    select * from {{ ref('int_score_item__in_stage') }}
    where {{ changed_stages_filter('stage_code') }}
),

measured as (
    select * from {{ ref('int_score_item__measured') }}
    where {{ changed_stages_filter('stage_code') }}
),

-- What the method is applied to, in ten-thousandths: the value itself or what the item counts of it.
final as (
    select
        items.stage_code,
        items.rulebook_version,
        items.paper_code,
        items.unit_level,
        items.score_kind,
        items.item_code,
        items.item_zh,
        items.group_code,
        items.sort_order,
        items.reads,
        items.reads_code,
        items.method,
        items.counts_as,
        items.weight,
        items.points_units,
        items.per_unit_units,
        items.unit_size_units,
        items.unit_rounding,
        items.direction,
        items.interpolation,
        items.cap_units,
        items.floor_units,
        items.stacking_group,
        items.stack_keep,
        items.na_policy,
        items.pending_policy,
        measured.unit_code,
        measured.subject_count,
        measured.pass_count,
        measured.fail_count,
        measured.not_evaluated_count,
        measured.not_applicable_count,
        measured.too_early_count,
        measured.not_decided_count,
        measured.attainment_sum,
        measured.value_units,
        measured.kind_points,
        measured.input_state,
        case items.counted
            when 'value' then measured.value_units
            when 'missing'
                then
                    case
                        when items.target_units is null then measured.missing_units
                        else greatest(items.target_units - coalesce(measured.value_units, 0), 0)
                    end
            when 'excess'
                then
                    case
                        when measured.value_units > items.target_units then measured.value_units - items.target_units
                        when measured.value_units is not null then 0
                    end
            when 'outside'
                then
                    case
                        when measured.value_units < items.lower_units then items.lower_units - measured.value_units
                        when measured.value_units > items.upper_units then measured.value_units - items.upper_units
                        when measured.value_units is not null then 0
                    end
            when 'fails' then measured.fail_count * 10000
            when 'passes' then measured.pass_count * 10000
            when 'not_evaluated' then measured.not_evaluated_count * 10000
            when 'rank' then measured.value_rank * 10000
            when 'low_rank' then measured.low_value_rank * 10000
            -- percent of the level's units that stand no lower
            when 'rank_pct'
                then {{ half_up('measured.value_rank * 1000000', 'greatest(measured.valued_unit_count, 1)') }}
            when 'low_rank_pct'
                then {{ half_up('measured.low_value_rank * 1000000', 'greatest(measured.valued_unit_count, 1)') }}
        end as basis_units,
        -- Ends of what is met in full: at_most turns a target into the upper end.
        case
            when items.direction = 'at_least' then coalesce(items.lower_units, items.target_units)
            when items.target_units is null then items.lower_units
        end as least_units,
        case
            when items.direction = 'at_most' then coalesce(items.target_units, items.upper_units)
            else items.upper_units
        end as most_units
    from items
    inner join measured
        on
            items.stage_code = measured.stage_code
            and items.unit_level = measured.unit_level
            and items.score_kind = measured.score_kind
            and items.item_code = measured.item_code
)

select * from final
