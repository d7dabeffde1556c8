{{ config(materialized='view') }}

with

indicator_values as (
    select * from {{ ref('int_indicators__values') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

stages as (
    select * from {{ ref('stages') }}
),

final as (
    select
        rules.rulebook_version,
        rules.rule_id,
        rules.clause_id,
        indicator_values.unit_code,
        indicator_values.unit_level,
        indicator_values.period,
        indicator_values.grain,
        indicator_values.subject_key,
        indicator_values.subject_name,
        indicator_values.indicator_code,
        indicator_values.value,
        rules.lower_bound,
        rules.upper_bound,
        rules.operator,
        indicator_values.status,
        rules.owed_by,
        rules.parameter_status,
        coalesce(stages.accepts_draft, false) as accepts_draft
    from indicator_values
    inner join periods on indicator_values.period = periods.period
    inner join rules
        on
            periods.rulebook_version = rules.rulebook_version
            and indicator_values.indicator_code = rules.indicator_code
    left join stages
        on periods.period between stages.first_period and stages.last_period
)

select * from final
