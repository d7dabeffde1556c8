{{ config(materialized='view') }}

with

rules as (
    select * from {{ ref('int_rules__in_force') }}
),

clauses as (
    select * from {{ ref('clauses') }}
    where force = 'quota'
),

indicators as (
    select * from {{ ref('indicators') }}
),

stages as (
    select * from {{ ref('stages') }}
),

latest_results as (
    select * from {{ ref('int_stage__latest_results') }}
    where {{ changed_stages_filter('stage_code') }}
),

answering_units as (
    select * from {{ ref('int_stage__answering_units') }}
    where {{ changed_stages_filter('stage_code') }}
),

quotas as (
    select
        stages.stage_code,
        rules.rule_id,
        rules.owed_by,
        indicators.unit_level as judged_level
    from stages
    inner join rules on stages.rulebook_version = rules.rulebook_version
    inner join clauses on rules.clause_id = clauses.clause_id
    inner join indicators on rules.indicator_code = indicators.indicator_code
),

-- Who owes a quota meets it when all that it answers for do.
judged as (
    select
        quotas.stage_code,
        answering_units.answering_unit_code as unit_code,
        quotas.rule_id,
        sum(case when latest_results.outcome = 'pass' then 1 else 0 end) as pass_count,
        sum(case when latest_results.outcome in ('fail', 'not_evaluated') then 1 else 0 end) as unmet_count
    from quotas
    inner join latest_results
        on
            quotas.stage_code = latest_results.stage_code
            and quotas.rule_id = latest_results.rule_id
    inner join answering_units
        on
            latest_results.stage_code = answering_units.stage_code
            and latest_results.unit_code = answering_units.unit_code
            and quotas.owed_by like concat('%', answering_units.answering_level, '%')
    where
        latest_results.unit_code = answering_units.answering_unit_code
        or quotas.judged_level <> answering_units.answering_level
    group by quotas.stage_code, answering_units.answering_unit_code, quotas.rule_id
),

final as (
    select
        stage_code,
        unit_code,
        cast(count(*) as integer) as quota_met_count
    from judged
    where pass_count > 0 and unmet_count = 0
    group by stage_code, unit_code
)

select * from final
