{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

-- Which rows the hook forgets is looked up there. depends_on: {{ ref('stages') }}

with

from_rules as (
    select * from {{ ref('int_score_item__from_rules') }}
    where {{ changed_stages_filter('stage_code') }}
),

from_indicators as (
    select * from {{ ref('int_score_item__from_indicators') }}
    where {{ changed_stages_filter('stage_code') }}
),

from_counts as (
    select * from {{ ref('int_score_item__from_counts') }}
    where {{ changed_stages_filter('stage_code') }}
),

measured as (
    select * from from_rules
    union all
    select * from from_indicators
    union all
    select * from from_counts
),

final as (
    select
        stage_code,
        unit_code,
        unit_level,
        score_kind,
        item_code,
        subject_count,
        pass_count,
        fail_count,
        not_evaluated_count,
        not_applicable_count,
        too_early_count,
        not_decided_count,
        attainment_sum,
        value_units,
        missing_units,
        kind_points,
        input_state,
        -- 1 = the largest (or the smallest) value of the level; ties share. Units without a value stand outside.
        rank() over (
            partition by stage_code, unit_level, score_kind, item_code
            order by case when value_units is null then 1 else 0 end, value_units desc
        ) as value_rank,
        rank() over (
            partition by stage_code, unit_level, score_kind, item_code
            order by case when value_units is null then 1 else 0 end, value_units asc
        ) as low_value_rank,
        count(value_units) over (partition by stage_code, unit_level, score_kind, item_code) as valued_unit_count
    from measured
)

select * from final
