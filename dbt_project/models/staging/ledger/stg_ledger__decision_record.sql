with source as (

    select * from {{ frozen('decision_record') }}

),

renamed as (

    select
        cast(record_id as string) as record_id,
        cast(stage_code as string) as stage_code,
        cast(unit_code as string) as unit_code,
        cast(rule_id as string) as rule_id,
        cast(subject_key as string) as subject_key,
        cast(kind as string) as kind,
        cast(outcome as string) as outcome,
        cast(decided_at as timestamp) as decided_at,
        cast(decided_by as string) as decided_by,
        cast(reason as string) as reason
    from source

)

select * from renamed
