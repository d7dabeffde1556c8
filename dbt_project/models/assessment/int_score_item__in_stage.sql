{{ config(materialized='view') }}

with

stages as (
    select * from {{ ref('stages') }}
),

papers as (
    select * from {{ ref('papers') }}
),

items as (
    select * from {{ ref('score_items') }}
),

-- What an item leaves empty takes its usual value here; points in thousandths, figures in ten-thousandths.
final as (
    select
        stages.stage_code,
        stages.rulebook_version,
        stages.first_period,
        stages.last_period,
        items.paper_code,
        items.unit_level,
        items.score_kind,
        items.item_code,
        items.name_zh as item_zh,
        items.group_code,
        items.sort_order,
        items.reads,
        items.reads_code,
        coalesce(items.kind_column, '') as kind_column,
        coalesce(items.flag_column, '') as flag_column,
        items.method,
        items.counts_as,
        coalesce(items.points, 0) as weight,
        {{ thousandths('coalesce(items.points, 0)') }} as points_units,
        {{ thousandths('items.per_unit') }} as per_unit_units,
        {{ ten_thousandths('coalesce(items.unit_size, 1)') }} as unit_size_units,
        coalesce(items.unit_rounding, 'whole') as unit_rounding,
        coalesce(items.counted, 'value') as counted,
        {{ ten_thousandths('items.target') }} as target_units,
        {{ ten_thousandths('items.lower_value') }} as lower_units,
        {{ ten_thousandths('items.upper_value') }} as upper_units,
        coalesce(items.direction, 'at_least') as direction,
        coalesce(items.interpolation, 'step') as interpolation,
        -- A share of the total gives no more than its points; what stands outside of the total only when it says so.
        {{ thousandths("coalesce(items.cap, case when items.counts_as = 'base' then items.points end)") }} as cap_units,
        {{ thousandths("coalesce(items.floor, case when items.counts_as = 'base' then 0 end)") }} as floor_units,
        coalesce(items.over_periods, 'latest') as over_periods,
        coalesce(items.over_subjects, 'sum') as over_subjects,
        items.stacking_group,
        coalesce(items.stack_keep, 1) as stack_keep,
        coalesce(items.na_policy, papers.na_policy) as na_policy,
        papers.pending_policy
    from stages
    inner join papers on stages.paper_code = papers.paper_code
    inner join items
        on
            papers.paper_code = items.paper_code
            and papers.unit_level = items.unit_level
            and papers.score_kind = items.score_kind
)

select * from final
