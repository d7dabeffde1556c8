{{ config(materialized='view', schema='staging') }}

with

source as (
    select * from {{ judged('gx_run') }}
),

renamed as (
    select
        cast(rulebook_version as string) as rulebook_version,
        cast(rule_id as string) as rule_id,
        cast(clause_id as string) as clause_id,
        cast(row_count as bigint) as row_count,
        cast(evaluated_count as bigint) as evaluated_count,
        cast(unexpected_count as bigint) as unexpected_count,
        cast(null_count as bigint) as null_count,
        cast(success as boolean) as is_success,
        cast(seconds as decimal(18, 4)) as duration_seconds
    from source
)

select * from renamed
