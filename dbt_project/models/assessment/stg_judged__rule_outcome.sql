{{ config(materialized='view', schema='staging') }}

with

source as (
    select * from {{ judged('rule_outcome') }}
),

renamed as (
    select
        cast(rulebook_version as string) as rulebook_version,
        cast(rule_id as string) as rule_id,
        cast(unit_code as string) as unit_code,
        cast(period as string) as period,
        cast(subject_key as string) as subject_key,
        cast(outcome as string) as outcome
    from source
)

select * from renamed
