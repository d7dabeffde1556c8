with source as (

    select * from {{ frozen('waiver') }}

),

renamed as (

    select
        cast(waiver_id as string) as waiver_id,
        cast(scope_code as string) as scope_code,
        cast(issue_code as string) as issue_code,
        cast(from_period as string) as from_period,
        cast(to_period as string) as to_period,
        cast(office_code as string) as office_code,
        cast(office_name as string) as office_name,
        cast(reason as string) as reason,
        cast(recorded_at as timestamp) as recorded_at,
        cast(revoked_at as timestamp) as revoked_at,
        cast(revoked_by as string) as revoked_by,
        cast(revocation_reason as string) as revocation_reason
    from source

)

select * from renamed
