with

records as (
    select * from {{ ref('stg_ledger__decision_record') }}
    where kind = 'claim'
),

stages as (
    select * from {{ ref('stages') }}
),

ranked as (
    select
        records.subject_key as claim_id,
        records.stage_code,
        records.unit_code as decided_unit_code,
        records.outcome,
        records.decided_at,
        records.decided_by,
        records.reason,
        stages.first_period,
        stages.last_period,
        row_number() over (
            partition by records.subject_key, records.stage_code order by records.decided_at desc, records.record_id desc
        ) as stage_recency,
        row_number() over (
            partition by records.subject_key order by records.decided_at desc, records.record_id desc
        ) as recency
    from records
    left join stages on records.stage_code = stages.stage_code
),

final as (
    select
        claim_id,
        stage_code,
        decided_unit_code,
        outcome,
        decided_at,
        decided_by,
        reason,
        first_period,
        last_period,
        recency = 1 as is_newest
    from ranked
    where stage_recency = 1
)

select * from final
