{{ config(materialized='view') }}

with

stages as (
    select * from {{ ref('stages') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
    where parameter_status = 'draft'
),

provinces as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'province'
),

-- The rule book is the evidence and no cell; readers of evidence want the columns all the same.
final as (
    select
        cast(null as string) as submission_id,
        provinces.unit_code,
        provinces.period,
        cast(null as string) as sheet,
        cast(null as integer) as row,
        stages.stage_code,
        rules.rulebook_version,
        rules.rule_id,
        true as is_draft,
        concat(stages.stage_code, '/', provinces.unit_code) as subject_key
    from stages
    inner join provinces on stages.first_period = provinces.period
    inner join rules on stages.rulebook_version = rules.rulebook_version
)

select * from final
