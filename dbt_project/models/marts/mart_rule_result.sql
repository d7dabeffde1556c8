{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

results as (
    select * from {{ ref('fct_rule_result') }}
    where {{ changed_periods_filter('period') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
    where {{ changed_periods_filter('period') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
),

registry as (
    select * from {{ ref('indicators') }}
),

clauses as (
    select * from {{ ref('clauses') }}
),

outcome_texts as (
    select * from {{ ref('outcome_texts') }}
),

stages as (
    select * from {{ ref('stages') }}
),

thresholds as (
    select
        rulebook_version,
        rule_id,
        case operator
            when 'le' then {{ plain_number('upper_bound') }}
            when 'between' then concat({{ plain_number('lower_bound') }}, '—', {{ plain_number('upper_bound') }})
            else {{ plain_number('lower_bound') }}
        end as threshold_zh
    from rules
),

final as (
    select
        roster.unit_code,
        roster.unit_name,
        roster.unit_level,
        roster.district_code,
        roster.district_name,
        roster.city_code,
        roster.city_name,
        roster.province_code,
        roster.province_name,
        results.period,
        stages.stage_code,
        results.rulebook_version,
        results.rule_id,
        results.clause_id,
        clauses.quote_zh,
        results.indicator_code,
        registry.name_zh as indicator_name_zh,
        results.grain,
        results.subject_key,
        results.subject_name,
        results.value,
        results.lower_bound,
        results.upper_bound,
        results.operator,
        thresholds.threshold_zh,
        registry.measure_unit_zh,
        results.status,
        results.outcome,
        outcome_texts.outcome_zh,
        -- 1000 is only what is met in full.
        cast(case
            when results.attainment_millionths = 1000000 then 1000
            else least({{ half_up('results.attainment_millionths', '1000') }}, 999)
        end as integer) as attainment_thousandths,
        rules.severity,
        results.owed_by,
        rules.owed_by_zh,
        results.parameter_status,
        case
            when results.outcome = 'fail'
                then {{ render_message('rules.message_zh', 'results.value', 'thresholds.threshold_zh') }}
            else outcome_texts.message_zh
        end as message_zh,
        case
            when results.outcome = 'fail'
                then {{ render_message('rules.remedy_zh', 'results.value', 'thresholds.threshold_zh') }}
            else outcome_texts.remedy_zh
        end as remedy_zh,
        roster.submission_id
    from results
    inner join roster
        on results.unit_code = roster.unit_code and results.period = roster.period
    inner join rules
        on results.rulebook_version = rules.rulebook_version and results.rule_id = rules.rule_id
    inner join thresholds
        on results.rulebook_version = thresholds.rulebook_version and results.rule_id = thresholds.rule_id
    inner join registry on results.indicator_code = registry.indicator_code
    inner join clauses on results.clause_id = clauses.clause_id
    left join outcome_texts
        on
            results.outcome = outcome_texts.outcome
            and case when results.outcome <> results.judged_outcome then 'decided' else results.status end
            = outcome_texts.status
    left join stages
        on results.period between stages.first_period and stages.last_period
)

select * from final
