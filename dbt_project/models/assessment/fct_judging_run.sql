with

runs as (
    select * from {{ ref('stg_judged__gx_run') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

final as (
    select
        build.build_id,
        build.known_at,
        runs.rulebook_version,
        runs.rule_id,
        runs.clause_id,
        runs.row_count,
        runs.evaluated_count,
        runs.unexpected_count,
        runs.null_count,
        runs.is_success,
        runs.duration_seconds
    from runs
    cross join build
)

select * from final
