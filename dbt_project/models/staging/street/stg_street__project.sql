with source as (

    select * from {{ lake('street_project') }}

),

renamed as (

    select
        -- where the row stands
        cast(submission_id as string) as submission_id,
        cast(unit_code as string) as unit_code,
        cast(sheet as string) as sheet,
        cast(row as int) as row,
        cast(lake_period as string) as period,
        -- what it says
        cast(project_name as string) as project_name,
        cast(project_kind as string) as project_kind,
        cast(national_brand as string) as national_brand,
        cast(theme as string) as theme,
        cast(party_count as bigint) as party_count,
        cast(partner_org_name as string) as partner_org_name,
        cast(with_hr_department as boolean) as with_hr_department,
        cast(operation_mode as string) as operation_mode,
        cast(contract_amount as decimal(18, 2)) as contract_amount_cny,
        cast(social_funds as decimal(18, 2)) as social_funds_cny,
        cast(session_count as bigint) as session_count,
        cast(participant_count as bigint) as participant_count,
        cast(satisfaction_pct as decimal(18, 4)) as satisfaction_pct,
        cast(started_on as date) as started_on,
        cast(status as string) as project_status
    from source

)

select * from renamed
