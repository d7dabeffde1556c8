{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

with

lines as (
    select * from {{ ref('fct_score_line') }}
    where {{ changed_stages_filter('stage_code') }}
),

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
),

clauses as (
    select * from {{ ref('clauses') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

score_groups as (
    select * from {{ ref('int_score_group__nested') }}
),

final as (
    select
        lines.stage_code,
        stage_units.unit_code,
        stage_units.unit_name,
        stage_units.unit_level,
        stage_units.district_code,
        stage_units.district_name,
        stage_units.city_code,
        stage_units.city_name,
        stage_units.province_code,
        stage_units.province_name,
        lines.rulebook_version,
        lines.score_kind,
        lines.group_code,
        score_groups.path_zh as group_name_zh,
        lines.rule_id,
        cast(coalesce(rules.clause_id, indicators.clause_id) as string) as clause_id,
        clauses.quote_zh,
        rules.owed_by,
        lines.weight,
        lines.method,
        lines.is_in_denominator,
        lines.attainment_thousandths,
        lines.points,
        lines.max_points,
        lines.subject_count,
        lines.pass_count,
        lines.fail_count,
        lines.not_evaluated_count,
        lines.not_applicable_count,
        lines.too_early_count,
        lines.not_decided_count,
        lines.paper_code,
        lines.item_code,
        lines.item_zh,
        lines.sort_order,
        lines.indicator_code,
        lines.counts_as,
        lines.value,
        lines.raw_points,
        lines.raw_max_points,
        lines.input_state,
        lines.is_stacked_out
    from lines
    inner join stage_units
        on
            lines.stage_code = stage_units.stage_code
            and lines.unit_code = stage_units.unit_code
    left join rules
        on
            lines.rulebook_version = rules.rulebook_version
            and lines.rule_id = rules.rule_id
    left join indicators on lines.indicator_code = indicators.indicator_code
    left join clauses on coalesce(rules.clause_id, indicators.clause_id) = clauses.clause_id
    inner join score_groups
        on
            lines.paper_code = score_groups.paper_code
            and lines.group_code = score_groups.group_code
)

select * from final
order by stage_code, unit_code
