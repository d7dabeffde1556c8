{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

-- Which rows the hook forgets is looked up there. depends_on: {{ ref('stages') }}

with

results as (
    select * from {{ ref('fct_rule_result') }}
),

stages as (
    select * from {{ ref('stages') }}
    where {{ changed_stages_filter('stage_code') }}
),

staged as (
    select
        stages.stage_code,
        results.rule_id,
        results.unit_code,
        results.period,
        results.subject_key,
        results.outcome,
        results.attainment_millionths,
        results.value,
        results.lower_bound,
        results.upper_bound,
        -- A report that is not due yet says nothing: it must not push aside what is known of an earlier period.
        results.status <> 'not_due' as is_telling
    from results
    inner join stages
        on results.period between stages.first_period and stages.last_period
),

ranked as (
    select
        stage_code,
        rule_id,
        unit_code,
        period,
        subject_key,
        outcome,
        attainment_millionths,
        value,
        lower_bound,
        upper_bound,
        row_number() over (
            partition by stage_code, rule_id, unit_code, subject_key
            order by case when is_telling then 1 else 0 end desc, period desc
        ) as recency,
        max(case when is_telling then period end) over (
            partition by stage_code, rule_id, unit_code
        ) as last_telling_period
    from staged
),

final as (
    select
        stage_code,
        rule_id,
        unit_code,
        period,
        subject_key,
        outcome,
        attainment_millionths,
        value,
        lower_bound,
        upper_bound
    from ranked
    where
        recency = 1
        -- A row about the unit as a whole stands in for subjects nobody reported, until a later report names some.
        and (subject_key <> unit_code or last_telling_period is null or period >= last_telling_period)
)

select * from final
