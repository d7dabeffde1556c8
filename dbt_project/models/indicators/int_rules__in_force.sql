{{ config(materialized='view') }}

with

rules as (
    select * from {{ ref('rules') }}
),

rulings as (
    select * from {{ ref('rulings') }}
),

final as (
    select
        rules.rulebook_version,
        rules.rule_id,
        rules.clause_id,
        rules.indicator_code,
        rules.ruling_code,
        rules.ruling_choice,
        rules.operator,
        rules.lower_bound,
        rules.upper_bound,
        rules.severity,
        rules.owed_by,
        rules.owed_by_zh,
        rules.parameter_status,
        rules.message_zh,
        rules.remedy_zh
    from rules
    left join rulings
        on
            rules.rulebook_version = rulings.rulebook_version
            and rules.ruling_code = rulings.ruling_code
            and rules.ruling_choice = rulings.choice
    where rules.ruling_code is null or rulings.choice is not null
)

select * from final
